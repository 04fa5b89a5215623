// Package hidden keeps entries of a record out of sight online.
//
// What comes in: an entry that staff say must not be seen online, and why. What
// goes out: a mark on it (a FHIR Consent that denies), and the set of entries
// that patients' pages leave out. It is for people who may be made to show
// their telephone to somebody, and for what a proxy must not see.
//
// It must never take anything out of the record, never hide anything from
// staff, and never leave a trace on a patient's page that something is hidden.
package hidden

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Mark is one entry that is hidden.
type Mark struct {
	Item   ident.Ref
	Reason string
	By     string // "Practitioner/…"
	Since  time.Time
}

const (
	category = "hidden-online"
	longest  = 500 // characters of a reason
)

// Kinds are the types that can be hidden: requests with their messages,
// consultations, messages, and what else the journal shows. An allergy always
// shows.
var Kinds = []string{
	"Task", "Encounter", "Composition", "Communication", "DocumentReference", "Condition",
	"MedicationRequest", "MedicationStatement", "Observation", "DiagnosticReport", "Immunization", "Procedure",
	"ServiceRequest", "Appointment",
}

// refOf is where the mark of an item is kept: always the same, so that an
// entry has one mark however often it is hidden and shown.
func refOf(item ident.Ref) ident.Ref {
	sum := sha256.Sum256([]byte(item.String()))
	return ident.Ref{Type: "Consent", ID: "hidden-" + hex.EncodeToString(sum[:16])}
}

// Hide keeps an entry of a patient's record from being seen online. To hide
// what is hidden changes its reason.
func Hide(ctx context.Context, p *record.Practice, by record.Author, patient, item ident.Ref, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case !slices.Contains(Kinds, item.Type):
		return fault.New(fault.Refused, "An entry of this sort cannot be hidden.")
	case reason == "" || utf8.RuneCountInString(reason) > longest:
		return fault.At(fault.Invalid, "reason", "Say in a few words why it must not be seen online.")
	}
	v, err := p.Read(ctx, item)
	if err != nil {
		return err
	}
	res, err := v.Resource()
	if err != nil {
		return err
	}
	if !about(res, patient) {
		return fault.New(fault.NotFound, "There is no such entry in this patient's record.")
	}
	return put(ctx, p, by, patient, item, "active", reason)
}

// Show lets an entry be seen online again; why is kept.
func Show(ctx context.Context, p *record.Practice, by record.Author, patient, item ident.Ref, why string) error {
	why = strings.TrimSpace(why)
	if why == "" || utf8.RuneCountInString(why) > longest {
		return fault.At(fault.Invalid, "reason", "Say in a few words why it may be seen online again.")
	}
	if _, err := p.Read(ctx, refOf(item)); err != nil {
		return err
	}
	return put(ctx, p, by, patient, item, "inactive", why)
}

func about(res *fhir.Resource, patient ident.Ref) bool {
	for _, name := range []string{"for", "subject", "patient"} {
		if write.Target(res.Get(name)) == patient {
			return true
		}
	}
	for part := range res.Get("participant").Items() {
		if write.Target(part.Get("actor")) == patient {
			return true
		}
	}
	return false
}

// Born adds to a change that makes an entry that it is hidden from the first
// instant on: there is none in which whoever acts for the patient sees it.
func Born(b *write.Builder, by record.Author, patient, item ident.Ref, reason string, now time.Time) {
	b.Create(refOf(item), mark(by, patient, item, "active", reason, now))
}

func mark(by record.Author, patient, item ident.Ref, status, reason string, now time.Time) write.Obj {
	o := write.Obj{
		"status":     status,
		"scope":      write.Coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy", ""),
		"category":   write.List{write.Coded(care.Base+"consent", category, "Not seen online")},
		"patient":    write.Ref(patient),
		"dateTime":   write.Instant(now),
		"policyRule": write.Obj{"text": "Hidden from online access by the practice"},
		"provision": write.Obj{
			"type": "deny", "data": write.List{write.Obj{"meaning": "instance", "reference": write.Ref(item)}},
			"code": write.List{write.Obj{"text": reason}},
		},
	}
	if r, ok := ident.ParseRef(by.Ref); ok && r.Type == "Practitioner" {
		o["performer"] = write.List{write.Ref(r)}
	}
	return o
}

func put(ctx context.Context, p *record.Practice, by record.Author, patient, item ident.Ref, status, reason string) error {
	ref, o := refOf(item), mark(by, patient, item, status, reason, p.Now())
	b := write.New(by, "hidden online: "+status, "")
	switch v, err := p.Read(ctx, ref); {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		b.Create(ref, o)
	case err != nil:
		return err
	default:
		b.Replace(v, o)
	}
	change, err := b.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	return err
}

// List gives what is hidden of a patient's record, the newest first.
func List(ctx context.Context, p *record.Practice, patient ident.Ref) ([]Mark, error) {
	var out []Mark
	err := search.Each(ctx, p, "Consent?patient="+patient.String(), func(v record.Version, res *fhir.Resource) error {
		if !res.Get("status").Is("active") || !isMark(res) {
			return nil
		}
		prov := res.Get("provision")
		for d := range prov.Get("data").Items() {
			out = append(out, Mark{
				Item: write.Target(d.Get("reference")), Reason: prov.Get("code").First().Get("text").Str(),
				By: res.Get("performer").First().Get("reference").Str(), Since: write.When(res.Get("dateTime")),
			})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Mark) int { return b.Since.Compare(a.Since) })
	return out, err
}
