package form

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
)

var now = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

// Every form that is shipped is a valid Questionnaire that reads back as it
// was, has a question for the person's own words, and every question of it can
// come up.
func TestShipped(t *testing.T) {
	if len(Shipped()) < 13 {
		t.Errorf("%d forms", len(Shipped()))
	}
	for _, f := range Shipped() {
		q, err := fhir.ParseResource(f.JSON())
		if err != nil {
			t.Fatalf("%s: %v", f.URL, err)
		}
		if err := fhir.Refusal(fhir.Validate(q)); err != nil {
			t.Errorf("%s: %v", f.URL, err)
		}
		back, err := Read(q)
		if err != nil {
			t.Errorf("%s: %v", f.URL, err)
		}
		if d := cmp.Diff(f, back); d != "" {
			t.Errorf("%s: %s", f.URL, d)
		}
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if !reached(f, a.ID) {
					t.Errorf("%s: nothing leads to %s", f.URL, a.ID)
				}
			}
		}
	}
}

// reached tells whether answers exist under which a question is asked: it
// answers what its conditions rest on, and what those rest on.
func reached(f Form, id string) bool {
	given := Answers{}
	for range 5 {
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if a.ID != id && !depends(f, id, p.ID) {
					continue
				}
				for _, r := range []Rule{p.When, a.When} {
					for _, c := range r.Conditions {
						given[c.Ask] = []string{enough(c)}
					}
				}
			}
		}
	}
	for _, p := range f.Asked(given) {
		for _, a := range p.Asks {
			if a.ID == id {
				return true
			}
		}
	}
	return false
}

func depends(f Form, id, page string) bool {
	p, _ := f.Page(page)
	for _, a := range p.Asks {
		if a.ID == id {
			return true
		}
	}
	return false
}

func enough(c Condition) string {
	if c.Op == ">" {
		return c.Answer + "9"
	}
	return c.Answer
}

