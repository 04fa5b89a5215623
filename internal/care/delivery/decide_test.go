package delivery

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

func everything(Medium) bool { return true }

func person() Person {
	return Person{
		Ref: "Patient/a", Name: "Mrs Ann Example", NHS: "9990548609", Phones: []string{"07700 900001"},
		Emails: []string{"ann@example.com"}, Home: []string{"1 Nowhere Road", "Anytown", "ZZ99 3AA"},
	}
}

func TestChoose(t *testing.T) {
	hazard.Covers(t, "H-025")
	sms, email := Target{SMS, "07700 900001"}, Target{Email, "ann@example.com"}
	post := Target{Letter, "Mrs Ann Example\n1 Nowhere Road\nAnytown\nZZ99 3AA"}
	noApp := func(m Medium) bool { return m != App }
	for _, tt := range []struct {
		name  string
		edit  func(*Person)
		can   func(Medium) bool
		tried []Target
		want  Target
		none  bool
	}{
		{name: "the app first", can: everything, want: Target{App, "9990548609"}},
		{name: "a text where there is no app", can: noApp, want: sms},
		{name: "what they prefer", edit: func(p *Person) { p.Contact.Prefers = []Medium{Letter} }, can: everything, want: post},
		{name: "the next after one failed", can: noApp, tried: []Target{sms}, want: email},
		{name: "the last is a letter", can: noApp, tried: []Target{sms, email}, want: post},
		{name: "nothing is left", can: noApp, tried: []Target{sms, email, post}, none: true},
		{name: "not an address that failed, however it is written", edit: func(p *Person) {
			p.Contact.Stale = []Mark{{Medium: SMS, Address: "+447700900001"}}
		}, can: noApp, want: email},
		{name: "paper for who asks for paper", edit: func(p *Person) { p.Contact.Needs.LetterOnly = true }, can: everything, want: post},
		{name: "nothing in writing for who cannot read", edit: func(p *Person) { p.Contact.Needs.NoWriting = true }, can: everything, none: true},
		{name: "nothing to the dead", edit: func(p *Person) { p.Dead = true }, can: everything, none: true},
		{name: "nothing to who has left", edit: func(p *Person) { p.Left = true }, can: everything, none: true},
		{name: "no letter without an address", edit: func(p *Person) { p.Home = nil }, can: func(m Medium) bool { return m == Letter }, none: true},
	} {
		p := person()
		if tt.edit != nil {
			tt.edit(&p)
		}
		r, err := Choose(p, tt.can, tt.tried)
		if tt.none != (err != nil) || err != nil && !fault.Is(err, fault.Refused) || !tt.none && r.Target != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, r, err)
		}
	}
}

// Needs go with every route: a letter to who reads large print is in it.
func TestNeedsAlwaysGoAlong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := person()
		p.Contact.Needs = Needs{LargePrint: rapid.Bool().Draw(t, "large"), EasyRead: rapid.Bool().Draw(t, "easy"), LetterOnly: rapid.Bool().Draw(t, "paper")}
		p.Contact.Prefers = rapid.SliceOf(rapid.SampledFrom(Media)).Draw(t, "prefers")
		var tried []Target
		for range 6 {
			r, err := Choose(p, everything, tried)
			if err != nil {
				return
			}
			if r.Large != p.Contact.Needs.LargePrint || r.EasyRead != p.Contact.Needs.EasyRead {
				t.Fatalf("%+v for %+v", r, p.Contact.Needs)
			}
			if p.Contact.Needs.LetterOnly && r.Medium != Letter {
				t.Fatalf("%s to who asked for paper", r.Medium)
			}
			if slices.Contains(tried, r.Target) {
				t.Fatalf("%s a second time", r.Medium)
			}
			tried = append(tried, r.Target)
		}
		t.Fatal("it never ends")
	})
}

func TestNext(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		status string
		m      Medium
		ago    time.Duration
		r      Report
		want   step
	}{
		{"in-progress", SMS, time.Minute, Report{Delivered: true}, done},
		{"in-progress", SMS, time.Minute, Report{Failed: true}, failed},
		{"in-progress", SMS, time.Hour, Report{}, nothing},
		{"in-progress", SMS, 25 * time.Hour, Report{}, failed},
		{"in-progress", Letter, 25 * time.Hour, Report{}, nothing},
		{"completed", SMS, time.Hour, Report{Failed: true}, nothing},
		{"completed", Email, time.Hour, Report{Failed: true, Bad: true}, failed}, // it came back
		{"stopped", SMS, time.Hour, Report{Failed: true, Bad: true}, nothing},
		{"stopped", SMS, time.Hour, Report{Delivered: true}, nothing},
	} {
		if got := next(tt.status, tt.m, now.Add(-tt.ago), tt.r, now); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, s := range []string{"07700 900001", "+44 7700 900001", "447700900001", "0044 7700 900001", "+44 (0)7700 900001"} {
		if Plain(s) != "07700900001" || !IsMobile(s) {
			t.Errorf("%q is %q", s, Plain(s))
		}
	}
	if IsMobile("01632 960001") || IsMobile("070 1234 5678") {
		t.Error("not every number takes texts")
	}
}
