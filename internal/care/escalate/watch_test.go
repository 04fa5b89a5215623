package escalate_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/escalate"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Whatever happens and however time passes, a round that reads what is due
// leaves nothing to do for one that reads everything.
func TestWatchMissesNothing(t *testing.T) {
	hazard.Covers(t, "H-020")
	rapid.Check(t, func(rt *rapid.T) {
		h := open(t)
		w, ids, days := escalate.NewWatch(), []string(nil), 0
		for i := range rapid.IntRange(5, 40).Draw(rt, "steps") {
			ids = h.something(t, rt, i, ids)
			if days < 5 && rapid.IntRange(0, 9).Draw(rt, "long") == 0 {
				days++
				h.pass(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
			}
			h.pass(time.Duration(rapid.IntRange(0, 45*60).Draw(rt, "seconds")) * time.Second)
			if rapid.IntRange(0, 9).Draw(rt, "restart") == 0 {
				w = escalate.NewWatch()
			}
			if rapid.Bool().Draw(rt, "two") { // another process was first
				h.round(t)
			}
			must(t, w.Round(ctx, h.p))
			before := h.p.Position().String()
			h.round(t)
			if now := h.p.Position().String(); now != before {
				rt.Fatalf("step %d: the watch left something to do: %+v", i, h.alarms(t))
			}
		}
	})
}

// something is one thing that may happen at a practice.
func (h *house) something(t *testing.T, rt *rapid.T, i int, ids []string) []string {
	wants := []string{"My chest hurts and I am sweating", "A letter, please", "My knee aches"}
	if len(ids) == 0 || rapid.IntRange(0, 3).Draw(rt, "ask") == 0 {
		return append(ids, h.ask(t, fmt.Sprint(rapid.SampledFrom(wants).Draw(rt, "what"), " ", i)))
	}
	id := rapid.SampledFrom(ids).Draw(rt, "which")
	nav := request.Owner{Ref: "Practitioner/nav", Name: "Nav"}
	switch n := rapid.IntRange(0, 12).Draw(rt, "command"); n {
	case 0:
		away := map[bool]string{true: "true", false: "false"}[rapid.Bool().Draw(rt, "works")]
		h.put(t, `{"resourceType":"PractitionerRole","id":"nav-role","active":`+away+`,"practitioner":{"reference":"Practitioner/nav"}}`)
	case 1:
		p, err := escalate.LoadPath(ctx, h.p)
		must(t, err)
		p.Again = time.Duration(rapid.IntRange(10, 60).Draw(rt, "again")) * time.Minute
		must(t, escalate.SavePath(ctx, h.p, navigator, p))
	case 2:
		for _, a := range h.alarms(t) {
			if a.Rings() {
				if err := escalate.Take(ctx, h.p, navigator, "Nav", a.ID); err != nil && !fault.Is(err, fault.Refused) {
					t.Fatal(err)
				}
				break
			}
		}
	case 3:
		must(t, escalate.Raise(ctx, h.p, "reconciliation", fmt.Sprint(i)))
	case 4:
		must(t, escalate.Settle(ctx, h.p, "reconciliation"))
	case 5: // another program deletes it: the page about it must not ring for ever
		c := record.Change{Author: navigator, Reason: "test", Writes: []record.Write{record.Remove(ident.Ref{Type: "Task", ID: id})}}
		if _, err := h.p.Commit(ctx, c); err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	default:
		cmd := []request.Command{
			request.Confirm{Urgency: request.Urgency(1 + i%4), Reason: "looked"},
			request.Assign{To: nav},
			request.Start{},
			request.Spoke{},
			request.Snooze{Until: h.p.Now().Add(time.Duration(1+i) * time.Hour), Reason: "later", Past: i%2 == 0},
			request.Escalate{To: nav, Reason: "worse"},
			request.Close{Outcome: request.AdminDone, Told: "Sent."},
		}[n-6]
		_, _ = h.requests.Do(ctx, ods, navigator, id, "", cmd) // what is refused is refused
	}
	return ids
}

// What was put aside, with somebody who has gone since, rings when it wakes,
// and not only at the next hourly look at everything.
func TestWatchWakes(t *testing.T) {
	h, w := open(t), escalate.NewWatch()
	id := h.ask(t, "A letter, please")
	for _, cmd := range []request.Command{
		request.Assign{To: request.Owner{Ref: "Practitioner/nav", Name: "Nav"}},
		request.Snooze{Until: h.p.Now().Add(40 * time.Minute), Reason: "the result is due"},
	} {
		_, err := h.requests.Do(ctx, ods, navigator, id, "", cmd)
		must(t, err)
	}
	h.put(t, `{"resourceType":"PractitionerRole","id":"nav-role","active":false,"practitioner":{"reference":"Practitioner/nav"}}`)
	for _, want := range []int{0, 0, 1} { // at once, after 21 minutes, after 42
		must(t, w.Round(ctx, h.p))
		if all := h.alarms(t); len(all) != want {
			t.Fatalf("at %s: %+v", h.p.Now(), all)
		}
		h.pass(21 * time.Minute)
	}
}

// BenchmarkRound is a look with so many open requests of which none is due:
// "all" reads them all, "due" what is due.
func BenchmarkRound(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		h := open(b)
		for i := range n {
			h.ask(b, fmt.Sprint("A letter, please ", i))
		}
		w := escalate.NewWatch()
		must(b, w.Round(ctx, h.p))
		b.Run(fmt.Sprintf("open=%d/all", n), func(b *testing.B) {
			for b.Loop() {
				must(b, escalate.Round(ctx, h.p))
			}
		})
		b.Run(fmt.Sprintf("open=%d/due", n), func(b *testing.B) {
			for b.Loop() {
				must(b, w.Round(ctx, h.p))
			}
		})
	}
}
