package hidden

import (
	"context"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Set is what may not be seen online of one patient: the entries that are
// hidden, and what belongs to them.
type Set map[ident.Ref]bool

// Has tells whether an entry may not be seen online.
func (s Set) Has(item ident.Ref) bool { return s[item] }

// belongs are the searches for what goes with an entry: with a request its
// messages, photos and red flags, with a message its files and notices, with a
// consultation all that was recorded in it, with an appointment the wait for an
// earlier one.
var belongs = map[string][]string{
	"Task": {
		"Communication?based-on=", "DocumentReference?related=", "Appointment?based-on=", "DetectedIssue?implicated=",
	},
	"Communication": {"DocumentReference?related=", "Communication?part-of="},
	"Appointment":   {"Appointment?supporting-info="},
	"Encounter": {
		"Composition?encounter=", "Condition?encounter=", "Observation?encounter=", "MedicationRequest?encounter=",
		"DocumentReference?encounter=", "DiagnosticReport?encounter=", "Procedure?encounter=", "ServiceRequest?encounter=",
		"Communication?encounter=",
	},
}

// Of gives the set of a patient. An error is an error: who cannot read what is
// hidden shows nothing.
func Of(ctx context.Context, p *record.Practice, patient ident.Ref) (Set, error) {
	marks, err := List(ctx, p, patient)
	if err != nil {
		return nil, err
	}
	s := Set{}
	for _, m := range marks {
		if err := s.add(ctx, p, m.Item); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s Set) add(ctx context.Context, p *record.Practice, item ident.Ref) error {
	if s[item] {
		return nil
	}
	s[item] = true
	switch item.Type {
	case "Composition", "Task", "DocumentReference":
		res, _, err := search.Get(ctx, p, item)
		if err != nil || res == nil {
			return err
		}
		if err := s.within(ctx, p, res); err != nil {
			return err
		}
	}
	for _, q := range belongs[item.Type] {
		err := search.Each(ctx, p, q+item.String(), func(v record.Version, _ *fhir.Resource) error {
			return s.add(ctx, p, v.Ref)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// within adds what an entry itself names: of a note the consultation it was
// written in, of a request what was written, of a file its bytes.
func (s Set) within(ctx context.Context, p *record.Practice, res *fhir.Resource) error {
	switch res.Type() {
	case "Composition":
		if e, ok := ident.ParseRef(res.Get("encounter", "reference").Str()); ok {
			return s.add(ctx, p, e)
		}
	case "Task":
		if f, ok := ident.ParseRef(res.Get("focus", "reference").Str()); ok {
			return s.add(ctx, p, f)
		}
	case "DocumentReference":
		for c := range res.Get("content").Items() {
			if b, ok := ident.ParseRef(c.Get("attachment", "url").Str()); ok && b.Type == "Binary" {
				s[b] = true
			}
		}
	}
	return nil
}

// Inner tells what is the practice's own work about a patient, and no part of
// the record that they see: jobs and other tasks but requests, cases of the
// practice's workflows, where messages are filed, what is still being written,
// and messages that have not gone.
func Inner(ref ident.Ref, res *fhir.Resource) bool {
	status := res.Get("status")
	switch ref.Type {
	case "Task":
		return ours(res.Get("code"), care.TaskCode) != "request"
	case "Basic": // why somebody's messages were switched off is for staff
		return ours(res.Get("code"), care.Base+"setting") == "direct-messages"
	case "List": // where staff filed messages: they are seen as messages
		return ours(res.Get("code"), care.Base+"filing-heading") != ""
	case "CarePlan":
		return strings.HasPrefix(res.Get("instantiatesUri").First().Str(), care.Base)
	case "Communication":
		switch ours(res.Get("category"), care.MessageKind) {
		case "", "message", "reply", "outcome":
			return !status.Is("completed")
		}
		return true
	}
	return status.Is("preliminary") || status.Is("registered")
}

// ours is the code that a CodeableConcept, or the first of several, has in one
// of our systems; "" for none.
func ours(n fhir.Node, system string) string {
	for concept := range n.Items() {
		for c := range concept.Get("coding").Items() {
			if c.Get("system").Is(system) {
				return c.Get("code").Str()
			}
		}
	}
	return ""
}

// Hides tells whether a resource may not be seen online: it is hidden, it is
// the practice's own work, it is the mark of something that is hidden, or it
// names something that is, which would tell of it.
func (s Set) Hides(ref ident.Ref, res *fhir.Resource) bool {
	return s[ref] || Inner(ref, res) || ref.Type == "Consent" && isMark(res) || len(s) > 0 && s.named(res.Root())
}

// isMark tells whether a Consent is the mark of an entry that is or was hidden.
func isMark(res *fhir.Resource) bool {
	return res.Get("category").First().Get("coding").First().Get("code").Is(category)
}

// named tells whether anything in a resource refers to what is in the set.
func (s Set) named(n fhir.Node) bool {
	switch n.Kind() {
	case fhir.Object, fhir.Array:
		for m := range n.Children() {
			if s.named(m) {
				return true
			}
		}
	case fhir.String:
		if n.KeyIs("reference") || n.KeyIs("url") || n.KeyIs("valueUri") {
			return s[target(n.Str())]
		}
	}
	return false
}

// target is what a reference leads to, whether it is relative, absolute or to
// a version; zero for anything else.
func target(s string) ident.Ref {
	s, _, _ = strings.Cut(s, "/_history/")
	parts := strings.Split(s, "/")
	if len(parts) < 2 {
		return ident.Ref{}
	}
	r, _ := ident.ParseRef(parts[len(parts)-2] + "/" + parts[len(parts)-1])
	return r
}
