package measure

import (
	"slices"
	"time"
)

// Dimension is one way of dividing those who ask into groups.
type Dimension struct {
	Code, Name string
	of         func(*Fact) string
	order      []string // of the groups; others follow by name
}

// Unknown is the group of those of whom a thing is not known.
const Unknown = "Not known"

// Dimensions are what is compared.
var Dimensions = []Dimension{
	{"channel", "How they asked", func(f *Fact) string { return f.Channel }, []string{"web", "phone", "desk"}},
	{"age", "Age", func(f *Fact) string { return f.Who.Band(f.In) }, []string{"Under 5", "5 to 15", "16 to 24", "25 to 44", "45 to 64", "65 to 74", "75 and over", Unknown}},
	{"deprivation", "Deprivation where they live", func(f *Fact) string { return f.Who.Fifth() }, append(slices.Clone(fifths), Unknown)},
	{"language", "Language", func(f *Fact) string { return f.Who.Speaks() }, []string{"English", "Another language, no interpreter", "Needs an interpreter", Unknown}},
	{"need", "Communication need", func(f *Fact) string { return f.Who.Need() }, []string{"No need recorded", "Has a communication need", Unknown}},
}

// Group is what is counted of one group, or of all.
type Group struct {
	Name      string
	In        int           // requests
	Due       int           // of those, answered or past their promise
	Late      int           // of those due, late
	Closed    int           // requests that are closed
	Seen      int           // of those, with an appointment or a consultation
	Unsettled int           // of those: not reached, withdrawn, sent away, or opened again
	Waits     int           // requests answered, or late and waiting
	Median    time.Duration // of those waits, opening time
}

// Comparison is one dimension's groups.
type Comparison struct {
	Dimension Dimension
	Groups    []Group
	All       Group
}

// Equity compares groups of those who asked in a period, as at now. Requests
// that are not matched to a patient are not in it: nothing is known of who
// asked. They are counted beside it.
func (b *Book) Equity(s Span, now time.Time) (out []Comparison, unmatched int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	b.each(s, func(f *Fact) {
		if f.Patient == "" && !f.In.After(now) {
			unmatched++
		}
	})
	for _, d := range Dimensions {
		all, groups := &groupOf{}, map[string]*groupOf{}
		b.each(s, func(f *Fact) {
			if f.In.After(now) || f.Patient == "" {
				return
			}
			name := d.of(f)
			if groups[name] == nil {
				groups[name] = &groupOf{}
			}
			w, counts := b.waited(f, now)
			all.add(f, now, w, counts)
			groups[name].add(f, now, w, counts)
		})
		c := Comparison{Dimension: d, All: all.group("All")}
		for _, name := range d.names(groups) {
			c.Groups = append(c.Groups, groups[name].group(name))
		}
		out = append(out, c)
	}
	return out, unmatched
}

// waited is how long somebody has waited, in opening time. One who is not
// answered counts with the wait so far once the promise has passed: groups
// that are not answered at all must not look well.
func (b *Book) waited(f *Fact, now time.Time) (d time.Duration, counts bool) {
	switch {
	case f.answeredBy(now):
		return f.Waited, true
	case f.Promise(now) == Late:
		return b.hours.Between(f.In, now), true
	}
	return 0, false
}

// names are the groups that have somebody, in the dimension's order.
func (d Dimension) names(of map[string]*groupOf) []string {
	var out []string
	for _, n := range d.order {
		if of[n] != nil {
			out = append(out, n)
		}
	}
	at := len(out)
	for n := range of {
		if !slices.Contains(d.order, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out[at:])
	return out
}

type groupOf struct {
	Group
	waits []time.Duration
}

func (g *groupOf) add(f *Fact, now time.Time, wait time.Duration, counts bool) {
	g.In++
	if p := f.Promise(now); p == Kept || p == Late {
		g.Due++
		if p == Late {
			g.Late++
		}
	}
	if !f.Open(now) {
		g.Closed++
		if f.seen() {
			g.Seen++
		}
		if f.unsettled() {
			g.Unsettled++
		}
	}
	if counts {
		g.waits = append(g.waits, wait)
	}
}

func (g *groupOf) group(name string) Group {
	g.Name, g.Waits, g.Median = name, len(g.waits), median(g.waits)
	return g.Group
}

// seen tells whether they were given an appointment or spoken to.
func (f *Fact) seen() bool { return f.OutcomeCode == "appointment" || f.OutcomeCode == "consultation" }

// unsettled tells whether it ended without help, as far as the record knows.
func (f *Fact) unsettled() bool {
	return f.OutcomeCode == "not-reached" || f.OutcomeCode == "withdrawn" || f.SentAway || f.Reopened > 0
}
