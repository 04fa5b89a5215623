package allow

import (
	"fmt"
	"testing"
	"time"
)

func TestTries(t *testing.T) {
	a, now := New(time.Minute, 3), time.Now()
	for i := range 5 {
		want := i < 3
		if got := a.Left("one", now); got != want {
			t.Errorf("before try %d: %v", i, got)
		}
		if got := a.Take("one", now); got != want {
			t.Errorf("try %d: %v", i, got)
		}
	}
	if !a.Take("other", now) || !a.Take("one", now.Add(time.Minute)) {
		t.Error("another key, or a later time, is refused")
	}
	for i := range Held + 10 {
		a.Take(fmt.Sprint(i), now)
	}
	if len(a.by) > Held {
		t.Errorf("%d keys are held", len(a.by))
	}
	if a.Take("one", now.Add(time.Minute)) {
		t.Error("a key that must wait was forgotten before those that need not")
	}
	if a.Forget("one"); !a.Take("one", now) {
		t.Error("a key that was forgotten must wait")
	}
}
