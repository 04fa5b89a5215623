package measure

import (
	"cmp"
	"slices"
	"time"

	"heartwood/internal/words"
)

// part is what is counted of some requests of one day.
type part struct {
	by            [3]map[string]*lineOf // by channel, by kind, by urgency
	hours         [24]int
	online, calls [8]int
	waits         [8][]time.Duration // by band of the day
	in, answered  int

	outcomes         tally // of what was closed on the day, whenever it came in
	closed, sentAway int
	unended          int
}

// lineOf is a Line as it is being gathered.
type lineOf struct {
	Line
	clock, open, look []time.Duration
}

// add counts a request that came in on the day, as at a moment.
func (p *part) add(f *Fact, now time.Time) {
	if f.In.After(now) {
		return
	}
	for i, label := range [...]string{f.Channel, f.Kind, f.Priority} {
		if p.by[i] == nil {
			p.by[i] = map[string]*lineOf{}
		}
		l := p.by[i][label]
		if l == nil {
			l = &lineOf{Line: Line{Label: label}}
			p.by[i][label] = l
		}
		l.add(f, now)
	}
	p.in++
	if !f.Open(now) {
		p.answered++
	}
	band := BandOf(f.In)
	p.hours[f.In.In(words.London).Hour()]++
	switch f.Channel {
	case "phone":
		p.calls[band]++
	case "web":
		p.online[band]++
	}
	if f.answeredBy(now) {
		p.waits[band] = append(p.waits[band], f.Waited)
	}
}

// ended counts a request that ended in some way that is no answer.
func (p *part) ended(f *fact) {
	if f.lost {
		p.unended++
	}
}

// close counts a request that was closed on the day.
func (p *part) close(f *Fact) {
	if p.outcomes == nil {
		p.outcomes = tally{}
	}
	p.closed++
	p.outcomes[f.Outcome]++
	if f.SentAway {
		p.sentAway++
	}
}

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

// gatherer adds the parts of a period's days.
type gatherer struct {
	sum      *Sum
	date     int // of the parts that come now, among the sum's days
	weekday  int
	by       [3]map[string]*many
	outcomes tally
	waits    [7][8][][]time.Duration
	room     []time.Duration
}

// many are the lines of one label, of many days.
type many struct {
	Line
	clock, open, look [][]time.Duration
}

func (g *gatherer) add(p *part) {
	s, w := g.sum, g.weekday
	for i := range p.by {
		if g.by[i] == nil {
			g.by[i] = map[string]*many{}
		}
		for label, l := range p.by[i] {
			if g.by[i][label] == nil {
				g.by[i][label] = &many{Line: Line{Label: label}}
			}
			g.by[i][label].add(l)
		}
	}
	for h, n := range p.hours {
		s.Demand[w][h] += n
	}
	for b := range p.online {
		s.Online[w][b] += p.online[b]
		s.Calls[w][b] += p.calls[b]
		if len(p.waits[b]) > 0 {
			g.waits[w][b] = append(g.waits[w][b], p.waits[b])
		}
	}
	if g.date < len(s.Days) {
		s.Days[g.date].In += p.in
		s.Days[g.date].Answered += p.answered
	}
	s.Closed, s.SentAway, s.Unended = s.Closed+p.closed, s.SentAway+p.sentAway, s.Unended+p.unended
	for label, n := range p.outcomes {
		if g.outcomes == nil {
			g.outcomes = tally{}
		}
		g.outcomes[label] += n
	}
}

func (m *many) add(l *lineOf) {
	m.In, m.Answered, m.Open, m.Reopened = m.In+l.In, m.Answered+l.Answered, m.Open+l.Open, m.Reopened+l.Reopened
	m.Kept, m.Late, m.Running, m.NoPromise = m.Kept+l.Kept, m.Late+l.Late, m.Running+l.Running, m.NoPromise+l.NoPromise
	m.clock, m.open, m.look = append(m.clock, l.clock), append(m.open, l.open), append(m.look, l.look)
}

// line is the whole of it, with the waits of all its days.
func (g *gatherer) line(m *many) Line {
	l := m.Line
	clock := g.concat(m.clock)
	l.Waits, l.Median, l.Ninth = len(clock), median(clock), ninth(clock)
	l.Opening = median(g.concat(m.open))
	l.Look = median(g.concat(m.look))
	return l
}

// concat puts lists together, in memory that the next call uses again.
func (g *gatherer) concat(of [][]time.Duration) []time.Duration {
	g.room = g.room[:0]
	for _, x := range of {
		g.room = append(g.room, x...)
	}
	return g.room
}

func (g *gatherer) finish() {
	s := g.sum
	all := many{}
	for _, m := range g.by[0] {
		all.add(&lineOf{Line: m.Line})
		all.clock, all.open, all.look = append(all.clock, m.clock...), append(all.open, m.open...), append(all.look, m.look...)
	}
	if all.In > 0 {
		all.Label = "all"
		s.All = g.line(&all)
	}
	s.Channels = g.lines(g.by[0], "web", "phone", "desk")
	s.Kinds = g.lines(g.by[1])
	s.Urgencies = g.lines(g.by[2], "stat", "asap", "urgent", "routine")
	for w := range g.waits {
		for b, of := range g.waits[w] {
			waits := g.concat(of)
			s.Waits[w][b] = Wait{len(waits), median(waits)}
		}
	}
	s.Outcomes = g.outcomes.bars()
}

// lines are the named ones in that order, then the others, most first.
func (g *gatherer) lines(of map[string]*many, first ...string) []Line {
	var out []Line
	for _, l := range of {
		out = append(out, g.line(l))
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
