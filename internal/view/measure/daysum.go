package measure

import (
	"slices"
	"time"

	"heartwood/internal/words"
)

// day is what a Book has of one day: the requests that came in on it, those
// that were closed on it, and their sum. The feed says which days have changed;
// only those are summed anew, when somebody looks. All but pending holds from
// the moment settled on, whatever the time is then.
type day struct {
	in, closed []*fact

	fresh   bool // the sum below is of the facts above
	sum     part
	settled time.Time // nothing in sum happened after this
	pending []*fact   // not answered: whether they are late depends on the time
}

// forever is a moment by which everything that will be known has happened.
var forever = time.Unix(1<<40, 0)

// dayOf numbers the days in London since 1970.
func dayOf(t time.Time) int32 {
	y, m, d := t.In(words.London).Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (b *Book) day(t time.Time) *day {
	n := dayOf(t)
	if b.days[n] == nil {
		b.days[n] = &day{}
	}
	return b.days[n]
}

// place puts a new request in order, and in its day.
func (b *Book) place(f *fact) {
	order := b.ledger.order
	i := len(order)
	for i > 0 && order[i-1].In.After(f.In) {
		i--
	}
	b.ledger.order = slices.Insert(order, i, f)
	d := b.day(f.In)
	d.in = append(d.in, f)
	b.touch(f)
}

// touch is told that a request has changed: the sums of its days hold no more.
func (b *Book) touch(f *fact) {
	b.day(f.In).fresh = false
	if f.closedOn.Equal(f.Closed) {
		if !f.Closed.IsZero() {
			b.day(f.Closed).fresh = false
		}
		return
	}
	if !f.closedOn.IsZero() {
		d := b.day(f.closedOn)
		d.closed, d.fresh = slices.DeleteFunc(d.closed, func(x *fact) bool { return x == f }), false
	}
	if f.closedOn = f.Closed; !f.Closed.IsZero() {
		d := b.day(f.Closed)
		d.closed, d.fresh = append(d.closed, f), false
	}
}

// refresh sums anew the days of a period that have changed. mu is held, for
// reading at least.
func (b *Book) refresh(s Span) {
	b.summing.Lock()
	defer b.summing.Unlock()
	for d := s.From; d.Before(s.To); d = nextDay(d) {
		if x := b.days[dayOf(d)]; x != nil && !x.fresh {
			x.refresh()
		}
	}
}

func (d *day) refresh() {
	d.fresh, d.sum, d.settled, d.pending = true, part{}, time.Time{}, nil
	for _, f := range d.in {
		for _, t := range [...]time.Time{f.In, f.Looked, f.Answered, f.Closed} {
			if t.After(d.settled) {
				d.settled = t
			}
		}
		if f.Answered.IsZero() && !f.Due.IsZero() {
			d.pending = append(d.pending, f)
		} else {
			d.sum.add(&f.Fact, forever)
		}
		d.sum.ended(f)
	}
	for _, f := range d.closed {
		if f.Closed.After(d.settled) {
			d.settled = f.Closed
		}
		d.sum.close(&f.Fact)
	}
}

// asAt hands over the day's sum as at a moment, in parts.
func (d *day) asAt(now time.Time, fn func(*part)) {
	if d == nil {
		return
	}
	var rest part
	if !now.Before(d.settled) {
		fn(&d.sum)
		for _, f := range d.pending {
			rest.add(&f.Fact, now)
		}
		fn(&rest)
		return
	}
	for _, f := range d.in {
		rest.add(&f.Fact, now)
		rest.ended(f)
	}
	for _, f := range d.closed {
		if !f.Closed.After(now) {
			rest.close(&f.Fact)
		}
	}
	fn(&rest)
}
