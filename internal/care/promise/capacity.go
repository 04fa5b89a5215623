package promise

import (
	"time"

	"heartwood/internal/care/opening"
)

// Hour is a part of an opening and the minutes of work that each pool has in
// it: more than 60 when several people work.
type Hour struct {
	From, To time.Time
	Minutes  map[Pool]float64
}

// Capacity is what the coming hours hold, in order. What comes after them is
// taken to be like their average.
type Capacity struct {
	Hours []Hour
	mean  map[Pool]float64 // minutes of work in each minute of opening
}

// floorRate is the least that a pool does, in minutes of work for each minute
// of opening, where nobody is known to work in it: its work is done by others.
const floorRate = 0.1

// NewCapacity takes hours in order of time.
func NewCapacity(hours []Hour) Capacity {
	c := Capacity{Hours: hours, mean: map[Pool]float64{}}
	open := 0.
	for _, h := range hours {
		open += h.To.Sub(h.From).Minutes()
		for p, m := range h.Minutes {
			c.mean[p] += m
		}
	}
	for p := range c.mean {
		c.mean[p] /= open
	}
	return c
}

// rate is the usual pace of a pool.
func (c Capacity) rate(p Pool) float64 { return max(c.mean[p], floorRate) }

// Left is the minutes of a pool from t to the end of that day.
func (c Capacity) Left(p Pool, t time.Time) (sum float64) {
	y, m, d := t.Date()
	for _, h := range c.Hours {
		hy, hm, hd := h.From.In(t.Location()).Date()
		if hy != y || hm != m || hd != d || !h.To.After(t) {
			continue
		}
		share := 1.
		if h.From.Before(t) {
			share = h.To.Sub(t).Minutes() / h.To.Sub(h.From).Minutes()
		}
		sum += h.Minutes[p] * share
	}
	return sum
}

// finish is when the pool has done so much work, beginning at t.
func (c Capacity) finish(open opening.Hours, p Pool, t time.Time, work float64) time.Time {
	for _, h := range c.Hours {
		if !h.To.After(t) {
			continue
		}
		from := h.From
		if from.Before(t) {
			from = t
		}
		pace := h.Minutes[p] / h.To.Sub(h.From).Minutes()
		left := h.To.Sub(from).Minutes()
		if can := pace * left; can < work {
			work -= can
			continue
		}
		if pace > 0 {
			return from.Add(time.Duration(work / pace * float64(time.Minute)))
		}
		return from
	}
	if n := len(c.Hours); n > 0 && c.Hours[n-1].To.After(t) {
		t = c.Hours[n-1].To
	}
	return open.Within(t, time.Duration(min(work/c.rate(p), maxMinutes)*float64(time.Minute)))
}

// maxMinutes bounds how far ahead anything is looked for: ten weeks of work.
const maxMinutes = 50 * 630
