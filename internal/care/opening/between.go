package opening

import (
	"iter"
	"time"
)

// Between is how long the practice is open from one moment to another: what a
// person waits, not counting nights, weekends and holidays. It is zero when to
// is not after from. A span of more than two years counts its first two.
func (h Hours) Between(from, to time.Time) time.Duration {
	var open time.Duration
	for p := range h.periods(from, to) {
		open += p.To.Sub(p.From)
	}
	return open
}

// Shut is how long the practice is closed while other hours say that it is
// open: of the core hours, what a practice does not keep.
func (h Hours) Shut(other Hours, from, to time.Time) time.Duration {
	var shut time.Duration
	for p := range other.periods(from, to) {
		shut += p.To.Sub(p.From) - h.Between(p.From, p.To)
	}
	return shut
}

// periods yields what lies from one moment to another of each period that the
// practice is open, of the first two years.
func (h Hours) periods(from, to time.Time) iter.Seq[Period] {
	return func(yield func(Period) bool) {
		for i := range 2 * 366 {
			day := noon(from, i)
			if day.Add(-13 * time.Hour).After(to) {
				return
			}
			for _, p := range h.On(day) {
				if p.From.Before(from) {
					p.From = from
				}
				if p.To.After(to) {
					p.To = to
				}
				if p.To.After(p.From) && !yield(p) {
					return
				}
			}
		}
	}
}
