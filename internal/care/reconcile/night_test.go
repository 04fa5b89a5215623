package reconcile

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/escalate"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

// A night is counted once, kept, and rings while it does not add up.
func TestNightly(t *testing.T) {
	hazard.Covers(t, "H-020")
	ctx, ods := context.Background(), ident.ODS("Z99901")
	now := time.Date(2026, 11, 24, 0, 30, 0, 0, words.London)
	s := memory.Open(t, func() time.Time { return now })
	j, err := doorlog.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	doorlog.Keep(s, j)
	t.Cleanup(func() { doorlog.Keep(s, nil); _ = j.Close() })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	j.Came(ods, "lost", "web", now.Add(-12*time.Hour))
	count := func() ([]Night, []escalate.Alarm) {
		t.Helper()
		for range 2 {
			if err := New(s).Nightly(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		nights, err := Nights(ctx, p, 7)
		if err != nil {
			t.Fatal(err)
		}
		alarms, err := escalate.List(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return nights, alarms
	}
	if nights, _ := count(); len(nights) != 0 {
		t.Fatalf("counted before the night: %+v", nights)
	}
	now = now.Add(time.Hour)
	nights, alarms := count()
	if len(nights) != 1 || nights[0].Balanced || nights[0].Count != 1 || nights[0].Date != "2026-11-23" || len(alarms) != 1 || alarms[0].Kind != escalate.Lost {
		t.Fatalf("%+v %+v", nights, alarms)
	}
	by := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	if err := New(s).Deal(ods, by, "none", "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if err := New(s).Deal(ods, by, nights[0].Differences[0].Form, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if err := New(s).Deal(ods, by, nights[0].Differences[0].Form, "They rang; it is in the queue."); err != nil {
		t.Fatal(err)
	}
	now = now.Add(24 * time.Hour)
	if nights, alarms = count(); len(nights) != 2 || !nights[0].Balanced || len(alarms) != 0 {
		t.Errorf("%+v %+v", nights, alarms)
	}
}
