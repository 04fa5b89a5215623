package weeks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heartwood/internal/care/message"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/words"
)

// Two weeks of a practice, hour by hour: people ask by every channel, staff
// do everything that can be done to a request, patients reply, and at the end
// of each day every receipt that anybody was shown is answered or open.
func TestTwoWeeksBalance(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-010")
	s := open(t, time.Date(2026, 12, 21, 0, 0, 0, 0, words.London), 20261221) // Christmas falls into it
	for day := range 14 {
		for hour := range 24 {
			s.hour()
			if hour == 23 {
				s.count(fmt.Sprintf("day %d", day+1))
			}
		}
	}
	s.finish()
}

// count compares what people were shown with what the ledger says, and what
// reconciliation says of both.
func (s *sim) count(when string) {
	s.t.Helper()
	ctx := context.Background()
	rep, err := reconcile.New(s.store).Run(ctx, ods, s.began, s.now().Add(time.Second))
	must(s.t, err)
	if !rep.Balanced() {
		s.t.Fatalf("%s, seed %d: %+v", when, s.seed, rep)
	}
	for _, row := range rep.Channels {
		c := request.Channel(row.Channel)
		if row.In != s.asked[c] || row.Split != s.parts[c] {
			s.t.Fatalf("%s, seed %d: by %s %d and %d split off are counted; %d receipts were shown and %d split off", when, s.seed,
				c, row.In, row.Split, s.asked[c], s.parts[c])
		}
	}
	open, err := s.requests.Queue(ctx, ods)
	must(s.t, err)
	if rep.Total.Open != len(open) {
		s.t.Fatalf("%s: %d open are counted, the queue has %d", when, rep.Total.Open, len(open))
	}
}

// finish has staff answer what is left, and goes through every receipt: it
// ended with an outcome, and the person was told.
func (s *sim) finish() {
	ctx := context.Background()
	for s.step(200) > 0 {
		s.clock.Add(int64(time.Minute))
	}
	s.count("at the end")
	for _, r := range s.receipts {
		v, err := s.requests.Load(ctx, ods, r.ID)
		must(s.t, err)
		if v.Open() || v.Outcome == "" || v.Told == "" || v.Owner.Ref == "" || v.Reference != r.Reference {
			s.t.Errorf("seed %d: %s ended as %+v", s.seed, r.Reference, v)
		}
		thread, err := message.New(s.store).Thread(ctx, ods, r.ID)
		must(s.t, err)
		told := false
		for _, m := range thread {
			told = told || m.Kind == "outcome"
		}
		if !told {
			s.t.Errorf("seed %d: the person who asked %s was not told how it ended", s.seed, r.Reference)
		}
	}
	s.t.Logf("%d receipts by channel: %v; split off: %v; done to them: %v", len(s.receipts), s.asked, s.parts, s.did)
	for _, what := range deeds {
		if s.did[what.name] == 0 {
			s.t.Errorf("seed %d: nobody did %q: the weeks prove nothing about it", s.seed, what.name)
		}
	}
}
