package opening

import "time"

// Between is how long the practice is open from one moment to another: what a
// person waits, not counting nights, weekends and holidays. It is zero when to
// is not after from. A span of more than two years counts its first two.
func (h Hours) Between(from, to time.Time) time.Duration {
	var open time.Duration
	for i := range 2 * 366 {
		day := noon(from, i)
		if day.Add(-13 * time.Hour).After(to) {
			break
		}
		for _, p := range h.on(day) {
			a, b := p.From, p.To
			if a.Before(from) {
				a = from
			}
			if b.After(to) {
				b = to
			}
			if b.After(a) {
				open += b.Sub(a)
			}
		}
	}
	return open
}

// Shut is how long the practice is closed while other hours say that it is
// open: of the core hours, what a practice does not keep.
func (h Hours) Shut(other Hours, from, to time.Time) time.Duration {
	var shut time.Duration
	for i := range 2 * 366 {
		day := noon(from, i)
		if day.Add(-13 * time.Hour).After(to) {
			break
		}
		for _, p := range other.on(day) {
			a, b := p.From, p.To
			if a.Before(from) {
				a = from
			}
			if b.After(to) {
				b = to
			}
			if b.After(a) {
				shut += b.Sub(a) - h.Between(a, b)
			}
		}
	}
	return shut
}
