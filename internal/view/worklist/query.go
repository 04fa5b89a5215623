package worklist

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"heartwood/internal/ident"
)

// urgency orders the FHIR priorities, most urgent first. What is not known is
// put with the urgent, not behind.
func urgency(priority string) int {
	switch priority {
	case "stat":
		return 0
	case "asap":
		return 1
	case "routine":
		return 3
	}
	return 2
}

// compare is the queue's order: most urgent first, then what must be answered
// first, then what came first.
func compare(a, b Row) int {
	return cmp.Or(
		urgency(a.Priority)-urgency(b.Priority),
		clock(a).Compare(clock(b)),
		a.Since.Compare(b.Since),
		strings.Compare(a.Task.ID, b.Task.ID),
	)
}

func clock(r Row) time.Time {
	if r.AnswerBy.IsZero() {
		return r.Since // no promise was made: it must not fall behind
	}
	return r.AnswerBy
}

// chooses tells whether the filter lets a row through.
func (f Filter) chooses(r Row, now time.Time) bool {
	switch {
	case !f.Owner.IsZero() && f.Owner != r.Owner,
		f.Nobody && !r.unowned(),
		f.Priority != "" && f.Priority != r.Priority,
		f.Waiting != "" && f.Waiting != r.Waiting,
		f.Channel != "" && f.Channel != r.Channel,
		!f.Patient.IsZero() && f.Patient != r.Patient,
		f.Late && !r.Late(now),
		!f.For.IsZero() && !r.ready(f.For, now):
		return false
	}
	if f.Text == "" {
		return true
	}
	hay := strings.ToLower(r.Name + " " + r.Reference + " " + r.Asked)
	for _, w := range strings.Fields(strings.ToLower(f.Text)) {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

// ready tells whether somebody can take the request up now.
func (r Row) ready(who ident.Ref, now time.Time) bool {
	return !r.Asleep(now) && r.Waiting != OnPatient && (r.unowned() || r.Owner == who)
}

// unowned tells whether no person has taken the request.
func (r Row) unowned() bool {
	return r.Owner.Type != "Practitioner" && r.Owner.Type != "PractitionerRole"
}

// View gives the rows that a filter chooses, and the counts.
func (l *List) View(f Filter) View {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = time.Now()
	v := View{Revision: l.rev, Counts: Counts{
		ByOwner: map[ident.Ref]int{}, ByWaiting: map[Waiting]int{},
		ByPriority: map[string]int{}, ByChannel: map[string]int{},
	}}
	for _, r := range l.rows {
		v.Counts.add(r, now)
		if f.chooses(r, now) {
			v.Rows = append(v.Rows, r)
		}
	}
	slices.SortFunc(v.Rows, func(a, b Row) int { // what is put aside comes last, and is never hidden
		if x, y := a.Asleep(now), b.Asleep(now); x != y {
			if x {
				return 1
			}
			return -1
		}
		return compare(a, b)
	})
	v.Matched = len(v.Rows)
	if f.Limit > 0 && len(v.Rows) > f.Limit {
		v.Rows = v.Rows[:f.Limit]
	}
	for i := range v.Rows {
		l.dress(&v.Rows[i], now)
	}
	return v
}

// dress adds what depends on the moment; mu is held.
func (l *List) dress(r *Row, now time.Time) {
	r.Age = age(r.Born, now)
	r.Flags = slices.Clone(r.Flags)
	r.Looking = l.looking(r.Task.ID, ident.Ref{}, now)
}

func (c *Counts) add(r Row, now time.Time) {
	c.Open++
	c.ByOwner[r.Owner]++
	c.ByWaiting[r.Waiting]++
	c.ByPriority[r.Priority]++
	c.ByChannel[r.Channel]++
	if urgency(r.Priority) < urgency("routine") {
		c.Urgent++
	}
	if r.Late(now) {
		c.Late++
	}
	if len(r.Flags) > 0 {
		c.Flagged++
	}
	if r.unowned() {
		c.Nobody++
	}
}

// Row gives one open request; ok is false when it is not open.
func (l *List) Row(task ident.Ref) (r Row, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok = l.rows[task.ID]
	if ok {
		l.dress(&r, now)
	}
	return r, ok
}

// Next is the first request after this one, in the queue's order, that the
// filter chooses and that nobody but me is looking at. After the last it
// begins again at the top; a zero after means the top.
func (l *List) Next(f Filter, after ident.Ref, me ident.Ref) (r Row, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = time.Now()
	here, placed := l.rows[after.ID]
	var first, next *Row
	for id, r := range l.rows {
		if id == after.ID || !f.chooses(r, now) || len(l.looking(id, me, now)) > 0 {
			continue
		}
		if first == nil || compare(r, *first) < 0 {
			first = &r
		}
		if placed && compare(r, here) > 0 && (next == nil || compare(r, *next) < 0) {
			next = &r
		}
	}
	if next == nil {
		next = first
	}
	if next == nil {
		return Row{}, false
	}
	r = *next
	l.dress(&r, now)
	return r, true
}
