package promise_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/hazard"
	"heartwood/internal/words"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

// week gives each pool so many minutes in each opening hour of the next days.
func week(now time.Time, minutes map[promise.Pool]float64) promise.Capacity {
	var hours []promise.Hour
	h := opening.Core()
	for t := now; len(hours) < 50; {
		p := h.Next(t)
		for from := p.From; from.Before(p.To); from = from.Add(time.Hour) {
			to := from.Add(time.Hour)
			if to.After(p.To) {
				to = p.To
			}
			m := map[promise.Pool]float64{}
			for k, v := range minutes {
				m[k] = v * to.Sub(from).Hours()
			}
			hours = append(hours, promise.Hour{From: from, To: to, Minutes: m})
		}
		t = p.To
	}
	return promise.NewCapacity(hours)
}

func jobs(n int, pool promise.Pool, now time.Time) []promise.Job {
	var out []promise.Job
	for i := range n {
		out = append(out, promise.Job{
			ID: string(rune('a'+i%26)) + time.Duration(i).String(), Priority: "routine", Pool: pool, Minutes: 9,
			Since: now.Add(-time.Duration(i) * time.Minute), AnswerBy: now.Add(30 * time.Hour),
		})
	}
	return out
}

func TestSay(t *testing.T) {
	now := at("2026-11-24 10:05") // a Tuesday
	o := promise.Outlook{Hours: opening.Core(), Capacity: week(now, map[promise.Pool]float64{promise.GP: 60})}
	clock := o.Hours.NextDay(now)
	for _, c := range []struct {
		open  int
		by    time.Time
		say   string
		short bool
	}{
		{0, clock, "most likely by 1pm today, and by 3pm today at the latest", false},
		{12, clock, "most likely between midday and 5:30pm today, and by midday tomorrow at the latest", false},
		{60, clock, "by 6:30pm tomorrow", true}, // work for more than two days: the clock is said, and somebody told
		{300, clock, "by 6:30pm tomorrow", true},
		{0, now.Add(-time.Minute), "by 10:05am today", true},
	} {
		o.Queue = promise.NewQueue(jobs(c.open, promise.GP, now))
		got := o.New(promise.Need{Priority: "routine", Kind: "new-problem"}, now, c.by)
		if got.Say(now) != c.say || got.Short != c.short {
			t.Errorf("%d open: %q, short %v", c.open, got.Say(now), got.Short)
		}
	}
	night := at("2026-11-24 22:00")
	o.Queue = promise.NewQueue(nil)
	if got := o.New(promise.Need{Priority: "routine", Kind: "test-result"}, night, o.Hours.NextDay(night)).Say(night); got != "most likely between 8am and midday tomorrow, and by 6:30pm tomorrow at the latest" {
		t.Errorf("at night: %q", got)
	}
	if (promise.Range{}).Say(now) != "" {
		t.Error("nothing is promised out of nothing")
	}
}

// drawn is some outlook and a need.
func drawn(t *rapid.T) (promise.Outlook, promise.Need, time.Time) {
	now := at("2026-11-23 00:00").Add(time.Duration(rapid.IntRange(0, 14*24*60).Draw(t, "minute")) * time.Minute)
	minutes := map[promise.Pool]float64{}
	for _, p := range promise.Pools {
		minutes[p] = rapid.Float64Range(0, 200).Draw(t, "minutes")
	}
	o := promise.Outlook{Hours: opening.Core(), Capacity: week(now, minutes)}
	n := promise.Need{
		Priority: rapid.SampledFrom([]string{"routine", "urgent", "asap", "stat"}).Draw(t, "priority"),
		Kind:     rapid.SampledFrom([]string{"new-problem", "medicine", "admin", "test-result"}).Draw(t, "kind"),
		Pool:     rapid.SampledFrom(append([]promise.Pool{""}, promise.Pools...)).Draw(t, "pool"),
	}
	return o, n, now
}

// A promise is never before now, never after the clock, in order, and never
// earlier for a longer queue.
func TestPromises(t *testing.T) {
	hazard.Covers(t, "H-031")
	rapid.Check(t, func(t *rapid.T) {
		o, n, now := drawn(t)
		by := now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "clock")) * time.Minute)
		var queue []promise.Job
		for range rapid.IntRange(0, 60).Draw(t, "open") {
			queue = append(queue, promise.Job{
				ID:       rapid.StringMatching(`[a-z]{8}`).Draw(t, "id"),
				Priority: rapid.SampledFrom([]string{"routine", "urgent", "asap", "stat", "?"}).Draw(t, "p"),
				Pool:     rapid.SampledFrom(promise.Pools).Draw(t, "pool"), Minutes: rapid.Float64Range(1, 30).Draw(t, "m"),
				Since: now.Add(-time.Hour), AnswerBy: now.Add(time.Duration(rapid.IntRange(-100, 3000).Draw(t, "by")) * time.Minute),
			})
		}
		var last promise.Range
		for k := range len(queue) + 1 {
			o.Queue = promise.NewQueue(queue[:k])
			r := o.New(n, now, by)
			if r.From.Before(now) || r.To.Before(r.From) || r.Latest.Before(r.To) || r.Latest.After(by) && r.Latest.After(now) {
				t.Fatalf("out of order at %v, by %v: %+v", now, by, r)
			}
			if k > 0 && (r.From.Before(last.From) || r.To.Before(last.To) || r.Latest.Before(last.Latest) || last.Short && !r.Short) {
				t.Fatalf("a longer queue promises earlier: %+v, then %+v", last, r)
			}
			last = r
			for _, j := range queue[:k] {
				q, ok := o.Of(j.ID, now)
				if !ok || q.From.Before(now) || q.Latest.After(j.AnswerBy) && q.Latest.After(now) {
					t.Fatalf("of a request in the queue: %v %+v, clock %v", ok, q, j.AnswerBy)
				}
			}
		}
		if _, ok := o.Of("nobody", now); ok {
			t.Fatal("a promise for a request that is not there")
		}
	})
}

// What is more urgent never waits longer.
func TestUrgentGoesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, n, now := drawn(t)
		o.Queue = promise.NewQueue(jobs(rapid.IntRange(0, 80).Draw(t, "open"), promise.GP, now))
		by := now.Add(100 * time.Hour)
		n.Priority = "routine"
		slow := o.New(n, now, by)
		n.Priority = "urgent"
		if fast := o.New(n, now, by); fast.Latest.After(slow.Latest) || fast.Work > slow.Work {
			t.Fatalf("urgent %+v, routine %+v", fast, slow)
		}
	})
}
