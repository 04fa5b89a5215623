package callflow

import (
	"fmt"
	"math"
	"time"
)

// Says is what became of a call, for staff.
func (c Call) Says() string {
	switch {
	case c.Open():
		return "On the telephone now"
	case c.Outcome == Reached:
		return "We rang, and talked for " + about(c.Talked(c.Ended))
	case c.Outcome == Unreached:
		return "We rang, and nobody answered"
	case c.Outcome == Answered:
		return fmt.Sprintf("Rang us, was answered after %s, and talked for %s", about(c.Wait(c.Ended)), about(c.Talked(c.Ended)))
	case c.Outcome == ToCall:
		return "Rang us, and is to be called back"
	case c.Why == LeftMessage:
		return "Rang us, and left a voicemail"
	case c.Outcome == Missed:
		return "Rang us, and was not answered after " + about(c.Wait(c.Ended))
	}
	return "Rang us, and did not come to the queue"
}

// about is how long, to the minute.
func about(d time.Duration) string {
	switch n := int(math.Round(d.Minutes())); {
	case d < time.Minute:
		return "less than a minute"
	case n == 1:
		return "1 minute"
	default:
		return fmt.Sprintf("%d minutes", n)
	}
}
