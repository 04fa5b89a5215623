package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

func minded(t *testing.T) *App {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for _, ods := range []ident.ODS{"A81001", "A81002"} {
		p, err := a.Store.Practice(ods)
		if err != nil {
			t.Fatal(err)
		}
		w, err := record.Prepare(ident.Ref{Type: "Organization", ID: "o"}, []byte(`{"resourceType":"Organization","id":"o","name":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/t"}, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// What fails, or breaks, for one practice is done for the others all the same,
// and what is said of it has nothing of what was being looked at.
func TestAChoreIsDoneForEveryPractice(t *testing.T) {
	a := minded(t)
	var done []ident.ODS
	c := chore{"test", time.Minute, func(_ context.Context, p *record.Practice) error {
		done = append(done, p.ODS())
		if len(done) == 1 {
			panic("Ada Lovelace")
		}
		return errors.New("no")
	}}
	err := a.once(t.Context(), c)
	if len(done) != 2 {
		t.Fatalf("done for %v", done)
	}
	if err == nil || !strings.Contains(err.Error(), "A81001") || !strings.Contains(err.Error(), "A81002") || strings.Contains(err.Error(), "Ada") {
		t.Errorf("said: %v", err)
	}
}

func TestChoresAreDoneAgainUntilTheAppStops(t *testing.T) {
	a := minded(t)
	synctest.Test(t, func(t *testing.T) {
		n := 0
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		c := chore{"test", time.Hour, func(context.Context, *record.Practice) error { n++; return nil }}
		go func() { ended <- a.mind(ctx, c) }()
		time.Sleep(150 * time.Minute)
		synctest.Wait()
		if n != 6 { // at once and after each hour, for two practices
			t.Errorf("done %d times", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestEveryChoreCanBeDoneTwice(t *testing.T) {
	a := minded(t)
	for range 2 {
		if err := a.Mind(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// The minder finds a practice's own rule that no longer compiles, and rings.
func TestBrokenRulesRing(t *testing.T) {
	hazard.Covers(t, "H-039")
	a := minded(t)
	p, err := a.Store.Practice("A81001")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"resourceType":"Basic","id":"red-flags","extension":[{"url":"` + care.Base + `StructureDefinition/red-flags-own","valueString":"[[rule]]\nid = \"LR-007\""}]}`
	w, err := record.Prepare(ident.Ref{Type: "Basic", ID: "red-flags"}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/t"}, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	if err := a.Mind(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := escalate.List(t.Context(), p)
	if err != nil || len(all) != 1 || all[0].Kind != escalate.Ruleless || !strings.Contains(all[0].About, "LR-007") {
		t.Errorf("%v, %+v", err, all)
	}
}
