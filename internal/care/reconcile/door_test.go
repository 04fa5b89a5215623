package reconcile

import (
	"context"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// The doors' own log names what the ledger has lost, what came and was never
// kept, and what the ledger says came in that the door has not seen.
func TestTheDoorsOwnLogShowsWhatTheLedgerLost(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-020")
	ctx, ods := context.Background(), ident.ODS("Z99901")
	now := time.Now().Add(-time.Hour)
	s := memory.Open(t, func() time.Time { return now })
	j, err := doorlog.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	doorlog.Keep(s, j)
	t.Cleanup(func() { doorlog.Keep(s, nil); _ = j.Close() })
	by := record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	ask := request.Ask{
		Identity: request.Identity{Given: "Ann", Family: "Example", Birth: "1980-01-01", Phone: "01632960001"},
		Asker:    request.Staff, Channel: request.Phone, Kind: request.Admin, What: "A letter",
	}
	reqs := request.New(s)
	kept, err := reqs.Receive(ctx, ods, by, ask, "kept")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // sent twice it came once
		if _, err := reqs.Receive(ctx, ods, by, ask, "kept"); err != nil {
			t.Fatal(err)
		}
	}
	bad := ask
	bad.What = ""
	if _, err := reqs.Receive(ctx, ods, by, bad, "bad"); err == nil {
		t.Fatal("taken")
	}
	run := func() Report {
		t.Helper()
		rep, err := New(s).Run(ctx, ods, now.Add(-time.Hour), now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	if rep := run(); !rep.Balanced() || rep.Total.Door != 1 || rep.Total.In != 1 {
		t.Fatalf("%+v", rep)
	}

	j.Came(ods, "cut off", "web", now) // the process ended here
	j.Came(ods, "gone", "web", now)    // the receipt was shown and the record lost it
	j.Kept(ods, "gone", "HW-GONE", now)
	if rep := run(); !rep.Balanced() {
		t.Errorf("what is under way counts as missing: %+v", rep.Differences)
	}
	now = now.Add(5 * time.Minute)
	rep := run()
	if rep.Balanced() || len(rep.Differences) != 2 || rep.Total.Door != 3 {
		t.Fatalf("%+v", rep)
	}
	for _, d := range rep.Differences {
		if d.Form == "" || strings.Contains(d.What, "receipt was shown") != (d.Reference == "HW-GONE") && d.Reference != "" {
			t.Errorf("%+v", d)
		}
		if err := j.Settle(ods, d.Form, "rang them", "Practitioner/m", now); err != nil {
			t.Fatal(err)
		}
	}
	if rep := run(); !rep.Balanced() {
		t.Errorf("settled, and still: %+v", rep.Differences)
	}

	other, err := doorlog.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	doorlog.Keep(s, other)
	if rep := run(); !rep.Balanced() {
		t.Errorf("another node's doors are judged: %+v", rep.Differences)
	}
	v, err := reqs.Load(ctx, ods, kept.ID)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	r.From, r.To = now.Add(-time.Hour), now.Add(time.Hour)
	line := []Line{{Request: "Task/" + v.ID, Door: v.Door}}
	if err := r.atDoor(doorlog.Sight{}, j.Node(), line, nil, now); err != nil || len(r.Differences) != 1 {
		t.Errorf("what the door has not seen is not named: %+v, %v", r, err)
	}
}
