package workflow

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// Count is how many jobs or cases of one kind there are. What was begun, done
// and cancelled is of a period; what is open and overdue is so now.
type Count struct {
	Key, Name              string // what is counted: an owner's reference, a workflow's id …
	Begun, Done, Cancelled int
	Open, Overdue          int
	Took                   Times // of those done in the period, from their beginning
	Age                    Times // of those open now
}

// Times is what half took at most, and nine in ten; N is of how many.
type Times struct {
	Half, Ninth time.Duration
	N           int
	all         []time.Duration
}

// Tally is what a report of jobs and cases says.
type Tally struct {
	Jobs      Count
	Owners    []Count // of jobs, by who has or had them
	Cases     Count
	Workflows []Count // of cases
	Steps     []Count // of the jobs of cases, in the order of the workflow
}

// endedSince lists the cases in a state that have been touched since a moment.
func endedSince(ctx context.Context, p *record.Practice, in State, since time.Time) (out []Case, err error) {
	var broken []error
	q := "CarePlan?status=" + string(in) + "&_lastUpdated=ge" + url.QueryEscape(since.UTC().Format(time.RFC3339))
	err = search.Each(ctx, p, q, func(v record.Version, r *fhir.Resource) error {
		c, ok, err := caseOf(v, r)
		if err != nil {
			broken = append(broken, err)
		} else if ok {
			out = append(out, c)
		}
		return nil
	})
	return out, errors.Join(append(broken, err)...)
}

// CasesSince lists the cases that are open, and those that ended since a
// moment or later.
func CasesSince(ctx context.Context, p *record.Practice, since time.Time) ([]Case, error) {
	out, err := Cases(ctx, p, Active)
	errs := []error{err}
	for _, s := range []State{Done, Cancelled} {
		some, err := endedSince(ctx, p, s, since)
		out, errs = append(out, some...), append(errs, err)
	}
	return out, errors.Join(errs...)
}

// Report counts jobs and cases. They are those that are open and those that
// ended since from; a job that was taken up again counts as open. It is pure.
func Report(jobs []task.Job, cases []Case, from, to, now time.Time) Tally {
	t := Tally{}
	owners, flows, steps := counts{}, counts{}, counts{}
	names, place, late := map[string][2]string{}, map[string]int{}, map[string]bool{}
	for _, c := range cases {
		for i, s := range c.Definition.Steps {
			key := c.Definition.ID + " " + s.ID
			names[jobID(c.ID, s.ID)], place[key] = [2]string{key, c.Definition.Title + ": " + s.Title}, i
		}
	}
	in := span{from, to, now}
	for _, j := range jobs {
		one := thing{j.Since, j.Ended, j.State == task.Open, j.State == task.Done, j.Late(now)}
		late[j.Plan] = late[j.Plan] || one.late
		in.add(&t.Jobs, one)
		in.add(owners.of(j.Owner, j.Name), one)
		if n, ok := names[j.ID]; ok {
			in.add(steps.of(n[0], n[1]), one)
		}
	}
	for _, c := range cases {
		one := thing{c.Since, c.Ended, c.State == Active, c.State == Done, c.State == Active && late[c.ID]}
		in.add(&t.Cases, one)
		in.add(flows.of(c.Definition.ID, c.Definition.Title), one)
	}
	t.Jobs.Took.count()
	t.Jobs.Age.count()
	t.Cases.Took.count()
	t.Cases.Age.count()
	t.Owners, t.Workflows, t.Steps = owners.list(), flows.list(), steps.list()
	slices.SortStableFunc(t.Steps, func(a, b Count) int {
		of := func(c Count) string { id, _, _ := strings.Cut(c.Key, " "); return id }
		return cmp.Or(strings.Compare(of(a), of(b)), place[a.Key]-place[b.Key])
	})
	return t
}

// thing is a job or a case, as it is counted.
type thing struct {
	since, ended     time.Time
	open, done, late bool
}

type span struct{ from, to, now time.Time }

func (s span) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

func (s span) add(c *Count, one thing) {
	if s.has(one.since) {
		c.Begun++
	}
	switch {
	case one.open:
		c.Open++
		c.Age.all = append(c.Age.all, s.now.Sub(one.since))
		if one.late {
			c.Overdue++
		}
	case !s.has(one.ended):
	case one.done:
		c.Done++
		c.Took.all = append(c.Took.all, one.ended.Sub(one.since))
	default:
		c.Cancelled++
	}
}

// count works out the times, by the nearest rank: a time that one of them took.
func (t *Times) count() {
	slices.Sort(t.all)
	if t.N = len(t.all); t.N > 0 {
		t.Half, t.Ninth = t.rank(0.5), t.rank(0.9)
	}
}

func (t *Times) rank(part float64) time.Duration {
	return t.all[max(0, int(math.Ceil(part*float64(len(t.all))-1e-9))-1)]
}

type counts map[string]*Count

func (all counts) of(key, name string) *Count {
	c := all[key]
	if c == nil {
		c = &Count{Key: key}
		all[key] = c
	}
	c.Name = cmp.Or(name, c.Name)
	return c
}

// list gives what has anything to count, by name.
func (all counts) list() (out []Count) {
	for _, c := range all {
		if c.Begun+c.Done+c.Cancelled+c.Open > 0 {
			c.Took.count()
			c.Age.count()
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Key, b.Key))
	})
	return out
}
