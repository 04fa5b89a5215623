package workflow

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/task"
)

func TestReport(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	d := Definition{ID: "wf-1", Title: "New patient", Steps: []Step{{ID: "s2", Title: "Ask"}, {ID: "s1", Title: "Check"}}}
	a, b := Case{ID: "case-a", Definition: d, State: Done, Since: ago(50), Ended: ago(10)}, Case{ID: "case-b", Definition: d, State: Active, Since: ago(20)}
	step := func(c Case, s string, j task.Job) task.Job {
		j.ID, j.Plan, j.Owner, j.Name = jobID(c.ID, s), c.ID, "CareTeam/x", "Admin"
		return j
	}
	jobs := []task.Job{
		step(a, "s2", task.Job{State: task.Done, Since: ago(50), Ended: ago(40)}), // before the period
		step(a, "s1", task.Job{State: task.Done, Since: ago(40), Ended: ago(10)}),
		step(b, "s2", task.Job{State: task.Open, Since: ago(20), By: ago(1)}),
		{ID: "j1", Owner: "Practitioner/p", Name: "Pat", State: task.Done, Since: ago(12), Ended: ago(8)},
		{ID: "j2", Owner: "Practitioner/p", Name: "Pat", State: task.Cancelled, Since: ago(12), Ended: ago(8)},
	}
	got := Report(jobs, []Case{a, b}, ago(24), now.Add(time.Hour), now)
	say := func(c Count) string {
		return fmt.Sprintf("%s %d/%d/%d %d/%d %v %v %v", c.Name, c.Begun, c.Done, c.Cancelled, c.Open, c.Overdue, c.Took.Half, c.Took.Ninth, c.Age.Half)
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, not %s", what, got, want)
		}
	}
	check("jobs", say(got.Jobs), " 3/2/1 1/1 4h0m0s 30h0m0s 20h0m0s")
	check("cases", say(got.Cases), " 1/1/0 1/1 40h0m0s 40h0m0s 20h0m0s")
	if len(got.Owners) != 2 || len(got.Steps) != 2 || len(got.Workflows) != 1 {
		t.Fatalf("%+v", got)
	}
	check("a team", say(got.Owners[0]), "Admin 1/1/0 1/1 30h0m0s 30h0m0s 20h0m0s")
	check("a person", say(got.Owners[1]), "Pat 2/1/1 0/0 4h0m0s 4h0m0s 0s")
	check("the first step", say(got.Steps[0]), "New patient: Ask 1/0/0 1/1 0s 0s 20h0m0s")
	check("the second", say(got.Steps[1]), "New patient: Check 0/1/0 0/0 30h0m0s 30h0m0s 0s")
}

// What the owners have adds up to what there is, half took no longer than nine
// in ten, and one of them took as long as it says.
func TestReportAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
		var jobs []task.Job
		for i := range rapid.IntRange(0, 30).Draw(t, "jobs") {
			j := task.Job{ID: fmt.Sprint(i), Owner: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "owner"), State: rapid.SampledFrom(task.States).Draw(t, "state")}
			j.Since = now.Add(-time.Duration(rapid.IntRange(0, 200).Draw(t, "since")) * time.Hour)
			if j.State != task.Open {
				j.Ended = j.Since.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "took")) * time.Hour)
			}
			jobs = append(jobs, j)
		}
		got := Report(jobs, nil, now.Add(-100*time.Hour), now, now)
		sum := Count{}
		for _, o := range got.Owners {
			sum.Begun, sum.Done, sum.Cancelled, sum.Open = sum.Begun+o.Begun, sum.Done+o.Done, sum.Cancelled+o.Cancelled, sum.Open+o.Open
		}
		if all := got.Jobs; sum.Begun != all.Begun || sum.Done != all.Done || sum.Cancelled != all.Cancelled || sum.Open != all.Open {
			t.Fatalf("%+v of %+v", sum, all)
		}
		if w := got.Jobs.Took; w.Half > w.Ninth || w.N != got.Jobs.Done {
			t.Fatalf("%+v", w)
		}
	})
}
