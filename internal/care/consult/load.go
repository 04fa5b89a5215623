package consult

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// get reads and parses; nil when there is no such resource.
func get(ctx context.Context, p *record.Practice, ref ident.Ref) (*stored, error) {
	if ref.IsZero() {
		return nil, nil
	}
	v, err := p.Read(ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	res, err := v.Resource()
	return &stored{v, res}, err
}

// load reads a note with everything that it refers to.
func load(ctx context.Context, p *record.Practice, ref ident.Ref) (*loaded, error) {
	if ref.Type != "Composition" {
		return nil, fault.At(fault.Invalid, "composition", "That is not a consultation note.")
	}
	v, err := p.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	res, err := v.Resource()
	if err != nil {
		return nil, err
	}
	l := &loaded{
		stored: stored{v, res}, problems: map[ident.Ref]Problem{}, readings: map[ident.Ref]Reading{},
		allergy: map[ident.Ref]Allergy{}, entries: map[ident.Ref]stored{},
	}
	l.head()
	if err := l.visit(ctx, p); err != nil {
		return nil, err
	}
	for sec := range res.Get("section").Items() {
		if err := l.section(ctx, p, sec); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *loaded) head() {
	r := l.res
	author := r.Get("author").First()
	l.view = View{
		Composition: l.v.Ref, Version: l.v.ID, Status: r.Get("status").Str(),
		Encounter: write.Target(r.Get("encounter")), Patient: write.Target(r.Get("subject")),
		Author: write.Target(author), AuthorName: author.Get("display").Str(),
		Date: write.When(r.Get("date")),
		Note: Note{Text: map[Section]string{}},
	}
	for e := range r.Get("extension").Items() {
		if e.Get("url").Is(reasonURL) {
			l.view.Amended = e.Get("valueString").Str()
		}
	}
	for e := range r.Get("event").Items() {
		for d := range e.Get("detail").Items() {
			if t := write.Target(d); t.Type == "Task" {
				l.view.Note.Request = t
			}
		}
	}
}

func (l *loaded) visit(ctx context.Context, p *record.Practice) error {
	x, err := get(ctx, p, l.view.Encounter)
	if err != nil || x == nil {
		return err
	}
	n := &l.view.Note
	n.Channel = channelOf(x.res)
	n.Started, n.Ended = write.When(x.res.Get("period", "start")), write.When(x.res.Get("period", "end"))
	n.Appointment = write.Target(x.res.Get("appointment").First())
	for c := range x.res.Get("reasonCode").Items() {
		if k := conceptOf(c); k.Code != "" {
			n.Reasons = append(n.Reasons, k)
		}
	}
	return nil
}

func channelOf(visit *fhir.Resource) Channel {
	for t := range visit.Get("type").Items() {
		for c := range t.Get("coding").Items() {
			if c.Get("system").Is(channelSystem) {
				return Channel(c.Get("code").Str())
			}
		}
	}
	switch visit.Get("class", "code").Str() {
	case "AMB":
		return FaceToFace
	case "HH":
		return HomeVisit
	}
	return ""
}

func (l *loaded) section(ctx context.Context, p *record.Practice, sec fhir.Node) error {
	code := Section(sec.Get("code", "coding", "code").Str())
	if t := plain(sec.Get("text")); t != "" {
		if !slices.Contains(Sections, code) {
			code = Comment // a note from elsewhere: nothing of it is left out
			t = strings.TrimSpace(sec.Get("title").Str() + "\n" + t)
		}
		if old := l.view.Note.Text[code]; old != "" {
			t = old + "\n\n" + t
		}
		l.view.Note.Text[code] = t
	}
	for e := range sec.Get("entry").Items() {
		s := e.Get("reference").Str()
		if id, ok := strings.CutPrefix(s, "#"); ok {
			for c := range l.res.Get("contained").Items() {
				if c.Get("id").Is(id) {
					l.add(ident.Ref{}, c.Get("resourceType").Str(), c)
				}
			}
			continue
		}
		x, err := get(ctx, p, write.Target(e))
		if err != nil {
			return err
		}
		if x != nil {
			l.entries[x.v.Ref] = *x
			l.add(x.v.Ref, x.v.Ref.Type, x.res.Root())
		}
	}
	return nil
}

// add takes a coded part into the note.
func (l *loaded) add(ref ident.Ref, typ string, r fhir.Node) {
	n := &l.view.Note
	switch typ {
	case "Condition":
		x := problemOf(r)
		n.Problems = append(n.Problems, x)
		l.problems[ref] = x
	case "Observation":
		if x := readingOf(r); x.Measure != "" {
			n.Readings = append(n.Readings, x)
			l.readings[ref] = x
			return
		}
		delete(l.entries, ref) // not one of ours: an amendment leaves it alone
	case "AllergyIntolerance":
		x := allergyOf(r)
		n.Allergies = append(n.Allergies, x)
		l.allergy[ref] = x
	default:
		delete(l.entries, ref)
	}
}

// nameOf is what the author is called.
func nameOf(ctx context.Context, p *record.Practice, ref ident.Ref) (string, error) {
	x, err := get(ctx, p, ref)
	if err != nil || x == nil {
		return "", err
	}
	n := x.res.Get("name").First()
	if t := n.Get("text").Str(); t != "" {
		return t, nil
	}
	var parts []string
	for _, m := range []fhir.Node{n.Get("prefix").First(), n.Get("given").First(), n.Get("family")} {
		if s := m.Str(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " "), nil
}

// find reads every note that a search gives, newest first, at most max.
func find(ctx context.Context, p *record.Practice, query string, max int, wants func(View) bool) ([]View, error) {
	var out []View
	for next := ""; ; {
		q := query + "&_count=200"
		if next != "" {
			q += "&_cursor=" + url.QueryEscape(next)
		}
		page, err := p.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Matches {
			l, err := load(ctx, p, v.Ref)
			if err != nil {
				return nil, err
			}
			if wants(l.view) && l.view.Status != "entered-in-error" {
				out = append(out, l.view)
			}
		}
		if next = page.Next; next == "" {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b View) int { return b.Date.Compare(a.Date) })
	if max > 0 && len(out) > max {
		out = out[:max]
	}
	return out, nil
}

// patientOf refuses a patient whom the record does not know.
func patientOf(ctx context.Context, p *record.Practice, ref ident.Ref) error {
	if ref.Type != "Patient" {
		return fault.At(fault.Invalid, "patient", "Say who the consultation is with.")
	}
	_, err := p.Read(ctx, ref)
	return err
}
