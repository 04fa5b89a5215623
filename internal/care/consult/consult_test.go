package consult_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"heartwood/internal/care/consult"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var (
	ctx = context.Background()
	svc = consult.New()
	gp  = record.Author{Ref: "Practitioner/gp", Role: "clinician"}
	ann = ident.Ref{Type: "Patient", ID: "ann"}
	now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
)

func open(t *testing.T) *record.Practice {
	t.Helper()
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	b := write.New(gp, "test: set up", "")
	b.Create(ann, write.Obj{"name": write.List{write.Obj{"family": "Example"}}})
	b.Create(ident.Ref{Type: "Patient", ID: "ben"}, write.Obj{"active": true})
	b.Create(ident.Ref{Type: "Practitioner", ID: "gp"}, write.Obj{"name": write.List{write.Obj{"prefix": write.List{"Dr"}, "family": "Test"}}})
	b.Create(ident.Ref{Type: "Appointment", ID: "a"}, write.Obj{"status": "booked", "participant": write.List{write.Obj{"actor": write.Ref(ann), "status": "accepted"}}})
	b.Create(ident.Ref{Type: "Task", ID: "r"}, write.Obj{"status": "requested", "intent": "order", "for": write.Ref(ann)})
	c, err := b.Change()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	return p
}

func note() consult.Note {
	asthma, _ := consult.Known("195967001")
	return consult.Note{
		Channel: consult.Telephone,
		Text: map[consult.Section]string{
			consult.Reason: "Cough", consult.History: "Two weeks.\n\nWorse <at night> & \"tight\"\nNo blood",
			consult.Plan: "Inhaler", consult.SafetyNet: "Call 999 if you cannot speak",
		},
		Problems:    []consult.Problem{{Concept: asthma, Status: "active", Onset: time.Date(2020, 5, 1, 0, 0, 0, 0, time.UTC)}, {Concept: consult.Concept{Term: "Worried about work"}, Status: "active"}},
		Readings:    []consult.Reading{{Measure: consult.BloodPressure, Value: 128, Second: 82}, {Measure: consult.Temperature, Value: 37.2}},
		Allergies:   []consult.Allergy{{Concept: consult.Concept{Term: "Strawberries"}, Reaction: "Rash", Severe: true}},
		Appointment: ident.Ref{Type: "Appointment", ID: "a"},
		Request:     ident.Ref{Type: "Task", ID: "r"},
	}
}

