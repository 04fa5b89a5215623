package measure

import (
	"cmp"
	"slices"
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
	Span      Span
	Now       time.Time
	All       Line
	Channels  []Line
	Kinds     []Line
	Urgencies []Line
	Outcomes  []Bar // of what was closed in the period
	Closed    int
	Demand    [7][24]int    // came in, by weekday (Monday first) and hour
	Waits     [7][8]Wait    // how long those waited, by weekday and band of the day
	Online    [7][8]int     // of them online, by weekday and band
	Calls     [7][8]int     // of them by phone, by weekday and band
	Working   [7][24]Work   // work of all kinds, by weekday and hour
	Deeds     map[Deed]Work // by kind
	Days      []DayCount    // each day of the period
	SentAway  int           // closed by telling them to ask again another time
	Unended   int           // ended in some way that is no answer
	Shut      time.Duration // core hours in which the practice was closed, by its hours now
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

// Sum measures a period as at now.
func (b *Book) Sum(s Span, now time.Time) Sum {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := Sum{Span: s, Now: now, Deeds: map[Deed]Work{}}
	g := gatherer{sum: &out, now: now, by: [4]map[string]*lineOf{{}, {}, {}, {}}}
	out.days(s, now)
	b.each(s, g.add)
	g.finish()
	for _, f := range b.ledger.order { // closings, whenever they came in
		if f.In.Before(s.To) && s.Has(f.Closed) && !f.Closed.After(now) {
			g.closed(&f.Fact)
		}
		if f.lost && s.Has(f.In) {
			out.Unended++
		}
	}
	out.Outcomes = g.outcomes.bars()
	b.worked(s, &out)
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

// gatherer goes through the requests of a period once.
type gatherer struct {
	sum      *Sum
	now      time.Time
	by       [4]map[string]*lineOf // all, by channel, by kind, by urgency
	outcomes tally
	cells    [7][8][]time.Duration
}

// lineOf is a Line as it is being gathered.
type lineOf struct {
	Line
	clock, open, look []time.Duration
}

func (g *gatherer) add(f *Fact) {
	if f.In.After(g.now) {
		return
	}
	for i, label := range [...]string{"all", f.Channel, f.Kind, f.Priority} {
		l := g.by[i][label]
		if l == nil {
			l = &lineOf{Line: Line{Label: label}}
			g.by[i][label] = l
		}
		l.add(f, g.now)
	}
	w, band := weekday(f.In), BandOf(f.In)
	g.sum.Demand[w][f.In.In(words.London).Hour()]++
	switch f.Channel {
	case "phone":
		g.sum.Calls[w][band]++
	case "web":
		g.sum.Online[w][band]++
	}
	if f.answeredBy(g.now) {
		g.cells[w][band] = append(g.cells[w][band], f.Waited)
	}
	g.day(f)
}

func (g *gatherer) day(f *Fact) {
	i, ok := slices.BinarySearchFunc(g.sum.Days, f.In, func(d DayCount, t time.Time) int {
		switch {
		case t.Before(d.Date):
			return 1
		case t.Before(nextDay(d.Date)):
			return 0
		}
		return -1
	})
	if ok {
		g.sum.Days[i].In++
		if !f.Open(g.now) {
			g.sum.Days[i].Answered++
		}
	}
}

func (g *gatherer) closed(f *Fact) {
	if g.outcomes == nil {
		g.outcomes = tally{}
	}
	g.sum.Closed++
	g.outcomes[f.Outcome]++
	if f.SentAway {
		g.sum.SentAway++
	}
}

// answeredBy tells whether there was an answer at a moment.
func (f *Fact) answeredBy(now time.Time) bool { return !f.Answered.IsZero() && !f.Answered.After(now) }

func (l *lineOf) add(f *Fact, now time.Time) {
	l.In++
	if f.Open(now) {
		l.Open++
	} else {
		l.Answered++
	}
	if f.Reopened > 0 {
		l.Reopened++
	}
	switch f.Promise(now) {
	case Kept:
		l.Kept++
	case Late:
		l.Late++
	case Running:
		l.Running++
	default:
		l.NoPromise++
	}
	if f.answeredBy(now) {
		l.clock, l.open = append(l.clock, f.Answered.Sub(f.In)), append(l.open, f.Waited)
	}
	if !f.Looked.IsZero() && !f.Looked.After(now) {
		l.look = append(l.look, f.LookedIn)
	}
}

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

func (g *gatherer) finish() {
	s := g.sum
	if l := g.by[0]["all"]; l != nil {
		s.All = l.line()
	}
	s.Channels = lines(g.by[1], "web", "phone", "desk")
	s.Kinds = lines(g.by[2])
	s.Urgencies = lines(g.by[3], "stat", "asap", "urgent", "routine")
	for w := range g.cells {
		for b, of := range g.cells[w] {
			s.Waits[w][b] = Wait{len(of), median(of)}
		}
	}
}

func (l *lineOf) line() Line {
	l.Waits = len(l.clock)
	l.Median, l.Opening, l.Look = median(l.clock), median(l.open), median(l.look)
	l.Ninth = ninth(l.clock)
	return l.Line
}

// ninth is the length that nine in ten do not exceed; of sorts.
func ninth(of []time.Duration) time.Duration {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[(9*len(of)+9)/10-1]
}

// lines are the named ones in that order, then the others, most first.
func lines(of map[string]*lineOf, first ...string) []Line {
	var out []Line
	for _, l := range of {
		out = append(out, l.line())
	}
	at := func(l Line) int {
		if i := slices.Index(first, l.Label); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(at(a)-at(b), b.In-a.In, cmp.Compare(a.Label, b.Label))
	})
	return out
}
