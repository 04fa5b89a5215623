package measure

import (
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/words"
)

// Line is what is counted of some requests of a period: all, or those of one
// channel, kind or urgency. In = Answered + Open, and In = Kept + Late +
// Running + NoPromise.
type Line struct {
	Label     string // a code: "web", "new-problem"
	In        int
	Answered  int // closed
	Open      int
	Kept      int // answered within the promise
	Late      int // answered late, or not yet and late
	Running   int // not yet answered and not yet late
	NoPromise int
	Reopened  int           // closed and then opened again, once or more
	Median    time.Duration // half were answered within this: by the clock
	Ninth     time.Duration // nine in ten were
	Opening   time.Duration // half were answered within this: opening time only
	Look      time.Duration // half were looked at by somebody within this: opening time
	Waits     int           // of how many the waits are
}

// Sum is one period's figures.
type Sum struct {
	Span       Span
	Now        time.Time
	All        Line
	Channels   []Line
	Kinds      []Line
	Urgencies  []Line
	Outcomes   []Bar // of what was closed in the period
	Closed     int
	Demand     [7][24]int    // came in, by weekday (Monday first) and hour
	Waits      [7][8]Wait    // how long those waited, by weekday and band of the day
	Online     [7][8]int     // of them online, by weekday and band
	Calls      [7][8]int     // of them by phone, by weekday and band
	Working    [7][24]Work   // work of all kinds, by weekday and hour
	Deeds      map[Deed]Work // by kind
	Days       []DayCount    // each day of the period
	Starts     []Start       // forms begun online, as far as it is known what became of them
	StartsFrom time.Time     // the first day of which forms begun were counted; zero when of none
	SentAway   int           // closed by telling them to ask again another time
	Unended    int           // ended in some way that is no answer
	Shut       time.Duration // core hours in which the practice was closed, by its hours now
}

// Wait is the median of some waits.
type Wait struct {
	N       int
	Opening time.Duration
}

// DayCount is one day's requests.
type DayCount struct {
	Date         time.Time
	In, Answered int
}

// Sum measures a period as at now: it adds up the sums of its days.
func (b *Book) Sum(s Span, now time.Time) Sum {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := Sum{Span: s, Now: now, Deeds: map[Deed]Work{}}
	out.days(s, now)
	g := gatherer{sum: &out}
	b.refresh(s)
	for d := s.From; d.Before(s.To); d = nextDay(d) {
		g.weekday = weekday(d)
		b.days[dayOf(d)].asAt(now, g.add)
		g.date++
	}
	g.finish()
	b.worked(s, &out)
	out.Starts, out.StartsFrom = b.startsOf(s), b.startsFrom()
	until := s.To
	if now.Before(until) {
		until = now
	}
	out.Shut = b.hours.Shut(opening.Core(), s.From, until)
	return out
}

func (o *Sum) days(s Span, now time.Time) {
	for d := s.From; d.Before(s.To) && !d.After(now); d = nextDay(d) {
		o.Days = append(o.Days, DayCount{Date: d})
	}
}

func nextDay(d time.Time) time.Time {
	y, m, dd := d.Date()
	return time.Date(y, m, dd+1, 0, 0, 0, 0, words.London)
}

// worked adds up the work of the period.
func (b *Book) worked(s Span, out *Sum) {
	for d := s.From; d.Before(s.To); d = nextDay(d) {
		w := weekday(d)
		for h := range 24 {
			for deed, work := range b.work.cells[hour{hourOf(d).day, int8(h)}] {
				sum := out.Deeds[deed]
				sum.add(work)
				out.Deeds[deed] = sum
				out.Working[w][h].add(work)
			}
		}
	}
}

// weekday is 0 for Monday.
func weekday(t time.Time) int { return (int(t.In(words.London).Weekday()) + 6) % 7 }

// Fate is what became of a promise.
type Fate int

// The fates.
const (
	None    Fate = iota // no time was promised
	Kept                // answered in time
	Late                // answered late, or not yet and late
	Running             // not yet answered and not yet late
)

// Promise tells what has become of a request's promise at a moment.
func (f *Fact) Promise(now time.Time) Fate {
	answered := f.answeredBy(now)
	switch {
	case f.Due.IsZero():
		return None
	case answered && !f.Answered.After(f.Due):
		return Kept
	case !answered && !now.After(f.Due):
		return Running
	}
	return Late
}

// answeredBy tells whether there was an answer at a moment.
func (f *Fact) answeredBy(now time.Time) bool { return !f.Answered.IsZero() && !f.Answered.After(now) }
