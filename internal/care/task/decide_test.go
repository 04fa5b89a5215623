package task_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/task"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
)

var commands = map[string]task.Command{
	"amend":    task.Amend{What: "Ring the lab twice", Owner: "CareTeam/duty", Priority: "urgent"},
	"complete": task.Complete{Result: "Rung"},
	"cancel":   task.Cancel{Reason: "They rang us"},
	"reopen":   task.Reopen{Reason: "They want it again"},
}

// Every state by every decision: where it leads, "" where it is refused.
func TestTransitions(t *testing.T) {
	for state, to := range map[task.State]map[string]task.State{
		task.Open:      {"amend": task.Open, "complete": task.Done, "cancel": task.Cancelled, "reopen": ""},
		task.Done:      {"amend": "", "complete": "", "cancel": "", "reopen": task.Open},
		task.Cancelled: {"amend": "", "complete": "", "cancel": "", "reopen": task.Open},
	} {
		for name, want := range to {
			set, why, err := task.Decide(task.Job{What: "Ring the lab", Owner: "CareTeam/duty", Priority: "routine", State: state}, commands[name], time.Now())
			if want == "" {
				if !fault.Is(err, fault.Refused) || set != nil {
					t.Errorf("%s of a job that is %s: %v, %v", name, state, set, err)
				}
				continue
			}
			if err != nil || why == "" || set["lastModified"] == nil {
				t.Errorf("%s of a job that is %s: %q, %v", name, state, why, err)
			}
			if got := after(state, set); got != want {
				t.Errorf("%s of a job that is %s: %s", name, state, got)
			}
		}
	}
}

func after(was task.State, set write.Obj) task.State {
	switch set["status"] {
	case "requested":
		return task.Open
	case "completed":
		return task.Done
	case "cancelled":
		return task.Cancelled
	}
	return was
}

// Whatever is decided, in whatever order: a job moves only by a decision that
// was taken, each of which is one line of its history, and what was decided on
// an old screen or was refused changes nothing.
func TestOnlyByDecisions(t *testing.T) {
	s, _, _ := open(t)
	rapid.Check(t, func(t *rapid.T) {
		j, err := s.Create(ctx, ods, nav, task.New{What: "Ring the lab", Owner: "CareTeam/duty"}, "")
		if err != nil {
			t.Fatal(err)
		}
		lines, first := 1, j.Version
		for range rapid.IntRange(0, 8).Draw(t, "decisions") {
			name := rapid.SampledFrom([]string{"amend", "complete", "cancel", "reopen"}).Draw(t, "what")
			old := rapid.Bool().Draw(t, "old screen")
			seen := j.Version
			if old {
				seen = first
			}
			got, err := s.Do(ctx, ods, gp, j.ID, seen, commands[name])
			switch {
			case err == nil && seen != j.Version:
				t.Fatalf("%s on an old screen was taken", name)
			case err == nil:
				lines, j = lines+1, got
			case seen != j.Version && !fault.Is(err, fault.Conflict):
				t.Fatalf("%s on an old screen: %v", name, err)
			}
			now, err := s.Load(ctx, ods, j.ID)
			if err != nil || now != j {
				t.Fatalf("%+v, want %+v, %v", now, j, err)
			}
			past, err := s.History(ctx, ods, j.ID)
			if err != nil || len(past) != lines {
				t.Fatalf("%d lines of history, want %d, %v", len(past), lines, err)
			}
		}
	})
}

// Lists by state, by owner, and what is late.
func TestAll(t *testing.T) {
	s, _, _ := open(t)
	mine, _ := s.Create(ctx, ods, nav, task.New{What: "a", Owner: "Practitioner/gp", By: time.Now().Add(-time.Hour)}, "")
	theirs, _ := s.Create(ctx, ods, nav, task.New{What: "b", Owner: "CareTeam/duty", Patient: "Patient/ann"}, "")
	if !mine.Late(time.Now()) || theirs.Late(time.Now()) {
		t.Error("late")
	}
	if _, err := s.Do(ctx, ods, gp, theirs.ID, theirs.Version, task.Cancel{Reason: "not needed"}); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[task.State]string{task.Open: mine.ID, task.Cancelled: theirs.ID, task.Done: ""} {
		got, err := s.All(ctx, ods, state, time.Now().Add(-time.Hour))
		if err != nil || (len(got) == 1) != (want != "") || want != "" && got[0].ID != want {
			t.Errorf("%s: %+v %v", state, got, err)
		}
	}
	if of, err := s.Of(ctx, ods, "Patient/ann"); err != nil || len(of) != 1 || of[0].Reason != "not needed" || of[0].Ended.IsZero() {
		t.Errorf("%+v %v", of, err)
	}
}
