package request

import (
	"context"
	"strconv"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/search"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// mostKnown is how many current conditions, and how many medicines, are read
// for one screening, and mostEarlier how many earlier requests.
const (
	mostKnown   = "&_count=200"
	mostEarlier = "&_count=30&_sort=-authored-on"
)

// screened is all that was written, and the answers that are not words.
func (a Ask) screened() triage.Input {
	in := triage.Input{Texts: []string{a.Contact.NotWhen, a.Needs.Other}, Age: a.Age, Sex: a.Sex}
	if a.formed() {
		in.Texts = append(a.Form.Screened(a.Answers), in.Texts...)
		in.Answers = triage.Answers(a.Form.Kept(a.Answers))
	} else {
		in.Texts = append(in.Texts, a.What, a.HowLong, a.Hope, a.Tried)
	}
	return in
}

// screen finds what rules make of a new request: of its words with what the
// record knows, and of the requests that the person made before.
func (a *arrival) screen(ctx context.Context, p *record.Practice) {
	in := a.ask.screened()
	in.Record = recordOf(ctx, p, a.patient())
	set := ruleset.Current(ctx, p)
	a.findings = set.Screen(in)
	related, found := triage.Again(triage.Contact{Texts: in.Texts, Kind: string(a.ask.Kind), At: a.now},
		earlierOf(ctx, p, a.patient(), a.now, set.Window()), set.Window())
	a.related, a.findings = related, append(a.findings, found...)
}

// recordOf is what the record has of a person's current conditions and
// medicines, as it shows them. What cannot be read is left out: the words are
// screened whatever happens.
func recordOf(ctx context.Context, p *record.Practice, patient ident.Ref) []string {
	if patient.IsZero() {
		return nil
	}
	var out []string
	for _, q := range []struct{ query, element string }{
		{"Condition?patient=" + patient.String() + "&clinical-status=active" + mostKnown, "code"},
		{"MedicationRequest?patient=" + patient.String() + "&status=active" + mostKnown, "medicationCodeableConcept"},
	} {
		found, err := p.Find(ctx, q.query)
		if err != nil {
			continue
		}
		for _, v := range found.Matches {
			if res, err := v.Resource(); err == nil && !res.Get("verificationStatus", "coding", "code").Is("entered-in-error") {
				out = append(out, conceptOf(res.Get(q.element)))
			}
		}
	}
	return out
}

// conceptOf is a concept in words: its text and, when they say something else,
// the displays of its codes.
func conceptOf(n fhir.Node) string {
	s := n.Get("text").Str()
	for c := range n.Get("coding").Items() {
		if d := c.Get("display").Str(); d != "" && d != s {
			s += " " + d
		}
	}
	return s
}

// earlierOf are the requests that a person made within the window before a
// time, by whatever channel.
func earlierOf(ctx context.Context, p *record.Practice, patient ident.Ref, now time.Time, window time.Duration) []triage.Contact {
	if patient.IsZero() {
		return nil
	}
	// Not by date: a search for a stretch of time reads what everybody sent in
	// it, and this reads what one person ever sent.
	found, err := p.Find(ctx, ledger+"&patient="+patient.String()+mostEarlier)
	if err != nil {
		return nil
	}
	var out []triage.Contact
	for _, v := range found.Matches {
		t, err := v.Resource()
		if err != nil {
			continue
		}
		r := fromTask(t)
		if r.Since.Before(now.Add(-window)) {
			break // newest first
		}
		texts := []string{t.Get("description").Str()}
		if err := written(ctx, p, &r); err == nil {
			texts = append(texts, r.About())
			texts = append(texts, r.Asked.screened().Texts...)
		}
		out = append(out, triage.Contact{ID: v.Ref.ID, Texts: texts, Kind: string(r.Kind), At: r.Since})
	}
	return out
}

// Written are what rules would be given of the requests since a time, newest
// first and at most so many: their words, answers, age and sex, and nothing of
// the record. It is for trying rules, and names nobody.
func Written(ctx context.Context, p *record.Practice, since time.Time, most int) ([]triage.Input, error) {
	found, err := p.Find(ctx, ledger+"&authored-on=ge"+since.UTC().Format(time.RFC3339)+"&_sort=-authored-on&_count="+strconv.Itoa(most))
	if err != nil {
		return nil, err
	}
	out := make([]triage.Input, 0, len(found.Matches))
	for _, v := range found.Matches {
		t, err := v.Resource()
		if err != nil {
			return nil, err
		}
		r := fromTask(t)
		if err := written(ctx, p, &r); err != nil {
			continue // what cannot be read cannot be tried
		}
		out = append(out, r.Asked.screened())
	}
	return out, nil
}

// relatedInputs say in the Task which earlier requests it belongs with.
func relatedInputs(ids []string) list {
	var out list
	for _, id := range ids {
		out = append(out, input("related", "valueReference", obj{"reference": "Task/" + id}))
	}
	return out
}

// ScreenReply finds what rules make of what somebody wrote in answer to a
// request: of its words with what the record knows, and of words of getting
// worse, since it is not the first contact about this.
func ScreenReply(ctx context.Context, p *record.Practice, patient string, texts ...string) ([]triage.Finding, error) {
	in, err := PersonOf(ctx, p, patient)
	if err != nil {
		return nil, err
	}
	in.Texts = texts
	return append(ruleset.Current(ctx, p).Screen(in), triage.AgainIn(texts...)...), nil
}

// PersonOf is what the rules know of a patient ("Patient/…"): age, sex, and
// current conditions and medicines, as far as the record has them.
func PersonOf(ctx context.Context, p *record.Practice, patient string) (triage.Input, error) {
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return triage.Input{}, nil
	}
	res, _, err := search.Get(ctx, p, ref)
	if err != nil || res == nil {
		return triage.Input{}, err
	}
	in := person(res, p.Now())
	in.Record = recordOf(ctx, p, ref)
	return in, nil
}

func person(res *fhir.Resource, now time.Time) triage.Input {
	var in triage.Input
	if b, ok := words.Birth(res.Get("birthDate").Str()); ok {
		in.Age = ageOf(b, now)
	}
	switch g := triage.Sex(res.Get("gender").Str()); g {
	case triage.Female, triage.Male:
		in.Sex = g
	}
	return in
}

func ageOf(birth, now time.Time) triage.Age {
	d := int(now.Sub(birth) / (24 * time.Hour))
	return triage.Age{Days: d, Known: d >= 0}
}

// relatedOf are the earlier requests that a Task belongs with.
func relatedOf(t *fhir.Resource) []string {
	var out []string
	for in := range t.Get("input").Items() {
		if code(in.Get("type"), care.InputType) == "related" {
			out = append(out, write.Target(in.Get("valueReference")).ID)
		}
	}
	return out
}

// ScreenAnswers finds what rules make of a form that was filled in as an
// answer: of all that was written and chosen, with what the record knows.
func ScreenAnswers(ctx context.Context, p *record.Practice, patient string, f form.Form, given form.Answers) ([]triage.Finding, error) {
	in, err := PersonOf(ctx, p, patient)
	if err != nil {
		return nil, err
	}
	in.Texts, in.Answers = f.Screened(given), triage.Answers(f.Kept(given))
	return append(ruleset.Current(ctx, p).Screen(in), triage.AgainIn(in.Texts...)...), nil
}