// A red flag cannot hide: an answer to a question that has closed again is
// not an answer, and what is asked is screened.
func TestWrittenIsWhatIsAsked(t *testing.T) {
	hazard.Covers(t, "H-011")
	f, _ := Pick(Shipped(), "mental-health", "adult")
	got := strings.Join(f.Written(Answers{"what": {"I am low"}, "harm": {"plans"}, "home-safe": {"true"}}), "; ")
	for _, want := range []string{"I am low", "I have plans to kill myself", "Do you feel safe at home"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	m, _ := Pick(Shipped(), "medicine", "")
	given := Answers{"what": {"x"}, "topic": {"how"}, "effect": {"my tongue is swelling"}}
	if s := strings.Join(m.Written(given), ";"); strings.Contains(s, "tongue") {
		t.Error("the answer to a question that is not asked was taken")
	}
	if s := strings.Join(m.Screened(given), ";"); !strings.Contains(s, "tongue") {
		t.Error("what was written to a question that closed again was not screened")
	}
	if _, ok := m.Kept(given)["effect"]; ok {
		t.Error("it was kept too")
	}
}

func TestCheck(t *testing.T) {
	asks := []Ask{
		{ID: "what", Type: Text, Required: true, Max: 5},
		{ID: "n", Type: Integer, Min: 1, Max: 9},
		{ID: "d", Type: Date},
		{ID: "c", Type: Choice, Options: []Option{{Code: "a"}, {Code: "b"}}},
	}
	for _, c := range []struct {
		given Answers
		where string
	}{
		{Answers{}, "what"},
		{Answers{"what": {"123456"}}, "what"},
		{Answers{"what": {"x"}, "n": {"0"}}, "n"},
		{Answers{"what": {"x"}, "n": {"ten"}}, "n"},
		{Answers{"what": {"x"}, "n": {"NaN"}}, "n"},
		{Answers{"what": {"x"}, "d": {"2026-02-30"}}, "d"},
		{Answers{"what": {"x"}, "d": {"1600-01-01"}}, "d"},
		{Answers{"what": {"x"}, "c": {"z"}}, "c"},
		{Answers{"what": {"x"}, "c": {"a", "b"}}, "c"},
		{Answers{"what": {"ok"}, "n": {"3"}, "d": {"2026-02-28"}, "c": {"b"}}, ""},
	} {
		where := ""
		if err := Check(asks, c.given, now); err != nil {
			where = fieldOf(err)
		}
		if where != c.where {
			t.Errorf("%v: %q is at fault, want %q", c.given, where, c.where)
		}
	}
}

// What is wrong with a form is named where it is.
func TestWhole(t *testing.T) {
	good := func() Form {
		return Form{URL: "https://x.example/f", Version: "1", Status: "draft", Title: Words{"en": "T"}, Pages: []Page{
			{ID: "p1", Asks: []Ask{{ID: "what", Type: Text, Text: Words{"en": "What?"}, Required: true}}},
			{ID: "p2", When: Rule{Conditions: []Condition{{"what", "exists", "true"}}}, Asks: []Ask{{ID: "b", Type: Boolean, Text: Words{"en": "B?"}}}},
		}}
	}
	if err := good().Whole(); err != nil {
		t.Fatal(err)
	}
	for where, spoil := range map[string]func(*Form){
		"url":     func(f *Form) { f.URL = "cough" },
		"version": func(f *Form) { f.Version = "1 2" },
		"status":  func(f *Form) { f.Status = "" },
		"title":   func(f *Form) { f.Title = nil },
		"bsl":     func(f *Form) { f.BSL = "http://x.example" },
		"what":    func(f *Form) { f.Pages[0].Asks[0].Required = false },
		"b":       func(f *Form) { f.Pages[1].Asks[0].Text = Words{"en": "<script>"} },
		"page.2":  func(f *Form) { f.Pages[1].When.Conditions[0].Ask = "b" },
		"check":   func(f *Form) { f.Pages[1].Asks[0].ID = "check" },
		"b.option.2": func(f *Form) {
			f.Pages[1].Asks[0] = Ask{ID: "b", Type: Choice, Text: Words{"en": "B"}, Options: []Option{{Code: "x", Label: Words{"en": "X"}}, {Code: "x", Label: Words{"en": "Y"}}}}
		},
	} {
		f := good()
		spoil(&f)
		if err := f.Whole(); err == nil || !strings.Contains(err.Error(), "") || !names(err, where) {
			t.Errorf("%s: got %v", where, err)
		}
	}
}

// Whatever is answered, what is asked is a part of the form in its order, does
// not change when the answers that do not count are left out, and comes back
// from a response as it went in.
func TestAskedIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Shipped()).Draw(t, "form")
		given := Answers{}
		for _, p := range f.Pages {
			for _, a := range p.Asks {
				if v := rapid.SampledFrom(append(possible(a), "")).Draw(t, a.ID); v != "" {
					given[a.ID] = []string{v}
				}
			}
		}
		kept := f.Kept(given)
		if d := cmp.Diff(f.Asked(given), f.Asked(kept)); d != "" {
			t.Fatal(d)
		}
		b := obj{"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": f.Canonical(), "item": f.Items(kept, "en")}
		if len(kept) == 0 {
			return
		}
		q := parsed(t, b)
		if err := fhir.Refusal(fhir.Validate(q)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(kept, ReadAnswers(q)); d != "" {
			t.Fatal(d)
		}
		if len(Lines(q)) != len(kept) {
			t.Fatalf("%d lines of %d answers", len(Lines(q)), len(kept))
		}
	})
}

func possible(a Ask) []string {
	switch a.Type {
	case Choice, Several:
		var out []string
		for _, o := range a.Options {
			out = append(out, o.Code)
		}
		return out
	case Boolean:
		return []string{"true", "false"}
	case Integer, Decimal:
		return []string{"5", "60"}
	case Date:
		return []string{"2026-02-03"}
	case Display:
		return nil
	}
	return []string{"some words"}
}

func FuzzRead(f *testing.F) {
	for _, x := range Shipped() {
		f.Add(string(x.JSON()))
	}
	f.Add(`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"group","item":[{"linkId":"a","type":"choice"}]}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		q, err := fhir.ParseResource([]byte(s))
		if err != nil {
			return
		}
		x, err := Read(q)
		if err != nil {
			return
		}
		again, err := fhir.ParseResource(x.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Read(again); err != nil || cmp.Diff(x, back) != "" {
			t.Fatalf("%v %s", err, cmp.Diff(x, back))
		}
	})
}

func fieldOf(err error) string { return care.Fields(err)[0].Where }

func names(err error, where string) bool {
	for _, f := range care.Fields(err) {
		if f.Where == where {
			return true
		}
	}
	return false
}

func parsed(t interface{ Fatal(...any) }, o obj) *fhir.Resource {
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	q, err := fhir.ParseResource(b)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
