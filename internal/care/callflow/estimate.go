package callflow

import (
	"slices"
	"time"
)

// Estimate is how long a caller is likely to wait yet. The zero one is: not
// known.
type Estimate struct{ Low, High time.Duration }

const (
	recent   = time.Hour // calls answered longer ago say nothing of now
	mostSeen = 30
	fewest   = 5 // calls, under which nothing is said
)

// EstimateOf is the likely wait of a caller with so many before: from the calls
// of the same queue that were answered last, how long each waited for every
// place, from the fifth that was quickest to the fifth that was slowest. With
// fewer than five in the last hour it says nothing. Calls that did not have to
// queue are left out: they tell how long it takes to pick up, not how fast a
// queue moves.
func EstimateOf(queue string, calls []Call, ahead int, now time.Time) Estimate {
	var last []Call
	for _, c := range calls {
		if c.Queue == queue && c.Direction == In && !c.Answered.IsZero() && c.Ahead > 0 && now.Sub(c.Answered) <= recent && !c.Answered.After(now) {
			last = append(last, c)
		}
	}
	slices.SortFunc(last, func(a, b Call) int { return b.Answered.Compare(a.Answered) })
	last = last[:min(len(last), mostSeen)]
	if len(last) < fewest || ahead < 0 {
		return Estimate{}
	}
	var each []time.Duration
	for _, c := range last {
		each = append(each, c.Answered.Sub(c.Queued)/time.Duration(c.Ahead+1))
	}
	slices.Sort(each)
	n := time.Duration(ahead + 1)
	return Estimate{Low: each[len(each)/5] * n, High: each[len(each)-1-len(each)/5] * n}
}
