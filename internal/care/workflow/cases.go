package workflow

import (
	"context"
	"errors"
	"net/url"
	"slices"
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
	return follow(ctx, p, id, here)
}

func follow(ctx context.Context, p *record.Practice, id string, here Here) error {
	c, v, r, err := readCase(ctx, p, id)
	if err != nil {
		return err
	}
	jobs, err := Jobs(ctx, p, c)
	if err != nil {
		return err
	}
	m := Decide(c, jobs, here, p.Now())
	if m.None() {
		return nil
	}
	by := record.System
	by.For = c.Patient
	b := write.New(by, "workflow goes on: "+c.Definition.Title, "")
	b.Expect(v.Expect()) // a case that is cancelled meanwhile begins nothing
	switch {
	case m.End:
		b.Edit(v, r, write.Obj{"status": string(Done), "extension": write.Extended(r, urlEnded, ended(p.Now()))})
	case m.Reopen:
		b.Edit(v, r, write.Obj{"status": string(Active), "extension": write.Extended(r, urlEnded)})
	}
	if err := c.put(ctx, p, by, b, m); err != nil {
		return err
	}
	if _, err = commit(ctx, p, b); fault.Is(err, fault.Conflict) {
		return nil // somebody else was quicker; the next look sees what is left
	}
	return err
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

// lookBack is how far back events are looked for, so that none is missed while
// a server was down; each begins its case once all the same.
const lookBack = 72 * time.Hour

// Round begins the cases of what has happened and does what open cases need.
func Round(ctx context.Context, p *record.Practice) error {
	all, err := All(ctx, p)
	errs := []error{err}
	for _, d := range all {
		if !d.Retired && d.Trigger != ByHand {
			errs = append(errs, d.events(ctx, p))
		}
	}
	open, err := Cases(ctx, p, Active)
	if errs = append(errs, err); len(open) == 0 {
		return errors.Join(errs...)
	}
	here, err := whoIsHere(ctx, p)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, c := range open {
		errs = append(errs, follow(ctx, p, c.ID, here))
	}
	return errors.Join(errs...)
}

// events begins a case for each event since the trigger was set.
func (d Definition) events(ctx context.Context, p *record.Practice) error {
	since := p.Now().Add(-lookBack)
	if d.Since.After(since) {
		since = d.Since
	}
	after := "&_lastUpdated=ge" + url.QueryEscape(since.UTC().Format(time.RFC3339))
	var found []event
	var err error
	if d.Trigger == Registered {
		found, err = registered(ctx, p, after, since)
	} else {
		found, err = closedRequests(ctx, p, after, since, d.Trigger)
	}
	errs := []error{err}
	for _, e := range found {
		_, err := Start(ctx, p, record.System, d.ID, e.patient, e.request, e.name)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

type event struct{ name, patient, request string }

func registered(ctx context.Context, p *record.Practice, after string, since time.Time) (out []event, err error) {
	err = search.Each(ctx, p, "Patient?active=true"+after, func(v record.Version, _ *fhir.Resource) error {
		past, err := p.History(ctx, v.Ref, "", 50)
		if err != nil || len(past) == 0 || len(past) == 50 || past[len(past)-1].Time.Before(since) {
			return err
		}
		out = append(out, event{"registered:" + v.Ref.ID, v.Ref.String(), ""})
		return nil
	})
	return out, err
}

func closedRequests(ctx context.Context, p *record.Practice, after string, since time.Time, t Trigger) (out []event, err error) {
	query := "Task?code=" + url.QueryEscape(care.TaskCode+"|request") + "&status=completed" + after
	err = search.Each(ctx, p, query, func(v record.Version, _ *fhir.Resource) error {
		q, err := request.Brief(ctx, p, v.Ref.ID)
		if err != nil || ClosedOf(q.Kind) != t || q.Changed.Before(since.Truncate(time.Second)) {
			return err
		}
		out = append(out, event{"closed:" + q.ID, q.Patient, q.ID})
		return nil
	})
	return out, err
}
