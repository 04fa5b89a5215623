package media

import "time"

// beatTime is how often the clock asks what has come. Sound goes out on every
// second beat.
const (
	beatTime      = 10 * time.Millisecond
	beatsPerFrame = int64(FrameTime / beatTime)
	mostOwed      = 100 // beats: of a longer sleep of the machine the rest is let go
)

// pace counts beats by the clock, not by wake-ups: who wakes late owes as
// many beats as have passed, so that nothing is lost and nothing drifts.
type pace struct {
	start   time.Time
	beats   int64 // done
	skipped int64 // let go
}

// owed is how many beats are due.
func (p *pace) owed(now time.Time) int64 {
	n := int64(now.Sub(p.start)/beatTime) - p.beats
	if n > mostOwed {
		p.skipped += n - mostOwed
		p.beats += n - mostOwed
		n = mostOwed
	}
	return n
}

// step counts a beat and gives its time since the start.
func (p *pace) step() time.Duration {
	p.beats++
	return time.Duration(p.beats) * beatTime
}

// wait is how long until the next beat is due.
func (p *pace) wait(now time.Time) time.Duration {
	return p.start.Add(time.Duration(p.beats+1) * beatTime).Sub(now)
}
