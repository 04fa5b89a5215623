package demo_test

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/assure/fair"
	"heartwood/internal/demo"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/measure"
)

// Of the three practices one has something to find, and it is found: those who
// need an interpreter wait longer. In the others nothing is.
func TestWhoWaitsLonger(t *testing.T) {
	today := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	n, err := demo.New(demo.Config{Seed: 1, Today: today})
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range n.Practices() {
		look := fair.At(figures(t, one, today), today)
		if look.Tests < 20 {
			t.Errorf("%s: only %d comparisons", one.Name, look.Tests)
		}
		for _, d := range look.Drifts {
			if i != 1 || d.Group != "Needs an interpreter" {
				t.Errorf("%s: %s", one.Name, fair.Says(d, look.Span))
			}
		}
		if i == 1 && len(look.Drifts) == 0 {
			t.Errorf("%s: nobody waits longer", one.Name)
		}
	}
}

// figures are a practice's requests of the past, as they are measured.
func figures(t *testing.T, one demo.Practice, today time.Time) *measure.Book {
	p, err := memory.Open(t, func() time.Time { return today }).Practice(one.ODS)
	if err != nil {
		t.Fatal(err)
	}
	c := record.Change{Author: record.System, Reason: "test"}
	for it := range one.Resources() {
		if it.Type != "Patient" && it.Type != "Task" && it.Type != "QuestionnaireResponse" {
			continue
		}
		w, err := record.Prepare(ident.Ref{Type: it.Type, ID: it.ID}, it.Body)
		if err != nil {
			t.Fatal(err)
		}
		c.Writes = append(c.Writes, w)
	}
	if _, err := p.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	b, err := measure.Read(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
