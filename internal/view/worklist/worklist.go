// Package worklist is the practice's one queue: every open request, whichever
// channel it came by, most urgent first, with its clock.
//
// What comes in: the practice's record, at start by search and then entry by
// entry. What goes out: rows, counts, a nudge whenever something changed, and
// who is looking at what. It is a follower: it can be dropped and rebuilt, and
// the rebuilt one is the same. It must never hide an open request, and never
// decide anything.
package worklist

import (
	"time"

	"heartwood/internal/ident"
)

// Waiting is whom a request waits for.
type Waiting string

// Whom a request waits for.
const (
	OnTriage  Waiting = "triage"  // nobody has looked at it yet
	OnTeam    Waiting = "team"    // it was triaged; the practice acts next
	OnPatient Waiting = "patient" // an answer or a choice is with the patient
	OnClosing Waiting = "closing" // it was answered; somebody closes it
)

// Row is one open request.
type Row struct {
	Task      ident.Ref
	Version   string
	Reference string // what the patient was told
	Patient   ident.Ref
	Name      string
	Age       string // "34", "7 months"; "" when unknown
	Born      time.Time
	Asked     string // one line of what they wrote
	Channel   string // web, phone, desk
	Kind      string // what it is about, as the form has it
	Priority  string // stat, asap, urgent, routine
	Flags     []string
	Status    string // Task.status
	Waiting   Waiting
	Since     time.Time
	Moved     time.Time // when it last changed its state
	AnswerBy  time.Time // zero when there is none
	Owner     ident.Ref // zero when nobody
	OwnerName string
	Looking   []Presence

	Snoozed    time.Time // put aside until then; zero for not
	SnoozedWhy string
	Escalated  time.Time // handed up, and not taken since; zero for not
}

// Asleep tells whether the request is put aside now. It wakes by itself.
func (r Row) Asleep(now time.Time) bool { return now.Before(r.Snoozed) }

// Late tells whether the promise has passed, and its grace.
func (r Row) Late(now time.Time) bool {
	return !r.AnswerBy.IsZero() && now.After(r.AnswerBy.Add(Grace(r.Priority)))
}

// Filter chooses rows; zero fields allow anything.
type Filter struct {
	Owner    ident.Ref // a person's or a team's own
	Nobody   bool      // only those without an owner, or owned by the whole practice
	Priority string
	Waiting  Waiting
	Channel  string
	Patient  ident.Ref
	Text     string // in name, reference or what they asked
	Late     bool   // only those past their time
	// For lets through only what this person can take up now: not put aside,
	// not waiting for the patient, and not with another person.
	For   ident.Ref
	Limit int // at most this many; 0 for all
}

// Counts are over the whole queue, not the filtered rows.
type Counts struct {
	Open, Urgent, Late int // Urgent: stat, asap and urgent
	Flagged, Nobody    int
	ByOwner            map[ident.Ref]int
	ByWaiting          map[Waiting]int
	ByPriority         map[string]int
	ByChannel          map[string]int
}

// View is the queue at one moment.
type View struct {
	Revision uint64 // rises with every change
	Rows     []Row  // filtered and sorted: most urgent first, then by clock
	Matched  int    // rows that match the filter, before Limit
	Counts   Counts
}

// Person is somebody who looks at the queue.
type Person struct {
	Ref  ident.Ref
	Name string
}

// Presence is somebody who has a request open now.
type Presence struct {
	Person
	Since time.Time
}

// Lease is how long Open holds without a further heartbeat.
const Lease = 45 * time.Second
