package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// LoadCase reads one case.
func LoadCase(ctx context.Context, p *record.Practice, id string) (Case, error) {
	c, _, _, err := readCase(ctx, p, id)
	return c, err
}

func readCase(ctx context.Context, p *record.Practice, id string) (Case, record.Version, *fhir.Resource, error) {
	if !ident.IsID(id) {
		return Case{}, record.Version{}, nil, unknown("case")
	}
	r, v, err := search.Get(ctx, p, ident.Ref{Type: "CarePlan", ID: id})
	if err != nil {
		return Case{}, v, nil, err
	}
	if r == nil {
		return Case{}, v, nil, unknown("case")
	}
	c, ok, err := caseOf(v, r)
	if err == nil && !ok {
		err = unknown("case")
	}
	return c, v, r, err
}

// Cases lists the cases in a state, oldest first. One that cannot be read is an
// error, beside the others: none drops out in silence.
func Cases(ctx context.Context, p *record.Practice, in State) (out []Case, err error) {
	var broken []error
	err = search.Each(ctx, p, "CarePlan?status="+string(in), func(v record.Version, r *fhir.Resource) error {
		c, ok, err := caseOf(v, r)
		if err != nil {
			broken = append(broken, err)
		} else if ok {
			out = append(out, c)
		}
		return nil
	})
	err = errors.Join(append(broken, err)...)
	slices.SortStableFunc(out, func(a, b Case) int { return a.Since.Compare(b.Since) })
	return out, err
}

// Jobs are the jobs that the steps of a case have, by the step's id.
func Jobs(ctx context.Context, p *record.Practice, c Case) (map[string]task.Job, error) {
	out := map[string]task.Job{}
	for _, s := range c.Definition.Steps {
		r, v, err := search.Get(ctx, p, ident.Ref{Type: "Task", ID: jobID(c.ID, s.ID)})
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		if out[s.ID], err = task.JobOf(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// atOnce is how many cases' jobs are asked for in one search.
const atOnce = 50

// JobsOf are the jobs of many cases: by the case's id, and then the step's.
func JobsOf(ctx context.Context, p *record.Practice, cases []Case) (map[string]map[string]task.Job, error) {
	out, step := map[string]map[string]task.Job{}, map[string][2]string{}
	for _, c := range cases {
		out[c.ID] = map[string]task.Job{}
		for _, s := range c.Definition.Steps {
			step[jobID(c.ID, s.ID)] = [2]string{c.ID, s.ID}
		}
	}
	for some := range slices.Chunk(cases, atOnce) {
		refs := make([]string, len(some))
		for i, c := range some {
			refs[i] = "CarePlan/" + c.ID
		}
		err := search.Each(ctx, p, "Task?based-on="+strings.Join(refs, ","), func(v record.Version, _ *fhir.Resource) error {
			of, ok := step[v.Ref.ID]
			if !ok {
				return nil // a Task of another program
			}
			j, err := task.JobOf(v)
			out[of[0]][of[1]] = j
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Late tells whether a step of a case is overdue.
func Late(jobs map[string]task.Job, now time.Time) bool {
	for _, j := range jobs {
		if j.Late(now) {
			return true
		}
	}
	return false
}

// Follow does what a case needs now. Two who do it at once do it once: the
// jobs' ids come from the case and the step, and who comes second finds them.
func Follow(ctx context.Context, p *record.Practice, id string) error {
	here, err := whoIsHere(ctx, p)
	if err != nil {
		return err
	}
	_, _, err = follow(ctx, p, id, here.here)
	return err
}

// follow also tells whether the case is open, and when a step of it is next
// overdue; what the following itself changes is not in that yet.
func follow(ctx context.Context, p *record.Practice, id string, here Here) (due time.Time, open bool, err error) {
	c, v, r, err := readCase(ctx, p, id)
	if err != nil {
		return due, false, err
	}
	jobs, err := Jobs(ctx, p, c)
	if err != nil {
		return due, false, err
	}
	now := p.Now()
	due, open = nextLate(c, jobs, now), c.State == Active
	m := Decide(c, jobs, here, now)
	if m.None() {
		return due, open, nil
	}
	by := record.System
	by.For = c.Patient
	b := write.New(by, "workflow goes on: "+c.Definition.Title, "")
	b.Expect(v.Expect()) // a case that is cancelled meanwhile begins nothing
	switch {
	case m.End:
		b.Edit(v, r, write.Obj{"status": string(Done), "extension": write.Extended(r, urlEnded, ended(now))})
	case m.Reopen:
		b.Edit(v, r, write.Obj{"status": string(Active), "extension": write.Extended(r, urlEnded)})
	}
	if err := c.put(ctx, p, by, b, m); err != nil {
		return due, open, err
	}
	if _, err = commit(ctx, p, b); fault.Is(err, fault.Conflict) {
		return due, open, nil // somebody else was quicker; the next look sees what is left
	}
	return due, open, err
}

// Cancel ends a case, and its open jobs, with the reason. seen is the version
// that was looked at.
func Cancel(ctx context.Context, p *record.Practice, by record.Author, id, seen, reason string) error {
	if !care.IsStaff(by.Role) {
		return fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	if reason = request.CleanText(reason); reason == "" || len([]rune(reason)) > 500 {
		return fault.At(fault.Invalid, "reason", "Write why it is cancelled, in up to 500 characters.")
	}
	c, v, r, err := readCase(ctx, p, id)
	switch {
	case err != nil:
		return err
	case seen != "" && seen != v.ID:
		return stale()
	case c.State != Active:
		return fault.New(fault.Refused, "This case has ended already.")
	}
	by.For = c.Patient
	b := write.New(by, "workflow cancelled: "+reason, "")
	b.Edit(v, r, write.Obj{
		"status": string(Cancelled), "note": write.List{write.Obj{"text": reason}},
		"extension": write.Extended(r, urlEnded, ended(p.Now())),
	})
	if err := c.cancelJobs(ctx, p, b, reason); err != nil {
		return err
	}
	_, err = commit(ctx, p, b)
	return err
}

func (c Case) cancelJobs(ctx context.Context, p *record.Practice, b *write.Builder, reason string) error {
	for _, s := range c.Definition.Steps {
		r, v, err := search.Get(ctx, p, ident.Ref{Type: "Task", ID: jobID(c.ID, s.ID)})
		if err != nil {
			return err
		}
		if r == nil {
			b.Expect(record.Expect{Ref: ident.Ref{Type: "Task", ID: jobID(c.ID, s.ID)}}) // nor begun meanwhile
			continue
		}
		j, err := task.JobOf(v)
		if err != nil {
			return err
		}
		if j.State != task.Open {
			continue
		}
		set, _, err := task.Decide(j, task.Cancel{Reason: "The workflow was cancelled: " + reason}, p.Now())
		if err != nil {
			return err
		}
		b.Edit(v, r, set)
	}
	return nil
}
