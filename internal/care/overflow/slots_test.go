package overflow

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

func TestSlotsFit(t *testing.T) {
	s := Slots{PerDay: 2, From: 8 * 60, To: 18 * 60}
	for at, want := range map[string]bool{"07:59": false, "08:00": true, "17:59": true, "18:00": false} {
		start, err := time.ParseInLocation("2006-01-02 15:04", "2026-07-01 "+at, words.London)
		if err != nil {
			t.Fatal(err)
		}
		if s.Fit(start.UTC()) != want || (Slots{From: 0, To: 24 * 60}).Fit(start) {
			t.Errorf("%s fits: %v", at, !want)
		}
	}
}

func TestSlotsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Slots{PerDay: rapid.IntRange(0, mostADay).Draw(t, "day"), From: rapid.IntRange(0, 700).Draw(t, "from"), To: rapid.IntRange(701, 1440).Draw(t, "to")}
		if got, err := ParseSlots(s.Line()); err != nil || got != s {
			t.Fatalf("%q is read as %+v, %v", s.Line(), got, err)
		}
	})
	if _, err := ParseSlots("kind=medicine; day=1; time=0-10"); err == nil {
		t.Error("terms of requests are read as terms of slots")
	}
}

func TestCheck(t *testing.T) {
	fine := Agreement{
		Partner: "Z99902", Gives: Terms{Kinds: []string{"medicine"}, Priorities: []string{"routine"}, PerDay: 2, From: 0, To: 1440},
		Lets: Slots{PerDay: 3, From: 480, To: 1080},
	}
	for _, c := range []struct {
		name  string
		spoil func(*Agreement)
		where string
	}{
		{"nothing", func(*Agreement) {}, ""},
		{"no kinds", func(a *Agreement) { a.Gives.Kinds = nil }, "gives-kind"},
		{"no urgencies", func(a *Agreement) { a.Gives.Priorities = nil }, "gives-urgency"},
		{"an emergency", func(a *Agreement) { a.Gives.Priorities = []string{"stat"} }, "gives-urgency"},
		{"an unknown kind", func(a *Agreement) { a.Takes.Kinds = []string{"nonsense"} }, "takes-kind"},
		{"too many", func(a *Agreement) { a.Books.PerDay = mostADay + 1; a.Books.To = 10 }, "books-day"},
		{"no hours", func(a *Agreement) { a.Lets.To = a.Lets.From }, "lets-from"},
	} {
		a := fine
		a.Gives.Kinds = slices.Clone(fine.Gives.Kinds)
		c.spoil(&a)
		err := a.Check()
		if c.where == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if err == nil || care.Fields(err)[0].Where != c.where {
			t.Errorf("%s: %v, want a fault at %s", c.name, err, c.where)
		}
	}
}
