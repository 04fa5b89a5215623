package media

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNothingIsLostByWakingLate wakes a pace late by whatever: in the end as
// many beats were done as time has passed.
func TestNothingIsLostByWakingLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(0, 0)
		p, now := pace{start: start}, start
		for range rapid.IntRange(1, 200).Draw(t, "wakes") {
			late := time.Duration(rapid.IntRange(0, 300_000).Draw(t, "late µs")) * time.Microsecond
			now = now.Add(max(p.wait(now), 0) + late)
			for range p.owed(now) {
				if due := p.step(); due > now.Sub(start) || now.Sub(start)-due > late+beatTime {
					t.Fatalf("the beat of %v is done at %v, %v late", due, now.Sub(start), late)
				}
			}
			if p.beats != int64(now.Sub(start)/beatTime) {
				t.Fatalf("%d beats in %v", p.beats, now.Sub(start))
			}
		}
		if p.skipped != 0 {
			t.Fatalf("%d beats were let go", p.skipped)
		}
	})
}

func TestALongSleepIsLetGo(t *testing.T) {
	t.Parallel()
	p := pace{start: time.Unix(0, 0)}
	if n := p.owed(p.start.Add(time.Hour)); n != mostOwed {
		t.Errorf("after an hour %d beats are owed", n)
	}
	for range mostOwed {
		p.step()
	}
	if w := p.wait(p.start.Add(time.Hour)); w != beatTime {
		t.Errorf("the next one is due in %v", w)
	}
}
