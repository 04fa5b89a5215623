package app

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/care/write"
	"heartwood/internal/demo"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// demoWorkflow is what each practice of the demonstration does the same way
// each time.
var demoWorkflow = workflow.Definition{
	Title: "New patient", Trigger: workflow.Registered,
	Steps: []workflow.Step{
		{ID: "s1", Title: "Ask for the old records", Owner: "CareTeam/" + demo.AdminTeam, Name: "Admin team", Days: 2},
		{ID: "s2", Title: "Check the repeat medicines", What: "Look at what was last issued, and for how long.", Owner: "CareTeam/" + demo.PharmacyTeam, Name: "Pharmacy team", Days: 5, After: "s1", Escalate: "CareTeam/" + demo.TriageTeam},
		{ID: "s3", Title: "Summarise the notes", Owner: "CareTeam/" + demo.AdminTeam, Name: "Admin team", Days: 20, After: "s2"},
	},
}

// demoResults are what was done of each step.
var demoResults = []string{"asked by e-mail", "nothing to change", "two problems added"}

// demoCases are the cases that each practice has: how many days ago one began,
// on which day after that each of its steps was done, and, where it did not go
// on, why.
var demoCases = []struct {
	ago  int
	done []int
	why  string
}{
	{ago: 26, done: []int{1, 4, 19}},
	{ago: 24, done: []int{2, 9, 12}},
	{ago: 17, done: []int{1}, why: "Went back to the old practice."},
	{ago: 12, done: []int{1, 5}},
	{ago: 9}, // nobody has asked for the records: it is overdue
	{ago: 1},
}

// seedWorkflow writes the workflow and takes its cases as far as they have
// come, then moves each back to when it is said to have been.
func (a *App) seedWorkflow(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	id, err := workflow.Save(ctx, p, record.System, demoWorkflow, "demo")
	if err != nil {
		return err
	}
	found, err := p.Find(ctx, "Patient?active=true&_count=60")
	if err != nil {
		return err
	}
	jobs := task.NewService(a.Store).Then(workflow.Follow)
	for i, one := range demoCases {
		at := i*9 + 4
		if at >= len(found.Matches) {
			break // a very small practice
		}
		c, err := workflow.Start(ctx, p, record.System, id, found.Matches[at].Ref.String(), "", fmt.Sprint("demo ", i))
		if err != nil {
			return fmt.Errorf("demo: case %d: %w", i, err)
		}
		if p.Now().Sub(c.Since) > 12*time.Hour {
			continue // an earlier start, cut short, has made it
		}
		for n := range one.done {
			have, err := workflow.Jobs(ctx, p, c)
			if err != nil {
				return err
			}
			j := have[c.Definition.Steps[n].ID]
			if j.State != task.Open {
				continue
			}
			if _, err := jobs.Do(ctx, ods, record.System, j.ID, j.Version, task.Complete{Result: demoResults[n]}); err != nil {
				return err
			}
		}
		if one.why != "" {
			if err := workflow.Cancel(ctx, p, record.System, c.ID, "", one.why); err != nil {
				return err
			}
		}
		if err := moveBack(ctx, p, c.ID, one.ago, one.done); err != nil {
			return err
		}
	}
	return nil
}

// moveBack has a case and its jobs be as old as they are said to be.
func moveBack(ctx context.Context, p *record.Practice, id string, ago int, done []int) error {
	c, err := workflow.LoadCase(ctx, p, id)
	if err != nil {
		return err
	}
	jobs, err := workflow.Jobs(ctx, p, c)
	if err != nil {
		return err
	}
	b := write.New(record.System, demoReason, "")
	day := func(n int) time.Time { return p.Now().AddDate(0, 0, n-ago) }
	edit := func(ref ident.Ref, set func(*fhir.Resource) write.Obj) error {
		v, err := p.Read(ctx, ref)
		if err != nil {
			return err
		}
		r, err := v.Resource()
		if err == nil {
			b.Edit(v, r, set(r))
		}
		return err
	}
	last, begun := 0, 0
	for i, s := range c.Definition.Steps {
		j, ok := jobs[s.ID]
		if !ok {
			break
		}
		if i < len(done) {
			last = done[i]
		} else if j.State == task.Cancelled {
			last += 2
		}
		back := day(begun).Sub(j.Since)
		o := write.Obj{"authoredOn": write.Instant(day(begun)), "restriction": write.Obj{"period": write.Obj{"end": write.Instant(j.By.Add(back))}}}
		if j.State != task.Open {
			o["executionPeriod"], o["lastModified"] = write.Obj{"end": write.Instant(day(last))}, write.Instant(day(last))
		}
		if err := edit(ident.Ref{Type: "Task", ID: j.ID}, func(*fhir.Resource) write.Obj { return o }); err != nil {
			return err
		}
		begun = last
	}
	if err := edit(ident.Ref{Type: "CarePlan", ID: id}, func(r *fhir.Resource) write.Obj { return workflow.At(r, c, day(0), day(last)) }); err != nil {
		return err
	}
	change, err := b.Change()
	if err == nil {
		_, err = p.Commit(ctx, change)
	}
	return err
}
