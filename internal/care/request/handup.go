package request

import (
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/fault"
)

// Escalate hands a request up: to somebody who must look at it now, with a
// reason, and more urgent when Urgency says so. An alarm goes with it until
// somebody has taken it.
type Escalate struct {
	To      Owner   // "owner"
	Urgency Urgency // "urgency": 0 leaves it as it is
	Reason  string  // "reason"
}

// Take says that somebody is dealing with a request now: it is theirs, and
// what was handed up has been taken.
type Take struct{ By Owner }

func (Escalate) command() {}
func (Take) command()     {}

func (d *Decision) escalate(c Escalate, now time.Time, h opening.Hours) error {
	r := &d.Next
	d.Note = clip(c.Reason, longest)
	switch {
	case !mayOwn(c.To.Ref):
		return fault.At(fault.Invalid, "owner", "Choose who it is handed to.")
	case d.Note == "":
		return fault.At(fault.Invalid, "reason", "Say why it is handed up.")
	case c.Urgency > Stat:
		return fault.At(fault.Invalid, "urgency", "Choose how urgent it is.")
	case c.Urgency != 0 && c.Urgency < r.Urgency:
		return fault.At(fault.Refused, "urgency", "Handing a request up does not lower its urgency.")
	}
	r.Owner, r.Escalated = c.To, now
	r.awake()
	d.What = "handed up to " + orElse(clip(c.To.Name, 100), c.To.Ref)
	if c.Urgency > r.Urgency {
		r.Urgency = c.Urgency
		r.AnswerBy = sooner(r.AnswerBy, c.Urgency.Promise(h, now))
		d.What += ", raised to " + c.Urgency.word()
	}
	return nil
}

func (d *Decision) take(c Take) error {
	if !mayOwn(c.By.Ref) {
		return fault.At(fault.Invalid, "owner", "Choose a person or a team.")
	}
	r := &d.Next
	r.Owner, r.Escalated = c.By, time.Time{}
	r.awake()
	if r.State != WithPatient {
		r.State = Working
	}
	d.What = "taken by " + orElse(clip(c.By.Name, 100), c.By.Ref)
	return nil
}
