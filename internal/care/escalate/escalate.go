// Package escalate rings until somebody takes what cannot wait.
//
// What comes in: the open requests of a practice, who is away, and the path
// that the practice has set (who is told after how many minutes, and how).
// What goes out: alarms in the record, one for each request that is about to
// run out of time, has run out, is an emergency that nobody has taken, was
// handed up, or is with somebody who is away; and messages to staff, step by
// step, until somebody has taken it. It must never put anything clinical, or
// a patient's name, into a message, never ring twice for what rang once
// because two processes look, and never fall silent because one was restarted:
// all that it knows is in the record.
package escalate

import (
	"time"

	"heartwood/internal/ident"
)

// Kind is why an alarm rings.
type Kind string

// The kinds, the least first.
const (
	Near      Kind = "near"      // its time is about to run out and nobody works on it
	Away      Kind = "away"      // whoever it is with is away
	Late      Kind = "late"      // its time has run out
	HandedUp  Kind = "handed-up" // it was handed up and nobody has taken it
	Emergency Kind = "emergency" // an emergency that nobody has taken
	Ruleless  Kind = "ruleless"  // a red-flag rule of the practice's own does not work: about no one request
	AtRisk    Kind = "at-risk"   // many will run out of time as the queue is: about no one request
	Unbegun   Kind = "unbegun"   // workflows did not begin for whom programs registered: about no one request
	Lost      Kind = "lost"      // the night's count does not add up: about no one request
)

var ranks = map[Kind]int{Near: 1, Away: 2, AtRisk: 3, Late: 4, HandedUp: 5, Unbegun: 6, Ruleless: 7, Emergency: 8, Lost: 9}

// Label is the kind as a page says it.
func (k Kind) Label() string {
	return map[Kind]string{
		Near: "Nearly out of time", Away: "With somebody who is away", Late: "Past its time",
		HandedUp: "Handed up, not taken", Emergency: "Emergency, not taken", AtRisk: "Many will run out of time", Lost: "The count does not add up",
		Ruleless: "A red-flag rule does not work", Unbegun: "Workflows have not begun",
	}[k]
}

// alone tells whether alarms of a kind are about no one request.
func (k Kind) alone() bool { return k == Lost || k.managers() }

// managers tells whether an alarm of a kind is the manager's to deal with: more
// hands, a rule set right, workflows begun by hand.
func (k Kind) managers() bool { return k == AtRisk || k == Ruleless || k == Unbegun }

// Alarm is one alarm.
type Alarm struct {
	ID, Version string
	Request     ident.Ref // "Task/…"; zero for what is about no one request
	About       string    // for such: what it is about, without a patient in it
	Kind        Kind
	Since       time.Time // when it began to ring for this
	Step        int       // how many steps of the path have been taken, repeats included
	Told        time.Time // when somebody was last sent a message; zero for never
	Taken       string    // who took it: "Practitioner/…", "" for nobody
	TakenName   string
	TakenAt     time.Time
	Settled     bool
}

// Rings tells whether nobody has taken it yet.
func (a Alarm) Rings() bool { return !a.Settled && a.Taken == "" }

// Medium is how somebody is told.
type Medium string

// The media.
const (
	Email Medium = "email"
	SMS   Medium = "sms"
)

// Step is one step of the path.
type Step struct {
	After time.Duration // after the alarm began
	// Who is told: "owner", "role:manager", "role:clinician",
	// "role:navigator", "CareTeam/…" for its members, or "Practitioner/…".
	Who string
	By  []Medium
}

// Path is what a practice has set.
type Path struct {
	Steps   []Step        // in order of After
	Again   time.Duration // how often the last step is taken again
	Version string        // of what was read; "" when nobody has set one
}

// Default is the path of a practice that has set none: the screen at once, the
// team or person it is with after 5 minutes, the clinicians' and navigators'
// triage team after 15, the managers after 30.
func Default() Path {
	return Path{Again: 30 * time.Minute, Steps: []Step{
		{5 * time.Minute, "owner", []Medium{Email}},
		{15 * time.Minute, "CareTeam/triage", []Medium{Email}},
		{30 * time.Minute, "role:manager", []Medium{Email, SMS}},
	}}
}
