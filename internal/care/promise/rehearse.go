package promise

import (
	"slices"
	"time"

	"heartwood/internal/care/opening"
)

// Arrival is a piece of work of the past, for a rehearsal.
type Arrival struct {
	Pool    Pool
	At      time.Time
	Minutes float64
}

// Waits are what a pool's queue does with arrivals.
type Waits struct {
	Count  int
	Work   float64 // minutes in all
	Median float64 // opening minutes from coming to done
	Most   float64 // nine in ten are done within
	Busy   float64 // share of the pool's time that they take; above 1 it never ends
}

// Rehearse works arrivals off in the order in which they come, at the usual
// pace of each pool, and gives the waits and on how many days there was work.
// It is for comparing one way of sharing work with another: what comes out is
// the wait for work alone, without what a Factor adds.
func Rehearse(arrivals []Arrival, h opening.Hours, c Capacity) (map[Pool]Waits, int) {
	list := slices.Clone(arrivals)
	slices.SortStableFunc(list, func(a, b Arrival) int { return a.At.Compare(b.At) })
	if len(list) == 0 {
		return map[Pool]Waits{}, 0
	}
	clock := newClock(h, []Past{{In: list[0].At, Out: list[len(list)-1].At.Add(time.Minute)}})
	free, took := map[Pool]float64{}, map[Pool][]float64{}
	out := map[Pool]Waits{}
	days := map[string]bool{}
	for _, a := range list {
		at := clock.at(a.At)
		free[a.Pool] = max(free[a.Pool], at) + a.Minutes/c.rate(a.Pool)
		took[a.Pool] = append(took[a.Pool], free[a.Pool]-at)
		w := out[a.Pool]
		w.Count, w.Work = w.Count+1, w.Work+a.Minutes
		out[a.Pool] = w
		days[h.Next(a.At).From.Format(time.DateOnly)] = true
	}
	span := clock.at(list[len(list)-1].At) - clock.at(list[0].At)
	for p, w := range out {
		slices.Sort(took[p])
		w.Median, w.Most = share(took[p], .5), share(took[p], .9)
		if span > 0 {
			w.Busy = w.Work / c.rate(p) / span
		}
		out[p] = w
	}
	return out, len(days)
}
