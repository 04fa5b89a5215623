package clocks_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/clocks"
	"heartwood/internal/care/opening"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

var fitNote = clocks.Rule{What: clocks.Kind, Of: "fit-note", Name: "A fit note", Minutes: clocks.SameDay}

func TestSooner(t *testing.T) {
	h, now := opening.Core(), at("2026-11-23 10:00")
	later := h.NextDay(now)
	s := clocks.Setting{Rules: []clocks.Rule{
		fitNote,
		{What: clocks.Flag, Of: "RF-012", Name: "Chest pain", Minutes: 60},
		{What: clocks.Team, Of: "CareTeam/pharmacy", Name: "Pharmacy team", Minutes: 240},
		{What: clocks.Job, Of: "Pharmacist", Name: "Pharmacist", Minutes: 120},
	}}
	for what, c := range map[string]struct {
		clocks.Case
		want, say string
	}{
		"a kind":                {clocks.Case{Kind: "fit-note"}, "2026-11-23 18:30", "A fit note: the same day"},
		"a flag":                {clocks.Case{Kind: "admin", Flags: []string{"RF-001", "RF-012"}}, "2026-11-23 11:00", "The red flag “Chest pain”: within 1 hour of opening time"},
		"a team":                {clocks.Case{Owner: "CareTeam/pharmacy"}, "2026-11-23 14:00", "What the Pharmacy team has: within 4 hours of opening time"},
		"a job":                 {clocks.Case{Owner: "Practitioner/p", Job: "pharmacist"}, "2026-11-23 12:00", "What a Pharmacist has: within 2 hours of opening time"},
		"the soonest of many":   {clocks.Case{Kind: "fit-note", Owner: "CareTeam/pharmacy"}, "2026-11-23 14:00", "What the Pharmacy team has: within 4 hours of opening time"},
		"none that fits":        {clocks.Case{Kind: "admin"}, "2026-11-24 18:30", ""},
		"nobody by trade":       {clocks.Case{Kind: "admin", Job: ""}, "2026-11-24 18:30", ""},
		"another team":          {clocks.Case{Owner: "CareTeam/admin"}, "2026-11-24 18:30", ""},
		"a flag not raised now": {clocks.Case{Flags: []string{"RF-013"}}, "2026-11-24 18:30", ""},
	} {
		got, r, ok := s.Sooner(c.Case, later, h, now)
		if !got.Equal(at(c.want)) || ok != (c.say != "") || ok && r.Say() != c.say {
			t.Errorf("%s: %v, %q", what, got, r.Say())
		}
	}
}

// Whatever is set, no clock is ever put off.
func TestNeverLater(t *testing.T) {
	hazard.Covers(t, "H-038")
	rapid.Check(t, func(t *rapid.T) {
		var s clocks.Setting
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			s.Rules = append(s.Rules, clocks.Rule{What: clocks.Kind, Of: rapid.SampledFrom([]string{"admin", "fit-note"}).Draw(t, "of"), Name: "x", Minutes: rapid.IntRange(0, 630).Draw(t, "minutes")})
		}
		from := at("2026-11-20 00:00").Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "from")) * time.Minute)
		by := from.Add(time.Duration(rapid.IntRange(-600, 5000).Draw(t, "by")) * time.Minute)
		got, r, ok := s.Sooner(clocks.Case{Kind: "admin"}, by, opening.Core(), from)
		if got.After(by) || ok != got.Before(by) || ok && (r.Of != "admin" || !got.After(from)) {
			t.Fatalf("from %v, by %v: %v, %v", from, by, got, r)
		}
	})
}

func TestKept(t *testing.T) {
	ctx := context.Background()
	p := memory.Practice(t, "Z99901", nil)
	by := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	s, err := clocks.Load(ctx, p)
	if err != nil || len(s.Rules) != 0 || s.Version != "" {
		t.Fatalf("%+v, %v", s, err)
	}
	s.Rules = []clocks.Rule{fitNote, {What: clocks.Job, Of: "GP", Name: "GP", Minutes: 90}}
	if err := clocks.Save(ctx, p, by, s); err != nil {
		t.Fatal(err)
	}
	got, err := clocks.Load(ctx, p)
	if err != nil || len(got.Rules) != 2 || got.Rules[0] != fitNote || got.Rules[1] != s.Rules[1] {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := clocks.Save(ctx, p, by, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("overwritten: %v", err)
	}
	got.Rules = nil
	if err := clocks.Save(ctx, p, by, got); err != nil {
		t.Fatal(err)
	}
	if got, err = clocks.Load(ctx, p); err != nil || len(got.Rules) != 0 {
		t.Errorf("not taken away: %+v, %v", got, err)
	}
	for name, bad := range map[string][]clocks.Rule{
		"rule-0": {{What: "mood", Of: "x", Name: "x"}},
		"rule-1": {fitNote, fitNote},
		"rule-2": {fitNote, {What: clocks.Job, Of: "GP", Name: "GP", Minutes: 15}, {What: clocks.Kind, Of: "admin", Name: "A letter", Minutes: 1}},
	} {
		if f := care.Fields(clocks.Setting{Rules: bad}.Check()); len(f) != 1 || f[0].Where != name {
			t.Errorf("%s: %v", name, f)
		}
	}
}
