package workflow

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/task"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
)

func everybody(ref string) (string, bool) { return ref, true }

func chain(n int) Definition {
	d := Definition{ID: "wf-1", Title: "New registration", Number: 1}
	for i := range n {
		s := Step{ID: fmt.Sprintf("s%d", i+1), Title: "Step", Owner: "CareTeam/triage", Days: 1}
		if i > 0 {
			s.After = fmt.Sprintf("s%d", i)
		}
		d.Steps = append(d.Steps, s)
	}
	return d
}

func TestDecide(t *testing.T) {
	hazard.Covers(t, "H-041")
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	three := Case{State: Active, Definition: chain(3)}
	job := func(s task.State) task.Job { return task.Job{State: s, Owner: "CareTeam/triage"} }
	for name, one := range map[string]struct {
		c           Case
		jobs        map[string]task.Job
		begin       string
		end, reopen bool
	}{
		"it begins":              {three, nil, "s1", false, false},
		"one waits":              {three, map[string]task.Job{"s1": job(task.Open)}, "", false, false},
		"the next":               {three, map[string]task.Job{"s1": job(task.Done)}, "s2", false, false},
		"cancelled, with reason": {three, map[string]task.Job{"s1": job(task.Cancelled)}, "s2", false, false},
		"the end":                {three, map[string]task.Job{"s1": job(task.Done), "s2": job(task.Done), "s3": job(task.Done)}, "", true, false},
		"taken up again": {
			Case{State: Done, Definition: chain(3)},
			map[string]task.Job{"s1": job(task.Open), "s2": job(task.Done), "s3": job(task.Done)},
			"", false, true,
		},
		"cancelled": {Case{State: Cancelled, Definition: chain(3)}, nil, "", false, false},
	} {
		m := Decide(one.c, one.jobs, everybody, now)
		got := ""
		for _, b := range m.Begin {
			got += b.ID
		}
		if got != one.begin || m.End != one.end || m.Reopen != one.reopen {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// What would go to nobody goes to the triage team, and says so; what is
// overdue goes to whom the step names, once.
func TestNobodyThere(t *testing.T) {
	hazard.Covers(t, "H-041")
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	here := func(ref string) (string, bool) { return "The nurses", ref == "CareTeam/nurses" }
	c := Case{State: Active, Definition: Definition{Steps: []Step{{ID: "s1", Owner: "CareTeam/gone", Name: "Summarisers", Escalate: "CareTeam/nurses"}}}}
	m := Decide(c, nil, here, now)
	if len(m.Begin) != 1 || m.Begin[0].Owner != care.Triage || m.Begin[0].Why == "" {
		t.Errorf("begun with nobody: %+v", m)
	}
	j := task.Job{ID: "j", State: task.Open, Owner: "CareTeam/gone"}
	if m = Decide(c, map[string]task.Job{"s1": j}, here, now); len(m.Give) != 1 || m.Give[0].Owner != care.Triage {
		t.Errorf("left with nobody: %+v", m)
	}
	here = everybody
	j.By = now.Add(-time.Hour)
	if m = Decide(c, map[string]task.Job{"s1": j}, here, now); len(m.Give) != 1 || m.Give[0].Owner != "CareTeam/nurses" {
		t.Errorf("overdue: %+v", m)
	}
	j.Owner = "CareTeam/nurses"
	if m = Decide(c, map[string]task.Job{"s1": j}, here, now); !m.None() {
		t.Errorf("given twice: %+v", m)
	}
}

// Whatever the order in which steps end, are begun by one or by two at once
// and are looked at again, each step has one job, none before the one that it
// waits for has ended, and a case that is open has a job open or begins one.
func TestNoStepLostOrTwice(t *testing.T) {
	hazard.Covers(t, "H-041")
	rapid.Check(t, func(t *rapid.T) {
		d := chain(rapid.IntRange(1, 6).Draw(t, "steps"))
		for i := range d.Steps {
			n := rapid.IntRange(0, i).Draw(t, "after")
			if d.Steps[i].After = ""; n > 0 {
				d.Steps[i].After = d.Steps[n-1].ID
			}
		}
		c, jobs, made := Case{State: Active, Definition: d}, map[string]task.Job{}, map[string]int{}
		for range 60 {
			m := Decide(c, jobs, everybody, time.Time{})
			for _, b := range m.Begin {
				if b.After != "" && jobs[b.After].State == task.Open {
					t.Fatalf("%s began before %s ended", b.ID, b.After)
				}
				if rapid.Bool().Draw(t, "killed") {
					break // what is left is begun at the next look
				}
				made[b.ID]++
				jobs[b.ID] = task.Job{ID: b.ID, State: task.Open, Owner: b.Owner}
			}
			open := 0
			for _, j := range jobs {
				if j.State == task.Open {
					open++
				}
			}
			if !m.End && open+len(m.Begin) == 0 {
				t.Fatalf("nobody has it: %+v", jobs)
			}
			if m.End && len(jobs) < len(d.Steps) {
				t.Fatalf("it ended with %d of %d steps", len(jobs), len(d.Steps))
			}
			for _, s := range d.Steps {
				if j, ok := jobs[s.ID]; ok && rapid.Bool().Draw(t, "ends") {
					j.State = rapid.SampledFrom(task.States).Draw(t, "how")
					jobs[s.ID] = j
				}
				if made[s.ID] > 1 {
					t.Fatalf("%s was begun twice", s.ID)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"resourceType":"PlanDefinition","id":"wf-1","status":"active","url":"` + planURL + `wf-1","title":"T","action":[{"id":"s1","title":"One"}]}`))
	f.Add([]byte(`{"resourceType":"PlanDefinition","id":"x","status":"draft","action":[{"id":"a","relatedAction":[{"actionId":"a"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := fhir.ParseResource(raw)
		if err != nil {
			return
		}
		d, err := parse(r.Root())
		if err != nil {
			return
		}
		if again, err := d.clean(); err != nil || len(again.Steps) != len(d.Steps) {
			t.Fatalf("what was read is refused: %v", err)
		}
	})
}
