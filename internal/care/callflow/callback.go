package callflow

import (
	"time"

	"heartwood/internal/fault"
)

// CallBack is a call that is owed to somebody. It keeps the place in the queue
// that the caller had.
type CallBack struct {
	ID, Version string // of the Task
	Call        string // Communication id of the call that asked for it
	Number      string // E.164
	Patient     string // "Patient/…"; "" while nobody has confirmed who it is
	Queue       string
	Team        string // "CareTeam/…" whose it is
	Since       time.Time
	Raised      string
	Asked       time.Time
	NotBefore   time.Time // the patient has asked for later; zero for as soon as it is their turn
	Told        time.Time // when the text message before the coming try went out; zero for not yet
	Tries       []Attempt
	State       Owed
	Ended       time.Time
	Reason      string // why it was cancelled
}

// Attempt is one try.
type Attempt struct {
	At      time.Time
	By      string // "Practitioner/…"
	Call    string // Communication id of the call out
	Through bool
}

// Owed is where a call back is.
type Owed string

// The states of a call back.
const (
	Due       Owed = "due"
	Made      Owed = "made" // CBT006: somebody was reached
	Cancelled Owed = "cancelled"
	GivenUp   Owed = "given-up" // three tries failed; staff have a job
)

const (
	// Tries is how often somebody is rung before it is given up.
	Tries = 3
	// Apart is the time between two tries.
	Apart = 15 * time.Minute
	// Notice is how long after the text message the first ring is: time to
	// find the telephone, and to see from which number it will ring.
	Notice = 30 * time.Second
)

// Duty is what is to be done about a call back.
type Duty string

// What is to be done.
const (
	Nothing Duty = ""
	Tell    Duty = "text" // send the text message that it is nearly their turn
	Ring    Duty = "ring" // it stands in the queue: ring somebody for it, then dial
)

// To says what is to be done about a call back now, with so many before it.
// The text goes out when it is next or next but one.
func (b CallBack) To(ahead int, open bool, now time.Time) Duty {
	switch {
	case b.State != Due || !open || now.Before(b.From()):
		return Nothing
	case b.Told.IsZero() && Mobile(b.Number) && ahead <= 1:
		return Tell
	case b.Told.IsZero() && Mobile(b.Number), now.Sub(b.Told) < Notice:
		return Nothing
	}
	return Ring
}

// From is when the next try may begin; zero for at once.
func (b CallBack) From() time.Time {
	from := b.NotBefore
	if n := len(b.Tries); n > 0 {
		if next := b.Tries[n-1].At.Add(Apart); next.After(from) {
			from = next
		}
	}
	return from
}

// Waiting is the call back as one who waits in the queue, for Hunt and for
// counting places. Its ID is that of the Task, with "Task/" before it.
func (b CallBack) Waiting() Call {
	return Call{
		ID: "Task/" + b.ID, Direction: Out, Stage: Queued, To: b.Number, Queue: b.Queue, Since: b.Since, Queued: b.Asked, Began: b.Asked,
		Raised: b.Raised, Patient: b.Patient, Task: b.ID,
	}
}

// Change is a decision about a call back.
type Change interface {
	on(b CallBack, now time.Time) (CallBack, error)
}

// TextSent is that the text message before a try has gone out.
type TextSent struct{}

func (TextSent) on(b CallBack, now time.Time) (CallBack, error) {
	b.Told = now
	return b, nil
}

// Tried is how a try went. The third that fails ends it.
type Tried struct {
	By, Call string
	Through  bool
}

func (t Tried) on(b CallBack, now time.Time) (CallBack, error) {
	b.Tries = append(b.Tries[:len(b.Tries):len(b.Tries)], Attempt{At: now, By: t.By, Call: t.Call, Through: t.Through})
	b.Told = time.Time{}
	switch {
	case t.Through:
		b.State, b.Ended = Made, now
	case len(b.Tries) >= Tries:
		b.State, b.Ended = GivenUp, now
	}
	return b, nil
}

// Cancel is that it is not wanted any more.
type Cancel struct{ Reason string }

func (c Cancel) on(b CallBack, now time.Time) (CallBack, error) {
	b.State, b.Ended, b.Reason = Cancelled, now, c.Reason
	return b, nil
}

// Later is that the patient asks to be called no sooner than at a time. The
// place stays: at that time they are next of those who came after them.
type Later struct{ At time.Time }

func (l Later) on(b CallBack, now time.Time) (CallBack, error) {
	if !l.At.After(now) || l.At.Sub(now) > 8*24*time.Hour {
		return b, fault.At(fault.Invalid, "at", "Choose a time within the next week.")
	}
	b.NotBefore, b.Told = l.At, time.Time{}
	return b, nil
}

// Decide is pure: what a call back is after a decision. One that has ended is
// not changed any more.
func Decide(b CallBack, c Change, now time.Time) (CallBack, error) {
	if b.State != Due {
		return b, fault.New(fault.Refused, "This call has been made or cancelled already.")
	}
	return c.on(b, now)
}
