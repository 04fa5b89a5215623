package promise

import (
	"math"
	"slices"
	"time"

	"heartwood/internal/care/opening"
)

// Factor is how much longer than the bare work requests took, at the shares
// that a Range states.
type Factor struct {
	Low, High, Latest float64
	Count             int // requests that it rests on
}

// Factors are a practice's own, by pool and by whether it is urgent.
type Factors struct{ by map[factorKey]Factor }

type factorKey struct {
	pool   Pool // "" for all
	urgent bool
}

// The shares of requests at which a range begins, ends, and is left behind by
// one in ten.
const (
	lowShare    = 0.15
	highShare   = 0.75
	latestShare = 0.90
)

// prior is what a practice begins with: assumptions, wide on purpose, that
// give way to its own requests. weight is how many requests they count for.
var prior = []float64{.3, .45, .6, .7, .8, .9, 1, 1.1, 1.2, 1.35, 1.5, 1.65, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 4, 6}

// enough is how many requests of a pool are needed before it has a factor of
// its own; fewer are put together with the other pools.
const enough = 60

// Past is a request that was answered: what stood before it when it came, and
// when the practice first answered.
type Past struct {
	Pool     Pool
	Priority string
	Minutes  float64
	In, Out  time.Time
}

// Learn works out the factors from answered requests. It replays them: of each
// the work that stood before it when it came, in its own pool and of its own
// urgency or higher, and how much opening time went by until it was answered.
func Learn(past []Past, h opening.Hours, c Capacity) Factors {
	scores := map[factorKey][]float64{}
	for pool, list := range byPool(past) {
		for i, s := range replay(list, h, c.rate(pool)) {
			urgent := Rank(list[i].Priority) > 0
			scores[factorKey{pool, urgent}] = append(scores[factorKey{pool, urgent}], s)
			scores[factorKey{"", urgent}] = append(scores[factorKey{"", urgent}], s)
		}
	}
	f := Factors{by: map[factorKey]Factor{}}
	for k, s := range scores {
		if k.pool == "" || len(s) >= enough {
			f.by[k] = factorOf(s)
		}
	}
	return f
}

func byPool(past []Past) map[Pool][]Past {
	out := map[Pool][]Past{}
	for _, p := range past {
		if p.Out.After(p.In) && Rank(p.Priority) < Rank("stat") {
			out[p.Pool] = append(out[p.Pool], p)
		}
	}
	for _, l := range out {
		slices.SortFunc(l, func(a, b Past) int { return a.In.Compare(b.In) })
	}
	return out
}

// replay gives for each request of one pool, in order of coming, its score:
// the opening time that it took against that of the work before it.
func replay(list []Past, h opening.Hours, rate float64) []float64 {
	clock := newClock(h, list)
	out := make([]float64, len(list))
	var open []Past // not yet answered when the next one comes
	for i, p := range list {
		kept := open[:0]
		work := p.Minutes
		for _, q := range open {
			if q.Out.After(p.In) {
				kept = append(kept, q)
				if Rank(q.Priority) >= Rank(p.Priority) {
					work += q.Minutes
				}
			}
		}
		open = append(kept, p)
		took := clock.between(p.In, p.Out)
		out[i] = took / (lookRound + work/rate)
	}
	return out
}

// clock counts minutes of opening time quickly: periods with running sums.
type clock struct {
	periods []opening.Period
	sums    []float64
}

func newClock(h opening.Hours, list []Past) clock {
	var c clock
	if len(list) == 0 {
		return c
	}
	last := list[0].Out
	for _, p := range list {
		if p.Out.After(last) {
			last = p.Out
		}
	}
	sum := 0.
	for t := list[0].In; t.Before(last); {
		p := h.Next(t)
		c.periods, c.sums = append(c.periods, p), append(c.sums, sum)
		sum += p.To.Sub(p.From).Minutes()
		t = p.To
	}
	return c
}

func (c clock) at(t time.Time) float64 {
	i, found := slices.BinarySearchFunc(c.periods, t, func(p opening.Period, t time.Time) int { return p.From.Compare(t) })
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	return c.sums[i] + math.Min(t.Sub(c.periods[i].From).Minutes(), c.periods[i].To.Sub(c.periods[i].From).Minutes())
}

func (c clock) between(a, b time.Time) float64 { return c.at(b) - c.at(a) }

func factorOf(scores []float64) Factor {
	n := len(scores)
	if n < enough { // too few to stand alone
		scores = append(slices.Clone(scores), prior...)
	} else {
		scores = slices.Clone(scores)
	}
	slices.Sort(scores)
	return Factor{Low: share(scores, lowShare), High: share(scores, highShare), Latest: share(scores, latestShare), Count: n}
}

// share is the value that this share of the scores does not exceed, on the
// safe side.
func share(sorted []float64, q float64) float64 {
	i := int(math.Ceil(q*float64(len(sorted)+1))) - 1
	return sorted[max(0, min(i, len(sorted)-1))]
}

func (f Factors) of(p Pool, priority string) Factor {
	urgent := Rank(priority) > 0
	for _, k := range []factorKey{{p, urgent}, {"", urgent}} {
		if x, ok := f.by[k]; ok {
			return x
		}
	}
	return factorOf(nil)
}
