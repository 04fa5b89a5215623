package workflow_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const ods = ident.ODS("Z99901")

var (
	ctx  = context.Background()
	boss = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	nav  = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	ann  = record.Author{Ref: "Patient/ann", Role: care.RolePatient}
)

func put(t *testing.T, p *record.Practice, kind, id, raw string) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: kind, ID: id}, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: nav, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) (*task.Service, *request.Service, *record.Practice) {
	t.Helper()
	s := memory.Open(t, nil)
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	put(t, p, "Patient", "ann", `{"resourceType":"Patient","id":"ann","active":true}`)
	put(t, p, "CareTeam", "triage", `{"resourceType":"CareTeam","id":"triage","status":"active","name":"Triage team"}`)
	put(t, p, "CareTeam", "nurses", `{"resourceType":"CareTeam","id":"nurses","status":"active","name":"Nurse team"}`)
	return task.NewService(s).Then(workflow.Follow), request.New(s), p
}

func registration() workflow.Definition {
	return workflow.Definition{Title: "New registration", Steps: []workflow.Step{
		{ID: "s1", Title: "Check who they are", Owner: care.Triage, Days: 1},
		{ID: "s2", Title: "Summarise the notes", Owner: "CareTeam/triage", Days: 10, After: "s1"},
		{ID: "s3", Title: "New patient check", Owner: "CareTeam/nurses", Days: 28, After: "s2"},
	}}
}

