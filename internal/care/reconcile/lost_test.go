package reconcile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// Many people ask, decide, send and reply at once, in any order and from any
// screen: every receipt that was shown is in the ledger, and the day balances.
func TestNothingIsLostInACrowd(t *testing.T) {
	hazard.Covers(t, "H-001")
	ctx, ods := context.Background(), ident.ODS("Z99901")
	s := memory.Open(t, nil)
	from := time.Now().Add(-time.Minute)
	reqs, msgs := request.New(s), message.New(s)
	shown := make(chan request.Receipt, 1000)
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(worker)))
			by := record.Author{Ref: fmt.Sprintf("Practitioner/p%d", worker), Role: care.RoleClinician}
			var mine []request.Receipt
			for i := range 12 {
				key := fmt.Sprintf("form-%d-%d", worker, i)
				for range 1 + r.IntN(2) { // some forms are sent twice
					got, err := reqs.Receive(ctx, ods, by, anAsk(r), key)
					if err != nil {
						t.Error(err)
						return
					}
					mine = append(mine, got)
					shown <- got
				}
				on := mine[r.IntN(len(mine))].ID
				_, err := reqs.Do(ctx, ods, by, on, "", aCommand(r))
				tolerable(t, err)
				_, err = msgs.Reply(ctx, ods, by, message.Reply{Request: on, Text: "It is worse now."}, "")
				tolerable(t, err)
				_, err = reqs.Do(ctx, ods, by, on, "", aCommand(r))
				tolerable(t, err)
			}
		})
	}
	wg.Wait()
	close(shown)
	seen := map[string]bool{}
	for r := range shown {
		seen[r.ID] = true
		v, err := reqs.ByReference(ctx, ods, r.Reference)
		if err != nil || v.ID != r.ID || v.Owner.Ref == "" || v.AnswerBy.IsZero() || len(v.History) == 0 {
			t.Fatalf("%s: %+v %v", r.Reference, v, err)
		}
	}
	rep, err := New(s).Run(ctx, ods, from, time.Now().Add(time.Minute))
	if err != nil || !rep.Balanced() || rep.Total.In != len(seen) || len(seen) != 72 {
		t.Errorf("%d receipts, %+v, %v", len(seen), rep, err)
	}
}

func anAsk(r *rand.Rand) request.Ask {
	return request.Ask{
		Identity: request.Identity{Given: "Ann", Family: "Example", Birth: "1980-01-01", Phone: "01632960001"},
		Asker:    request.Staff, Channel: request.Channels[r.IntN(3)], Kind: request.Kinds[r.IntN(6)],
		What: []string{"A letter", "My chest hurts", "I found a lump in my breast"}[r.IntN(3)],
	}
}

func aCommand(r *rand.Rand) request.Command {
	return []request.Command{
		request.Confirm{Urgency: request.Urgency(1 + r.IntN(4)), Reason: "looked"},
		request.Assign{To: request.Owner{Ref: "Practitioner/p1"}},
		request.Start{},
		request.Await{},
		request.Spoke{},
		request.Close{Outcome: request.AdviceGiven, Told: "Rest."},
		request.Reopen{Reason: "rang back"},
	}[r.IntN(7)]
}

// tolerable: a decision may be refused by a rule; it may not fail.
func tolerable(t *testing.T, err error) {
	if err != nil && !fault.Is(err, fault.Refused) {
		t.Error(err)
	}
}
