package request

import "heartwood/internal/care/triage"

// Command is one decision about a request.
type Command interface{ command() }

// Confirm is triage by a person: the urgency is confirmed, raised, or (by a
// clinician, with a reason) lowered. It moves a waiting request to Accepted.
type Confirm struct {
	Urgency Urgency
	Reason  string // "reason"
}

// Assign gives the request to a person or a team.
type Assign struct {
	To     Owner
	Reason string
}

// Start says that somebody is working on it; it becomes theirs when To is set.
type Start struct{ To Owner }

// Await says that the practice waits for the patient: a question was asked, a
// choice of appointment was offered.
type Await struct{ For string } // a few words: "a photo", "a choice of time"

// Spoke says that a message was sent that asks for nothing. A request that
// nobody had looked at is then being worked on.
type Spoke struct{}

// Returned says that the patient replied: the request comes back to the
// queue, and a closed one is reopened. Findings raise its urgency.
type Returned struct {
	What     string // "the patient replied"
	Findings []triage.Finding
}

// Arrived says that something came to a request that nobody has begun: its
// state and its clock stay.
type Arrived struct{}

// Close ends the request. It needs an outcome and what the patient is told,
// which is sent to them as a message.
type Close struct {
	Outcome Outcome // "outcome"
	Told    string  // "told"
	// Message, when set, is the Communication ("Communication/…") that has
	// already told them; then Told may repeat its words and no second message
	// is made.
	Message string
}

// Reopen puts a closed request back in the queue.
type Reopen struct{ Reason string }

// Match says which patient a request is for: one that is not matched yet, or,
// with a reason, one that was matched to the wrong patient.
type Match struct {
	Patient string // "Patient/…"
	Name    string
	Reason  string
}

func (Confirm) command()  {}
func (Assign) command()   {}
func (Start) command()    {}
func (Await) command()    {}
func (Returned) command() {}
func (Spoke) command()    {}
func (Arrived) command()  {}
func (Close) command()    {}
func (Reopen) command()   {}
func (Match) command()    {}
