package request

import (
	"heartwood/internal/care"
	"heartwood/internal/fault"
)

// Mute has the patient write no more on this request, open or closed: what
// they have to say is a new request. While the practice waits for their answer
// they can give it all the same.
type Mute struct {
	Why string // "why": in words for the patient
}

// Unmute lets them write on it again.
type Unmute struct{}

func (Mute) command()   {}
func (Unmute) command() {}

// whyMuted is how long the reason may be, in characters.
const whyMuted = 300

func (d *Decision) mute(c Mute) error {
	why := clean(c.Why)
	var f care.Faults
	switch n := len([]rune(why)); {
	case d.Next.Muted:
		return fault.New(fault.Refused, "Messages are switched off on this request already.")
	case n == 0:
		f.Add("why", "Say why, in words for the patient.")
	case n > whyMuted:
		f.Add("why", "This is too long. It can have up to %d characters.", whyMuted)
	}
	if err := f.Err(); err != nil {
		return err
	}
	d.Next.Muted, d.Next.MutedWhy = true, why
	d.What, d.Note = "the patient’s messages switched off", why
	return nil
}

func (d *Decision) unmute() error {
	if !d.Next.Muted {
		return fault.New(fault.Refused, "Messages are not switched off on this request.")
	}
	d.Next.Muted, d.Next.MutedWhy = false, ""
	d.What = "the patient’s messages switched on again"
	return nil
}
