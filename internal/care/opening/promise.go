package opening

import (
	"time"

	"heartwood/internal/words"
)

// horizon is how many days ahead an opening is looked for. A practice that
// does not open for so long has hours that are wrong; Next then answers with
// core hours, so that a promise always exists.
const horizon = 60

// Period is one opening: from, up to but not including to.
type Period struct{ From, To time.Time }

// On lists the periods of the civil day that t falls on.
func (h Hours) On(t time.Time) []Period {
	t = t.In(words.London)
	y, m, d := t.Date()
	if h.Closed[t.Format("2006-01-02")] || h.Holidays && BankHoliday(y, m, d) != "" {
		return nil
	}
	var ps []Period
	for _, s := range h.Week[t.Weekday()] {
		ps = append(ps, Period{
			time.Date(y, m, d, s.From/60, s.From%60, 0, 0, words.London),
			time.Date(y, m, d, s.To/60, s.To%60, 0, 0, words.London),
		})
	}
	return ps
}

// Open tells whether the practice is open at t.
func (h Hours) Open(t time.Time) bool {
	for _, p := range h.On(t) {
		if !t.Before(p.From) && t.Before(p.To) {
			return true
		}
	}
	return false
}

// Next is the first period that is not over at t: the present one when the
// practice is open.
func (h Hours) Next(t time.Time) Period {
	for i := range horizon {
		for _, p := range h.On(noon(t, i)) {
			if t.Before(p.To) {
				return p
			}
		}
	}
	return Core().Next(t)
}

// day is the first day that is not over at t on which the practice opens: its
// first opening and its last close.
func (h Hours) day(t time.Time) Period {
	for i := range horizon {
		ps := h.On(noon(t, i))
		if n := len(ps); n > 0 && t.Before(ps[n-1].To) {
			return Period{ps[0].From, ps[n-1].To}
		}
	}
	return Core().day(t)
}

// noon is the middle of the civil day i days after t's, safe from the change
// of the clocks.
func noon(t time.Time, i int) time.Time {
	y, m, d := t.In(words.London).Date()
	return time.Date(y, m, d+i, 12, 0, 0, 0, words.London)
}

// SameDay is the end of the day on which an urgent request is answered: today
// while the practice has not closed for the day, else the next day it opens.
func (h Hours) SameDay(t time.Time) time.Time { return h.day(t).To }

// NextDay is the end of the next core-hours period, by which the GP contract
// for 2026/27 has a routine request answered: the day after today's when t
// falls on an opening that has begun, else the coming one.
func (h Hours) NextDay(t time.Time) time.Time {
	d := h.day(t)
	if t.Before(d.From) {
		return d.To
	}
	return h.day(d.To).To
}

// Within adds d to t, counting only time when the practice is open.
func (h Hours) Within(t time.Time, d time.Duration) time.Time {
	for range horizon {
		p := h.Next(t)
		if t.Before(p.From) {
			t = p.From
		}
		if left := p.To.Sub(t); d <= left {
			return t.Add(d)
		} else {
			d -= left
		}
		t = p.To
	}
	return t
}
