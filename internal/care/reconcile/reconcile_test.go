package reconcile

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// However the door and the ledger differ, every difference is named, and a
// report without one balances.
func TestEveryDifferenceIsNamed(t *testing.T) {
	hazard.Covers(t, "H-001")
	channels := []string{"web", "phone", "desk", "111"}
	rapid.Check(t, func(t *rapid.T) {
		var door []Form
		var ledger []Line
		want := map[string]bool{}
		for i := range rapid.IntRange(0, 30).Draw(t, "n") {
			form, req := fmt.Sprintf("QuestionnaireResponse/%d", i), fmt.Sprintf("Task/%d", i)
			ch := rapid.SampledFrom(channels).Draw(t, "channel")
			f := Form{Response: form, Channel: ch}
			l := Line{Request: req, Response: form, Channel: ch, Status: rapid.SampledFrom([]string{"requested", "accepted", "in-progress", "completed"}).Draw(t, "status"), Outcome: "advice", Door: "n/f", Told: true, Messaged: true, Patient: true, Owned: true, Clocked: true}
			switch rapid.IntRange(0, 9).Draw(t, "fate") {
			case 0: // the request was lost
				door, want[form+"|"] = append(door, f), true
				continue
			case 1: // the form was lost
				ledger, want[form+"|"+req] = append(ledger, l), true
				continue
			case 2:
				l.Status, want[form+"|"+req] = "cancelled", true
			case 3:
				l.Status, l.Outcome, want[form+"|"+req] = "completed", "", true
			case 4:
				l.Status, l.Owned, want[form+"|"+req] = "accepted", false, true
			case 5:
				l.Status, l.Messaged, want[form+"|"+req] = "completed", false, true
			case 6: // staff split it
				part := l
				part.Request, part.PartOf = req+"b", req
				ledger = append(ledger, part)
			}
			door, ledger = append(door, f), append(ledger, l)
		}
		r := Balance(door, ledger)
		got := map[string]bool{}
		for _, d := range r.Differences {
			got[d.Response+"|"+d.Request] = true
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if len(want) == 0 && !r.Balanced() || len(want) > 0 && r.Balanced() {
			t.Fatalf("balanced is %v: %+v", r.Balanced(), r.Total)
		}
	})
}

func TestRun(t *testing.T) {
	hazard.Covers(t, "H-001")
	ctx, ods := context.Background(), ident.ODS("Z99901")
	var clock atomic.Int64
	day := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	clock.Store(day.UnixNano())
	s := memory.Open(t, func() time.Time { return time.Unix(0, clock.Add(int64(time.Second))) })
	p, _ := s.Practice(ods)
	reqs, gp := request.New(s), record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	var ids []string
	for i := range 7 {
		ch := request.Channels[i%3]
		r, err := reqs.Receive(ctx, ods, gp, request.Ask{
			Identity: request.Identity{Given: "Ann", Family: "Example", Birth: "1980-01-01", Phone: "01632960001"},
			Asker:    request.Staff, Channel: ch, Kind: request.Admin, What: "A letter",
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	if _, err := reqs.Do(ctx, ods, gp, ids[0], "", request.Close{Outcome: request.AdminDone, Told: "It is ready."}); err != nil {
		t.Fatal(err)
	}
	run := func() Report {
		r, err := New(s).Run(ctx, ods, day, day.Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := run()
	if !r.Balanced() || r.Total.In != 7 || r.Total.Answered != 1 || r.Total.Open != 6 || r.Channels[0].In != 3 || r.Oldest.IsZero() {
		t.Fatalf("%+v", r)
	}
	// Somebody reaches past every guard: it is named.
	task := ident.Ref{Type: "Task", ID: ids[1]}
	if _, err := p.Commit(ctx, record.Change{Author: gp, Reason: "test", Writes: []record.Write{record.Remove(task)}}); err != nil {
		t.Fatal(err)
	}
	r = run()
	if r.Balanced() || len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0].Reference, "HW-") || r.Differences[0].Channel != "phone" {
		t.Errorf("%+v", r)
	}
	if r, err := New(s).Run(ctx, ods, day.Add(24*time.Hour), day.Add(48*time.Hour)); err != nil || r.Total.In != 0 || !r.Balanced() {
		t.Errorf("the next day: %+v %v", r, err)
	}
}
