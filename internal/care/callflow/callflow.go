// Package callflow is what a telephone call does at a practice: its plan
// (menus, queues, hours), the state of each call, who is rung for whom, and
// calls back.
//
// What comes in: a plan as a manager draws it, what happened to a call, and
// what is so at that moment (Facts). What goes out: the call's next state,
// what is to be done with its sound (Do), and in the record a FHIR
// Communication of each call and a Task of each call back.
//
// Next, Hunt and all they call are pure: they read no clock and no store. It
// must never let a caller fall out of a queue without an outcome that is
// recorded, never give one caller to two people, never say whose record a
// number is, and never end a wait because the practice shuts.
package callflow

import (
	"slices"
	"time"
)

// Direction is who rang whom.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Stage is where a call is.
type Stage string

// The stages. The zero one is before the call came.
const (
	Menu    Stage = "menu"      // listening to announcements and choosing
	Queued  Stage = "queued"    // waiting to be answered
	Talking Stage = "talking"   // somebody of the practice has answered, or was rung by it
	Away    Stage = "away"      // sent on to a number outside
	Message Stage = "voicemail" // leaving a message
	Dialled Stage = "dialled"   // the practice rings out, and nobody has answered yet
	Ended   Stage = "ended"
)

// Outcome is what became of a call: each has exactly one when it has ended.
// The first four are those of the national telephony return, and of the calls
// that came in their numbers add up:
//
//	inbound = in the menu + answered + missed + call back asked for
type Outcome string

// The outcomes. The text of the return is silent about a call that the menu
// sends on to a number outside: it never queued here, so it ended in the menu.
const (
	InMenu   Outcome = "menu"      // it ended in the menu stage, before queueing (CBT002)
	Answered Outcome = "answered"  // a person of the practice, or of one that answers for it, picked up (CBT003, CBT007)
	Missed   Outcome = "missed"    // it left while queueing, or left a voicemail (CBT004)
	ToCall   Outcome = "call-back" // a call back was asked for; it is not answered (CBT005)

	Reached   Outcome = "reached"   // a call out that was answered
	Unreached Outcome = "unreached" // a call out that was not
)

// Why a call ended.
const (
	ByCaller    = "caller"     // the caller rang off
	ByPractice  = "practice"   // somebody of the practice did
	CutOff      = "cut-off"    // the connection was lost
	PlayedOut   = "played-out" // the plan had no more to say
	CallsBack   = "call-back"  // a call back is owed
	LeftMessage = "voicemail"  // a message was left
	NobodyThere = "nobody"     // of a call out: it was not answered
)

// Step is one thing that happened to a call.
type Step struct {
	At   time.Time
	What string // the event: "arrived", "chose", "queued", "offered", "picked" …
	Who  string // a reference of whoever did it, "" for the caller
	Note string // a node, a queue, a key; never anything of what was said
}

// Passed is somebody who was rung and did not pick up.
type Passed struct {
	By string
	At time.Time
}

// Call is the state of one call.
type Call struct {
	ID        string // of the Communication
	Version   string // of what was kept last; "" of a new one
	Host      string // the process that has its sound; "" when none says so
	Direction Direction
	From, To  string // E.164; From is "" where it is withheld
	Withheld  bool
	Began     time.Time
	At        time.Time // of the last event: time never goes back

	Stage Stage
	Node  string // of the plan, where it is or was last in the menu
	Plays int    // how often this menu has been said
	Queue string

	Since    time.Time // the place in the queue; earlier than Began where one was kept
	Queued   time.Time // when this call came to its first queue
	Left     time.Time // when it left the queue for good, by whatever
	Ahead    int       // callers before it when it came to the queue
	Returned string    // the id of the call whose place it took up again
	Raised   string    // why it goes before the others: "urgent", "vulnerable"; "" for no reason
	Ringing  []string  // whom it rings for just now: "Practitioner/…"
	Passed   []Passed  // who was rung and did not pick up

	Answered time.Time
	By       string // who talks, or talked last: "Practitioner/…"
	For      string // the practice that answered for this one, an ODS code; "" for this one
	Held     bool
	Number   string // outside, that it was sent on to

	Ended   time.Time
	Outcome Outcome // "" while it is not known
	Why     string  // it ended
	Steps   []Step

	Patient   string // "Patient/…", once a person has confirmed who it is
	Encounter string
	Request   string // Task id of the request it became or belongs to
	Task      string // Task id of the call back that it asked for, or that it is a try of
	Recording string // "DocumentReference/…"

	offered bool      // a call back is on offer: the key for it counts
	said    time.Time // when the queue last said something
	turn    int       // which of the queue's comforts comes next
	kept    int       // steps that are in the record
}

// Open tells whether the call is still going on.
func (c Call) Open() bool { return c.Stage != Ended }

// Waiting tells whether somebody waits in a queue.
func (c Call) Waiting() bool { return c.Stage == Queued }

// Wait is how long the caller waited in the queue, or has by now; zero when
// the call never queued. A place that was kept from an earlier call is not
// counted in: the return counts each call by itself.
func (c Call) Wait(now time.Time) time.Duration {
	switch {
	case c.Queued.IsZero():
		return 0
	case !c.Answered.IsZero():
		return c.Answered.Sub(c.Queued)
	case !c.Left.IsZero():
		return c.Left.Sub(c.Queued)
	}
	return max(0, now.Sub(c.Queued))
}

// Talked is how long it lasted from being answered; zero when it was not.
func (c Call) Talked(now time.Time) time.Duration {
	switch {
	case c.Answered.IsZero():
		return 0
	case c.Ended.IsZero():
		return max(0, now.Sub(c.Answered))
	}
	return c.Ended.Sub(c.Answered)
}

// Before is the order of a queue: raised callers first, then by place.
func Before(a, b Call) int {
	switch {
	case (a.Raised != "") != (b.Raised != ""):
		if a.Raised != "" {
			return -1
		}
		return 1
	case !a.Since.Equal(b.Since):
		return a.Since.Compare(b.Since)
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}

// Line is who waits in a queue, the next first.
func Line(queue string, all []Call) []Call {
	var out []Call
	for _, c := range all {
		if c.Waiting() && c.Queue == queue {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, Before)
	return out
}

// Ahead is how many of a queue go before a call.
func Ahead(c Call, all []Call) int {
	n := 0
	for _, o := range all {
		if o.ID != c.ID && o.Waiting() && o.Queue == c.Queue && Before(o, c) < 0 {
			n++
		}
	}
	return n
}

// Place is a place in a queue that is kept for whoever rings again from the
// same number.
type Place struct {
	Call   string // whose it was
	Queue  string
	Since  time.Time
	Left   time.Time // when it was left
	Raised string
}

// Place is what is kept of a call for its caller: of one who left the queue
// before anybody answered, and of one whose connection was lost while they
// talked. It is nobody's where the number was withheld.
func (c Call) Place() (p Place, ok bool) {
	lost := c.Outcome == Missed || c.Outcome == Answered && c.Why == CutOff
	if c.Open() || c.From == "" || c.Queued.IsZero() || !lost {
		return Place{}, false
	}
	return Place{Call: c.ID, Queue: c.Queue, Since: c.Since, Left: c.Ended, Raised: c.Raised}, true
}
