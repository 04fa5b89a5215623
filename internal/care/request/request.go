// Package request is the ledger of everything that people ask of a practice.
//
// What comes in: an Ask from any channel, and decisions that staff make about
// it. What goes out: a Receipt once it is durable, and Views of every
// request. It must never lose a request, never lower an urgency by itself,
// never close one without an outcome and without telling the person, and
// never delete one.
package request

import (
	"time"

	"heartwood/internal/care/form"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/triage"
	"heartwood/internal/care/upload"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// Channel is how a request came in.
type Channel string

// The channels.
const (
	Web      Channel = "web"
	Phone    Channel = "phone"
	Desk     Channel = "desk"
	Email    Channel = "email"
	SMS      Channel = "sms"
	Practice Channel = "practice" // the practice wrote first
)

// Channels lists them in the order of a page.
var Channels = []Channel{Web, Phone, Desk, Email, SMS, Practice}

// Unnamed tells whether who writes by this channel may be known by nothing but
// an address, until a person has found out who they are.
func (c Channel) Unnamed() bool { return c == Email || c == SMS }

// Asker is who filled in the form.
type Asker string

// The askers.
const (
	Self  Asker = "self"
	Proxy Asker = "proxy" // a parent, carer or other proxy
	Staff Asker = "staff" // a receptionist, for someone on the phone or at the desk
)

// Kind is what a request is about.
type Kind string

// The kinds.
const (
	NewProblem      Kind = "new-problem"
	ExistingProblem Kind = "existing-problem"
	Medicine        Kind = "medicine"
	TestResult      Kind = "test-result"
	FitNote         Kind = "fit-note"
	Admin           Kind = "admin"
	Prescription    Kind = "prescription"
	Contraception   Kind = "contraception"
	MentalHealth    Kind = "mental-health"
	Review          Kind = "review" // of a long-term condition
	Registration    Kind = "registration"
)

// Kinds lists them in the order of the form.
var Kinds = []Kind{
	NewProblem, ExistingProblem, MentalHealth, Medicine, Prescription, Contraception, TestResult, Review, FitNote, Admin, Registration,
}

// Label is the kind as a page says it: "A new health problem".
func (k Kind) Label() string { return kindLabels[k] }

var kindLabels = map[Kind]string{
	NewProblem: "A new health problem", ExistingProblem: "A problem I have had before",
	Medicine: "A question about a medicine", TestResult: "A test result",
	Prescription: "A repeat prescription", Contraception: "Contraception", MentalHealth: "Mental health",
	Review: "A check-up for a long-term condition", Registration: "Joining this practice",
	FitNote: "A fit note (sick note)", Admin: "A letter, form or something else",
}

// Ask is one filled-in form. The field names in comments are the form fields
// that Where names in a fault.
type Ask struct {
	Patient  string   // "Patient/…"; "" when the person is yet to be matched
	Identity Identity // only when Patient is ""
	Asker    Asker    // "asker"
	Channel  Channel  // "channel"
	Kind     Kind     // "kind"
	What     string   // "what": in their own words
	HowLong  string   // "how-long"
	HowBad   int      // "how-bad": 1 (hardly) to 5 (as bad as can be); 0 not said
	Hope     string   // "hope": ideas, concerns, what they hope for
	Tried    string   // "tried"
	Contact  Contact
	Needs    Needs
	Photos   []upload.File // "photos"

	// Form is the version of the form that was filled in, and Answers what was
	// answered, by its questions; What is then read from them. Without one,
	// as of an e-mail, the fields above are all there is.
	Form    form.Form
	Answers form.Answers

	// Unseen says why the request must not be seen online; "" where it may be.
	Unseen string

	// Language is what the asker reads; "" is English. The receipt is in it.
	Language words.Lang

	// Age and Sex, where the door knows them, sharpen the red-flag rules. When
	// Patient is set and they are empty, Receive reads them from the Patient.
	Age triage.Age
	Sex triage.Sex
}

// Identity is who somebody says they are, before staff have matched them.
type Identity struct {
	Given     string // "given"
	Family    string // "family"
	Birth     string // "birth": 2006-01-02
	NHSNumber string // "nhs-number": optional
	Phone     string // "phone"

	// When somebody else asks for them without being signed in.
	By           string // "by": the asker's own name
	Relationship string // "relationship": what the asker is to them, in words
}

// Contact is how and when to reach the person.
type Contact struct {
	How     string // "contact-how": one of the keys of howLabels
	Number  string // "contact-number"
	Email   string // "contact-email"
	NotWhen string // "contact-not": times that do not suit
	Safe    string // "contact-safe": what must not be done, where others may see or hear
}

// Needs are communication needs.
type Needs struct {
	Interpreter string // "interpreter": the language, "" for none
	BSL         bool   // British Sign Language
	EasyRead    bool
	Other       string // "needs-other"
}

// Receipt is what the person is shown once the request is in the ledger. It
// is the same each time the same form is sent.
type Receipt struct {
	ID        string // of the Task
	Reference string // "HW-7K3M-9CX"
	Position  ident.Position
	Received  time.Time
	Urgency   Urgency
	Emergency []triage.Advice // shown first, in full; empty for none
	AnswerBy  time.Time
	Promised  promise.Range // as told; zero when only AnswerBy was
	Open      bool          // the practice was open when it came
	Next      []string      // what happens next, a sentence each
	Repeat    bool          // this form had been sent before
}

// Urgency is how soon a request must be answered. It rises by rules and by
// people, and is lowered only by a clinician who says why.
type Urgency uint8

// The urgencies, lowest first; FHIR priorities.
const (
	Routine Urgency = iota + 1 // by the end of the next day the practice opens
	Prompt                     // "urgent": the same day
	Asap                       // "asap": within 2 hours of opening time
	Stat                       // "stat": now
)

// ParseUrgency reads a FHIR priority; ok is false for anything else.
func ParseUrgency(s string) (u Urgency, ok bool) {
	for u, p := range priorities {
		if p == s && p != "" {
			return Urgency(u), true
		}
	}
	return 0, false
}

var priorities = [...]string{Routine: "routine", Prompt: "urgent", Asap: "asap", Stat: "stat"}

// Priority is the FHIR code: routine, urgent, asap or stat.
func (u Urgency) Priority() string { return priorities[u] }

// Label is the urgency as a page says it.
func (u Urgency) Label() string {
	return [...]string{"", "Routine", "Urgent", "Very urgent: within 2 hours", "Emergency: now"}[u]
}

// State is where a request is in the ledger. It is always in exactly one.
type State string

// The states and the Task.status and businessStatus that hold them.
const (
	Received    State = "received"     // requested, waiting: nobody has looked
	Accepted    State = "accepted"     // accepted, triaged: urgency confirmed, owned
	Working     State = "working"      // in-progress, triaged
	WithPatient State = "with-patient" // in-progress, with-patient: waiting for the person
	Closed      State = "closed"       // completed, answered
)

// Label is the state as a page says it to staff.
func (s State) Label() string {
	return map[State]string{
		Received: "Waiting to be looked at", Accepted: "Triaged", Working: "Being worked on",
		WithPatient: "Waiting for the patient", Closed: "Closed",
	}[s]
}

// Outcome is how a request was answered.
type Outcome string

// The outcomes.
const (
	AdviceGiven   Outcome = "advice"
	Appointment   Outcome = "appointment"
	Consulted     Outcome = "consultation"
	Prescribed    Outcome = "prescription"
	TestsOrdered  Outcome = "tests"
	Referred      Outcome = "referral"
	FitNoteIssued Outcome = "fit-note"
	Signposted    Outcome = "signposted" // pharmacy, 111, another service
	SentTo999     Outcome = "emergency"  // 999 or A&E
	AdminDone     Outcome = "admin"
	Withdrawn     Outcome = "withdrawn"   // the person no longer needs it
	NotReached    Outcome = "not-reached" // tried, with what was tried in the note
	DuplicateOf   Outcome = "duplicate"   // answered under another reference
	NotOurPatient Outcome = "not-ours"    // told where to go instead
	Informed      Outcome = "informed"    // the practice wrote first and asks for nothing; not to choose
)

// Outcomes lists them in the order of a page.
var Outcomes = []Outcome{
	AdviceGiven, Appointment, Consulted, Prescribed, TestsOrdered, Referred, FitNoteIssued,
	Signposted, SentTo999, AdminDone, Withdrawn, NotReached, DuplicateOf, NotOurPatient,
}

// Label is the outcome as a page says it.
func (o Outcome) Label() string { return outcomeLabels[o] }

var outcomeLabels = map[Outcome]string{
	AdviceGiven: "Advice given", Appointment: "Appointment booked", Consulted: "Consultation done",
	Prescribed: "Prescription issued", TestsOrdered: "Tests arranged", Referred: "Referred",
	FitNoteIssued: "Fit note issued", Signposted: "Directed to another service", SentTo999: "Sent to 999 or A&E",
	AdminDone: "Paperwork done", Withdrawn: "Patient no longer needs it", NotReached: "Could not reach the patient",
	DuplicateOf: "Answered under another request", NotOurPatient: "Not our patient: told where to go",
	Informed: "Patient told",
}

// Owner is the team or person who must deal with a request.
type Owner struct {
	Ref  string // "CareTeam/triage", "Practitioner/…"
	Name string
}

// View is a request as pages show it.
type View struct {
	ID        string // of the Task
	Version   string // of the Task: give it back as Seen with a command
	Reference string
	Patient   string // "Patient/…", "" until matched
	Name      string // the patient's name as it was when asked
	Claimed   *Identity
	Requester string // who sent it, "Patient/…", "RelatedPerson/…", "Practitioner/…"
	Channel   Channel
	Kind      Kind
	Urgency   Urgency
	State     State
	Since     time.Time // when it was received
	AnswerBy  time.Time
	Promised  promise.Range // as the person was told; zero when only AnswerBy was
	Changed   time.Time
	Owner     Owner
	Routed    string   // why they were given it first: the routing rule
	Outcome   Outcome  // "" while open
	Told      string   // what the person was told when it closed
	Reopened  int      // how often
	Response  string   // "QuestionnaireResponse/…"
	Related   []string // ids of earlier requests for the same or a related problem, newest first
	Links

	// The rest is filled by Load, and the words by Of too.
	Asked   Ask // as written; no photos, no age
	Answers []Answer
	Flags   []Flag
	Photos  []Photo
	History []Event // newest first
}

// Open tells whether the request is still to be answered.
func (r View) Open() bool { return r.State != Closed }

// EmergencyGrace is how long after an emergency came in its promise, which is
// "now", counts as broken.
const EmergencyGrace = 5 * time.Minute

// Late tells whether the promise has been broken.
func (r View) Late(now time.Time) bool {
	by := r.AnswerBy
	if r.Urgency == Stat {
		by = by.Add(EmergencyGrace)
	}
	return r.Open() && now.After(by)
}

// Severities are what is chosen for how bad something is, from 1 to 5.
var Severities = [...]string{
	1: "I hardly notice it", 2: "A bit of a problem", 3: "It stops me doing some things",
	4: "It stops me doing most things", 5: "As bad as it can be",
}

// Answer is one line of the form as it was filled in.
type Answer struct{ ID, Question, Text string }

// Flag is a red flag that a rule raised.
type Flag struct {
	ID          string // of the DetectedIssue
	Rule, Title string
	Level       triage.Level
	Words       string // what was written that met it
	Time        time.Time

	Verdict  Verdict // what a person made of it; "" while nobody has said
	By       string  // who: "Practitioner/…"
	Why      string
	Reviewed time.Time
}

// Photo is a file that came with a request or a reply.
type Photo struct {
	Document string // "DocumentReference/…"
	Binary   string // "Binary/…"
	Type     string
	Name     string
}

// Event is one decision in a request's history.
type Event struct {
	Time    time.Time
	By      string // "Practitioner/…"
	Role    string
	What    string // "raised to urgent"
	Note    string // the reason given, if any
	State   State
	Version string
}
