package worklist

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heartwood/internal/ident"
)

func TestUnattended(t *testing.T) {
	now := time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
	ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	row := func(id, priority string, since, by int, more ...func(*Row)) Row {
		r := Row{Task: ident.Ref{Type: "Task", ID: id}, Priority: priority, Waiting: OnTriage, Since: ago(since), AnswerBy: ago(by)}
		for _, m := range more {
			m(&r)
		}
		return r
	}
	rows := []Row{
		row("late", "routine", 600, 1),
		row("in-time", "routine", 600, -1),
		row("fresh", "stat", 4, 4),
		row("emergency", "stat", 5, -1),
		row("older", "stat", 12, 2),
		row("looking", "stat", 30, 20, func(r *Row) { r.Looking = []Presence{{}} }),
		row("taken-up", "stat", 30, 20, func(r *Row) { r.Waiting = OnTeam }),
		row("with-patient", "stat", 30, 20, func(r *Row) { r.Waiting = OnPatient }),
		row("answered-again", "stat", 900, -1, func(r *Row) { r.Moved = ago(2) }),
		row("no-promise", "urgent", 900, 0, func(r *Row) { r.AnswerBy = time.Time{} }),
	}
	var got []string
	for _, r := range Unattended(rows, now) {
		got = append(got, r.Task.ID)
	}
	if d := cmp.Diff([]string{"older", "emergency", "late"}, got); d != "" {
		t.Error(d)
	}
}

// The promise of an emergency is "now": it is late when its grace is over, and
// any other request when its time has passed.
func TestLate(t *testing.T) {
	due := time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		priority string
		after    time.Duration
		late     bool
	}{
		{"stat", 10 * time.Second, false},
		{"stat", EmergencyWait, false},
		{"stat", EmergencyWait + time.Second, true},
		{"asap", 0, false},
		{"asap", time.Second, true},
		{"routine", -time.Hour, false},
	} {
		if got := (Row{Priority: c.priority, AnswerBy: due}).Late(due.Add(c.after)); got != c.late {
			t.Errorf("%s, %s after its promise: late is %t", c.priority, c.after, got)
		}
	}
}