func count(t *testing.T, p *record.Practice, query string) int {
	t.Helper()
	page, err := p.Find(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range page.Matches {
		res, err := v.Resource()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range fhir.Validate(res) {
			t.Errorf("%s: %+v", v.Ref.Type, i)
		}
	}
	return len(page.Matches)
}

func TestDraftSignAmend(t *testing.T) {
	p := open(t)
	n := note()
	draft, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ann, Note: n, Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(t, p, "Condition") + count(t, p, "Observation") + count(t, p, "AllergyIntolerance"); got != 0 {
		t.Errorf("%d resources came out of a draft", got)
	}
	count(t, p, "Composition")
	v, err := svc.Read(ctx, p, draft.Composition)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(n.Text, v.Note.Text); d != "" {
		t.Errorf("text: %s", d)
	}
	if len(v.Note.Problems) != 2 || len(v.Note.Readings) != 2 || v.Note.Readings[0] != n.Readings[0] || v.Note.Allergies[0] != n.Allergies[0] || v.Note.Request != n.Request || v.AuthorName != "Dr Test" {
		t.Errorf("draft read back: %+v", v)
	}
	again, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ann, Note: n, Key: "k"})
	if err != nil || !again.Repeat || again.Composition != draft.Composition {
		t.Errorf("sent twice: %+v, %v", again, err)
	}
	for name, tt := range map[string]struct {
		by   record.Author
		c    consult.SaveCommand
		want fault.Kind
	}{
		"stale":           {gp, consult.SaveCommand{Patient: ann, Composition: draft.Composition, Version: "c.1", Note: n}, fault.Conflict},
		"other patient":   {gp, consult.SaveCommand{Patient: ident.Ref{Type: "Patient", ID: "ben"}, Composition: draft.Composition, Note: n}, fault.Refused},
		"other clinician": {record.Author{Ref: "Practitioner/other"}, consult.SaveCommand{Patient: ann, Composition: draft.Composition, Note: n}, fault.Forbidden},
		"nobody":          {gp, consult.SaveCommand{Note: n}, fault.Invalid},
	} {
		if _, err := svc.Save(ctx, p, tt.by, tt.c); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	signed, err := svc.Sign(ctx, p, gp, consult.SignCommand{Patient: ann, Composition: draft.Composition, Version: draft.Version, Note: n})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"Condition?patient=Patient/ann&clinical-status=active": 2, "Observation?patient=Patient/ann&status=final": 2,
		"AllergyIntolerance?patient=Patient/ann": 1, "Encounter?patient=Patient/ann&status=finished": 1,
		"Composition?patient=Patient/ann&status=final": 1, "Appointment?status=fulfilled": 1,
	} {
		if got := count(t, p, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	if _, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ann, Composition: draft.Composition, Note: n}); !fault.Is(err, fault.Refused) {
		t.Errorf("a signed note was saved over: %v", err)
	}
	m := n
	m.Readings = []consult.Reading{n.Readings[0], {Measure: consult.Pulse, Value: 88}}
	m.Problems = n.Problems[:1]
	if _, err := svc.Amend(ctx, p, gp, consult.AmendCommand{Composition: signed.Composition, Version: signed.Version, Note: m}); !fault.Is(err, fault.Invalid) {
		t.Errorf("amended without a reason: %v", err)
	}
	if _, err := svc.Amend(ctx, p, gp, consult.AmendCommand{Composition: signed.Composition, Version: signed.Version, Note: m, Why: "Wrong patient's temperature"}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		"Observation?status=final": 2, "Observation?status=entered-in-error": 1,
		"Condition?verification-status=entered-in-error": 1, "Composition?status=amended": 1, "AllergyIntolerance": 1,
	} {
		if got := count(t, p, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	of, err := svc.OfRequest(ctx, p, ann, n.Request)
	if err != nil || len(of) != 1 || of[0].Amended != "Wrong patient's temperature" || len(of[0].Note.Problems) != 1 {
		t.Errorf("of the request: %+v, %v", of, err)
	}
}

func TestOtherPatientsThings(t *testing.T) {
	p := open(t)
	ben := ident.Ref{Type: "Patient", ID: "ben"}
	for name, n := range map[string]consult.Note{
		"appointment": {Channel: consult.Video, Appointment: ident.Ref{Type: "Appointment", ID: "a"}},
		"request":     {Channel: consult.Video, Request: ident.Ref{Type: "Task", ID: "r"}},
	} {
		if _, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ben, Note: n}); !fault.Is(err, fault.Refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiscard(t *testing.T) {
	p := open(t)
	d, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ann, Note: consult.Note{Channel: consult.Video}})
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := svc.Drafts(ctx, p, ident.Ref{Type: "Practitioner", ID: "gp"}); len(l) != 1 {
		t.Errorf("drafts: %+v", l)
	}
	if _, err := svc.Discard(ctx, p, gp, d.Composition, d.Version); err != nil {
		t.Fatal(err)
	}
	if l, _ := svc.Drafts(ctx, p, ident.Ref{Type: "Practitioner", ID: "gp"}); len(l) != 0 {
		t.Errorf("drafts: %+v", l)
	}
}

