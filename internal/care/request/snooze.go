package request

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// Snooze puts a request aside until a time, with a reason. It stays in the
// ledger, in sight under "Put aside", keeps its owner and its clock, and comes
// back by itself.
type Snooze struct {
	Until  time.Time // "until"
	Reason string    // "reason"
	// Past says that it is put off past the time by which it was to be
	// answered: a clinician's decision, and the clock then moves to Until.
	Past bool // "past"
}

// Wake takes back a Snooze before its time.
type Wake struct{}

func (Snooze) command() {}
func (Wake) command()   {}

// furthest is how far ahead a request can be put aside.
const furthest = 28 * 24 * time.Hour

func (d *Decision) snooze(c Snooze, by record.Author, now time.Time, h opening.Hours) error {
	r := &d.Next
	d.Note = clip(c.Reason, longest)
	var f care.Faults
	switch {
	case r.Urgency == Stat:
		return fault.New(fault.Refused, "An emergency cannot be put aside.")
	case !c.Until.After(now):
		f.Add("until", "Choose a time that is still to come.")
	case c.Until.Sub(now) > furthest:
		f.Add("until", "A request can be put aside for at most 4 weeks.")
	case c.Until.After(r.AnswerBy) && by.Role != care.RoleClinician:
		f.Add("until", "This is past the time by which it is to be answered. Only a clinician can put it off that far.")
	case c.Until.After(r.AnswerBy) && !c.Past:
		f.Add("past", "This is past the time by which it is to be answered. Say that it is meant.")
	}
	if d.Note == "" {
		f.Add("reason", "Say why it is put aside.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	d.What = "put aside"
	if c.Until.After(r.AnswerBy) {
		d.What = "put aside past its time by a clinician"
		r.AnswerBy = c.Until
		if !h.Open(c.Until) { // somebody must be there when it comes back
			r.AnswerBy = h.Next(c.Until).From
		}
	}
	r.Snoozed, r.SnoozedWhy = c.Until, d.Note
	if r.State == Received {
		r.State = Accepted // somebody has looked at it
	}
	return nil
}

func (d *Decision) wake(now time.Time) error {
	if !d.Next.Asleep(now) {
		return fault.New(fault.Refused, "This request is not put aside.")
	}
	d.Next.awake()
	d.What = "taken up again"
	return nil
}
