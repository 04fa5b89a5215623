package measure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"heartwood/internal/words"
)

// Measure measures a day as at now, from facts. It is pure.
func Measure(facts []Fact, day, now time.Time) Day {
	y, m, dd := day.In(words.London).Date()
	d := Day{Date: time.Date(y, m, dd, 0, 0, 0, 0, words.London), Now: now}
	next := time.Date(y, m, dd+1, 0, 0, 0, 0, words.London)
	hours := make([]int, 24)
	channels, priorities, outcomes := tally{}, tally{}, tally{}
	var waits []time.Duration
	for i := range facts {
		f := &facts[i]
		if f.Open(now) {
			d.OpenAll++
			if d.Oldest == nil || f.In.Before(d.Oldest.In) {
				d.Oldest = f
			}
		}
		if !f.Closed.IsZero() && !f.Closed.Before(d.Date) && f.Closed.Before(next) && !f.Closed.After(now) {
			d.ClosedToday++
			outcomes[f.Outcome]++
		}
		if f.In.Before(d.Date) || !f.In.Before(next) || f.In.After(now) {
			continue
		}
		d.In++
		if f.Open(now) {
			d.Open++
		} else {
			d.Answered++
		}
		hours[f.In.In(words.London).Hour()]++
		channels[f.Channel]++
		priorities[f.Priority]++
		d.promise(f)
		if !f.Answered.IsZero() && !f.Answered.After(now) {
			waits = append(waits, f.Answered.Sub(f.In))
		}
	}
	d.Median = median(waits)
	d.ByHour = byHour(hours)
	d.ByChannel = channels.bars("web", "phone", "desk")
	d.ByPriority = priorities.bars("stat", "asap", "urgent", "routine")
	d.ByOutcome = outcomes.bars()
	return d
}

func (d *Day) promise(f *Fact) {
	answered := !f.Answered.IsZero() && !f.Answered.After(d.Now)
	switch {
	case f.Due.IsZero():
		d.NoPromise++
	case answered && !f.Answered.After(f.Due):
		d.Kept++
	case !answered && !d.Now.After(f.Due):
		d.Running++
	default:
		d.Broken++
	}
}

// tally counts by name.
type tally map[string]int

// bars are the named ones in that order, then the others, most first.
func (t tally) bars(first ...string) []Bar {
	var out []Bar
	for _, n := range first {
		out = append(out, Bar{Label: n, Value: t[n]})
	}
	at := len(out)
	for n, v := range t {
		if !slices.Contains(first, n) {
			if n == "" {
				n = "not said"
			}
			out = append(out, Bar{Label: n, Value: v})
		}
	}
	slices.SortFunc(out[at:], func(a, b Bar) int {
		if a.Value != b.Value {
			return b.Value - a.Value
		}
		return strings.Compare(a.Label, b.Label)
	})
	return shares(out)
}

func byHour(hours []int) []Bar {
	out := make([]Bar, len(hours))
	for h, n := range hours {
		out[h] = Bar{Label: fmt.Sprintf("%02d:00", h), Value: n}
	}
	return shares(out)
}

// shares sets each bar's length against the largest.
func shares(bars []Bar) []Bar {
	most := 0
	for _, b := range bars {
		most = max(most, b.Value)
	}
	for i := range bars {
		if most > 0 {
			bars[i].Share = float64(bars[i].Value) / float64(most)
		}
	}
	return bars
}
