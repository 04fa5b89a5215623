package callflow

import "time"

// Happening is what sort of event it is.
type Happening string

// The happenings. Every one has a meaning, or none, in every stage: what means
// nothing changes nothing.
const (
	Arrived     Happening = "arrived"     // a call came in
	Dialling    Happening = "dialling"    // the practice rings somebody: By rings, for a call back where Task is set
	Played      Happening = "played"      // what was said is over
	Digit       Happening = "digit"       // a key was pressed
	Silent      Happening = "silent"      // no key within the time of Listen
	Tick        Happening = "tick"        // some seconds have gone by; about every five while somebody waits
	Offered     Happening = "offered"     // By is being rung for it
	Picked      Happening = "picked"      // By picked up
	Declined    Happening = "declined"    // By did not pick up, said no, or has gone
	Held        Happening = "held"        // the caller is on hold
	Resumed     Happening = "resumed"     // and is no longer
	Transferred Happening = "transferred" // By sends it on: To is a person, a queue's id or a number
	Through     Happening = "through"     // whoever was dialled answered
	Failed      Happening = "failed"      // whoever was dialled did not
	Recorded    Happening = "recorded"    // a recording is kept: Recording
	Raising     Happening = "raised"      // it is to go before the others: Why; "" takes that back
	Confirmed   Happening = "confirmed"   // By has confirmed who is calling: Patient; "" takes that back
	Linked      Happening = "linked"      // it belongs to an Encounter, a Request or a Task
	Joined      Happening = "joined"      // somebody else has come into the call: To, a reference or a number
	Parted      Happening = "parted"      // and has gone
	HungUp      Happening = "hung-up"     // By rang off; "" for the caller
	Lost        Happening = "lost"        // the connection of By was lost; "" for the caller's
)

// Event is something that happened to a call.
type Event struct {
	What Happening
	At   time.Time

	Call     string // Arrived, Dialling: the new call's id
	From, To string // E.164; of Transferred, To is "Practitioner/…", a queue's id or E.164
	Withheld bool
	Digit    string
	By       string // a reference
	For      string // Picked: the practice By answers from when it is another, an ODS code
	Why      string

	Patient, Encounter, Request, Task, Recording string
}

// Facts are what is so at a practice at the moment of an event.
type Facts struct {
	Open    bool    // the practice
	Waiting []Call  // who waits, in every queue, calls back that are owed among them
	Lately  []Call  // calls answered in the last hour, for an honest estimate
	Agents  []Agent // who is signed in, those who talk too
	Kept    []Place // places that are kept for this number
}

// Act is what sort of thing is to be done.
type Act string

// The acts.
const (
	Say           Act = "say"            // play Prompts one after another, then tell Played
	Listen        Act = "listen"         // tell Digit, or Silent after Within from the end of what is said
	Wait          Act = "wait"           // music, until something else is to be done
	Connect       Act = "connect"        // join the caller and By
	Stop          Act = "stop"           // stop ringing By
	Dial          Act = "dial"           // ring Number and join whoever answers: Through or Failed
	TakeVoicemail Act = "take-voicemail" // record for up to Within, or until a key or the end: Recorded
	Owe           Act = "owe"            // make the Task of a call back to this caller
	Text          Act = "text"           // send the caller a text message: Template
	Hang          Act = "hang"           // hang up: Why; after what is being said
)

// Do is something to be done, in order.
type Do struct {
	What      Act
	Prompts   []string
	Skippable bool // any key ends it, and counts
	Within    time.Duration
	By        string
	Number    string
	Queue     string
	Template  string
	Why       string
}