// A case goes from step to step; what is written of the workflow meanwhile
// changes nothing of it.
func TestCase(t *testing.T) {
	hazard.Covers(t, "H-041")
	jobs, _, p := open(t)
	id, err := workflow.Save(ctx, p, boss, registration(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := workflow.Save(ctx, p, boss, registration(), "k"); err != nil || again != id {
		t.Errorf("the same form: %s, %v", again, err)
	}
	c, err := workflow.Start(ctx, p, nav, id, "Patient/ann", "", "hand:1")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := workflow.Load(ctx, p, id)
	d.Steps = d.Steps[:1]
	if _, err := workflow.Save(ctx, p, boss, d, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := workflow.Save(ctx, p, boss, d, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("over an old version: %v", err)
	}
	for i, step := range []string{"s1", "s2", "s3"} {
		have, err := workflow.Jobs(ctx, p, c)
		if err != nil || len(have) != i+1 || have[step].State != task.Open || have[step].Patient != "Patient/ann" || have[step].Plan != c.ID {
			t.Fatalf("at %s: %+v, %v", step, have, err)
		}
		if have[step].By.Before(p.Now()) {
			t.Errorf("%s is due before it began", step)
		}
		if _, err := jobs.Do(ctx, ods, nav, have[step].ID, "", task.Complete{Result: "done"}); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = workflow.LoadCase(ctx, p, c.ID); err != nil || c.State != workflow.Done || c.Ended.IsZero() || len(c.Definition.Steps) != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	have, _ := workflow.Jobs(ctx, p, c)
	if _, err := jobs.Do(ctx, ods, nav, have["s3"].ID, "", task.Reopen{Reason: "not seen after all"}); err != nil {
		t.Fatal(err)
	}
	if c, _ = workflow.LoadCase(ctx, p, c.ID); c.State != workflow.Active {
		t.Errorf("a step was taken up again: %s", c.State)
	}
}

// Ten who begin the same, and ten who follow it, begin it once.
func TestOnce(t *testing.T) {
	hazard.Covers(t, "H-041")
	_, _, p := open(t)
	id, err := workflow.Save(ctx, p, boss, registration(), "k")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	got := make([]string, 10)
	for i := range got {
		wg.Go(func() {
			c, err := workflow.Start(ctx, p, nav, id, "Patient/ann", "", "hand:1")
			if err != nil {
				t.Error(err)
			}
			got[i] = c.ID
			if err := workflow.Round(ctx, p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, one := range got {
		if one == "" || one != got[0] {
			t.Errorf("another case: %v", got)
		}
	}
	all, err := workflow.Cases(ctx, p, workflow.Active)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	if have, _ := workflow.Jobs(ctx, p, all[0]); len(have) != 1 {
		t.Errorf("%+v", have)
	}
}

// The jobs of many cases are those that each has.
func TestJobsOfMany(t *testing.T) {
	_, _, p := open(t)
	id, err := workflow.Save(ctx, p, boss, registration(), "k")
	if err != nil {
		t.Fatal(err)
	}
	var all []workflow.Case
	for i := range 60 {
		c, err := workflow.Start(ctx, p, nav, id, "Patient/ann", "", fmt.Sprint("hand:", i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	got, err := workflow.JobsOf(ctx, p, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		want, err := workflow.Jobs(ctx, p, c)
		if err != nil || len(want) != 1 || !reflect.DeepEqual(got[c.ID], want) {
			t.Fatalf("%s: %+v, not %+v, %v", c.ID, got[c.ID], want, err)
		}
	}
}

// Cancelling ends the open jobs with the reason, and nothing begins after.
func TestCancel(t *testing.T) {
	hazard.Covers(t, "H-041")
	_, _, p := open(t)
	id, _ := workflow.Save(ctx, p, boss, registration(), "k")
	c, err := workflow.Start(ctx, p, nav, id, "Patient/ann", "", "hand:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := workflow.Cancel(ctx, p, nav, c.ID, "c.1", "moved away"); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old version: %v", err)
	}
	if err := workflow.Cancel(ctx, p, nav, c.ID, c.Version, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if err := workflow.Cancel(ctx, p, nav, c.ID, c.Version, "moved away"); err != nil {
		t.Fatal(err)
	}
	if err := workflow.Round(ctx, p); err != nil {
		t.Fatal(err)
	}
	have, _ := workflow.Jobs(ctx, p, c)
	if len(have) != 1 || have["s1"].State != task.Cancelled || have["s1"].Reason == "" {
		t.Errorf("%+v", have)
	}
	if c, _ = workflow.LoadCase(ctx, p, c.ID); c.State != workflow.Cancelled || c.Reason != "moved away" {
		t.Errorf("%+v", c)
	}
}

// A registration begins a case, once, and one before the trigger was set none.
func TestEvents(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	put(t, p, "Patient", "ann", `{"resourceType":"Patient","id":"ann","active":true}`)
	now = now.Add(time.Minute)
	for _, trigger := range []workflow.Trigger{workflow.Registered, workflow.ClosedOf(request.FitNote)} {
		d := registration()
		d.Trigger = trigger
		if _, err := workflow.Save(ctx, p, boss, d, string(trigger)); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(time.Minute)
	put(t, p, "Patient", "bob", `{"resourceType":"Patient","id":"bob","active":true}`)
	q := request.New(s)
	r, err := q.Receive(ctx, ods, ann, request.Ask{Patient: "Patient/ann", Asker: request.Self, Channel: request.Web, Kind: request.FitNote, What: "A fit note"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Do(ctx, ods, nav, r.ID, "", request.Confirm{Urgency: request.Prompt}); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Do(ctx, ods, nav, r.ID, "", request.Close{Outcome: request.FitNoteIssued, Told: "Your fit note is ready."}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := workflow.Round(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	all, err := workflow.Cases(ctx, p, workflow.Active)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	for _, c := range all {
		if c.Patient != "Patient/bob" && c.Request != r.ID {
			t.Errorf("%+v", c)
		}
	}
}

func TestRefused(t *testing.T) {
	_, _, p := open(t)
	if _, err := workflow.Save(ctx, p, nav, registration(), "k"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a navigator wrote one: %v", err)
	}
	if _, err := workflow.Start(ctx, p, ann, "wf", "Patient/ann", "", "x"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a patient began one: %v", err)
	}
	for where, spoil := range map[string]func(*workflow.Definition){
		"title":    func(d *workflow.Definition) { d.Title = "" },
		"trigger":  func(d *workflow.Definition) { d.Trigger = "full moon" },
		"steps":    func(d *workflow.Definition) { d.Steps = nil },
		"s1-owner": func(d *workflow.Definition) { d.Steps[1].Owner = "Patient/ann" },
		"s1-days":  func(d *workflow.Definition) { d.Steps[1].Days = 0 },
		"s0-after": func(d *workflow.Definition) { d.Steps[0].After = "s2" },
	} {
		d := registration()
		spoil(&d)
		_, err := workflow.Save(ctx, p, boss, d, "k")
		if f := care.Fields(err); len(f) != 1 || f[0].Where != where {
			t.Errorf("%s: %v", where, f)
		}
	}
}