func TestCheckListsEverything(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    func(*consult.Note)
		want string // fields, warnings with ?
	}{
		{"right", func(*consult.Note) {}, ""},
		{"empty", func(n *consult.Note) { *n = consult.Note{} }, "channel reason history plan safety-netting?"},
		{"slip of the hand", func(n *consult.Note) { n.Readings = []consult.Reading{{Measure: consult.Temperature, Value: 372}} }, "temperature"},
		{"unusual", func(n *consult.Note) { n.Readings = []consult.Reading{{Measure: consult.Oxygen, Value: 85}} }, "spo2?"},
		{"upside down", func(n *consult.Note) {
			n.Readings = []consult.Reading{{Measure: consult.BloodPressure, Value: 95, Second: 100}}
		}, "bp"},
		{"twice", func(n *consult.Note) {
			n.Readings = []consult.Reading{{Measure: consult.Pulse, Value: 80}, {Measure: consult.Pulse, Value: 81}}
		}, "pulse"},
		{"half a code", func(n *consult.Note) {
			n.Problems = []consult.Problem{{Concept: consult.Concept{Code: "1", Term: "x"}}}
		}, "problem.0"},
		{"no section", func(n *consult.Note) { n.Text["nonsense"] = "x" }, "nonsense"},
		{"too long", func(n *consult.Note) { n.Text[consult.Comment] = strings.Repeat("x", 20_001) }, "comment"},
	} {
		n := note()
		tt.n(&n)
		got := ""
		for _, i := range consult.Check(n, true) {
			got += " " + i.Field
			if i.Warning {
				got += "?"
			}
		}
		if strings.TrimSpace(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWarningsAreSeenBeforeSigning(t *testing.T) {
	p := open(t)
	n := note()
	n.Readings = []consult.Reading{{Measure: consult.Pulse, Value: 140}}
	_, err := svc.Sign(ctx, p, gp, consult.SignCommand{Patient: ann, Note: n})
	var is consult.Issues
	if !fault.Is(err, fault.Refused) || !errors.As(err, &is) || len(is) != 1 || is[0].Field != "pulse" {
		t.Fatalf("%v", err)
	}
	res, err := svc.Sign(ctx, p, gp, consult.SignCommand{Patient: ann, Note: n, Anyway: true})
	if err != nil || len(res.Warnings) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
}

// Whatever is typed, it reads back as it was typed and is never markup.
func TestTextReadsBack(t *testing.T) {
	p := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`[<>&"'a-z/ ]{1,40}(\n{1,3}[<>&;#a-z ]{1,20})?`),
			rapid.SampledFrom([]string{"<script>alert(1)</script>", "</div><p>", "&lt;b&gt;", "a<br/>b", "x</p><p>y", "'; DROP TABLE x;--", "\u202e\u0000x"}),
		).Draw(rt, "typed")
		n := consult.Note{Channel: consult.Video, Text: map[consult.Section]string{consult.Comment: s}}
		res, err := svc.Save(ctx, p, gp, consult.SaveCommand{Patient: ann, Note: n})
		if err != nil {
			rt.Fatal(err)
		}
		v, err := svc.Read(ctx, p, res.Composition)
		if err != nil {
			rt.Fatal(err)
		}
		want := strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
		if got := v.Note.Text[consult.Comment]; got != want {
			rt.Fatalf("%q came back as %q", want, got)
		}
	})
}

func TestPick(t *testing.T) {
	for typed, want := range map[string]string{"asth": "Asthma", "type 2": "Type 2 diabetes", "pain back": "Low back pain", "HYPERT": "High blood pressure (hypertension)"} {
		if got := consult.Pick(typed, 3); len(got) == 0 || got[0].Term != want {
			t.Errorf("%q: %+v", typed, got)
		}
	}
	if consult.Pick("", 5) != nil || len(consult.Pick("a", 5)) != 5 {
		t.Error("bounds")
	}
	if got := consult.PickSubstance("penic", 1); len(got) != 1 || got[0].Code != "764146007" {
		t.Errorf("%+v", got)
	}
}
