package desk

import (
	"testing"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/view/worklist"
)

func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		left        time.Duration
		priority    string
		text, class string
	}{
		{-10 * time.Second, "stat", "now", "near"},
		{-5 * time.Minute, "stat", "now", "near"},
		{-6 * time.Minute, "stat", "6 min late", "late"},
		{-10 * time.Second, "routine", "1 min late", "late"},
		{10 * time.Minute, "urgent", "in 10 min", "near"},
		{3 * time.Hour, "urgent", "today 14:00", ""},
	} {
		text, class := clock(now.Add(c.left), worklist.Grace(c.priority), now)
		if text != c.text || class != c.class {
			t.Errorf("%s, %s left: %q, %q", c.priority, c.left, text, class)
		}
	}
	if request.EmergencyGrace != worklist.EmergencyWait {
		t.Error("the patient and the queue have different graces for an emergency")
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{20 * time.Second: "just now", 4 * time.Minute: "4 min ago", 50 * time.Hour: "2 days ago"} {
		if got := ago(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}

func TestPlainly(t *testing.T) {
	for what, want := range map[string]string{
		"booking: patient chose a time": "chose a time", "triage: raised to urgent": "raised to urgent",
		"booking: something new": "something new", "the patient replied": "replied",
	} {
		if got := plainly(what); got != want {
			t.Errorf("%s: %q", what, got)
		}
	}
	if got := aloud.Replace("What you wrote could be a stroke."); got != "What you said could be a stroke." {
		t.Error(got)
	}
}
