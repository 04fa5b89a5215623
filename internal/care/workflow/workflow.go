// Package workflow is what a practice does the same way each time: steps, each
// with who does it and by when, carried out for one patient as a case.
//
// What comes in: definitions as a manager writes them (a template of a job is
// one of a single step), starts by hand or by something that happened, and the
// ends of the steps' jobs. What goes out: a PlanDefinition for each workflow, a
// CarePlan for each case with the definition it began with inside it, and an
// ordinary job for each step. It must never change a case because its workflow
// was changed, never begin a step twice, and never leave a case that is under
// way without an open job.
package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// The most that a workflow can have.
const (
	MostSteps = 20
	MostDays  = 365 // working days of one step
)

// Step is one thing to be done.
type Step struct {
	ID       string // of the workflow, kept while the step is: "s1"
	Title    string
	What     string // what to do, in words; may be empty
	Owner    string // "Practitioner/…" or "CareTeam/…"
	Name     string // the owner's name
	Days     int    // working days it may take; 1 is the end of the next one
	After    string // id of the step that ends before this begins; "" begins with the case
	Escalate string // "Practitioner/…" or "CareTeam/…" that has it once it is overdue; "" for nobody
}

// Trigger is what begins a case by itself: one of Triggers.
type Trigger string

// The triggers. ClosedOf makes one of a kind of request.
const (
	ByHand     Trigger = ""
	Registered Trigger = "patient-registered"
	closed             = "request-closed:"
)

// ClosedOf is the trigger of a request of a kind being closed.
func ClosedOf(kind request.Kind) Trigger { return Trigger(closed + string(kind)) }

// Triggers lists them all.
func Triggers() []Trigger {
	out := []Trigger{ByHand, Registered}
	for _, k := range request.Kinds {
		out = append(out, ClosedOf(k))
	}
	return out
}

// Say is a trigger in words: "when a request about a fit note is closed".
func (t Trigger) Say() string {
	kind, isClosed := strings.CutPrefix(string(t), closed)
	switch {
	case isClosed:
		return "when a request is closed: " + request.Kind(kind).Label()
	case t == Registered:
		return "when a patient is registered"
	}
	return "by hand"
}

// Definition is a workflow as a manager writes it.
type Definition struct {
	ID      string // "" of a new one
	Title   string
	Trigger Trigger
	Steps   []Step
	Retired bool
	Number  int       // 1 for the first version, one more with each save
	Since   time.Time // from when events begin cases: the trigger was set then
	Version string    // of the resource that was read
}

// State is where a case is.
type State string

// The states of a case.
const (
	Active    State = "active"
	Done      State = "completed"
	Cancelled State = "revoked"
)

// Case is a workflow under way for one patient.
type Case struct {
	ID, Version  string
	Definition   Definition // as it was when the case began
	Patient      string     // "Patient/…"
	Request      string     // Task id of the request it belongs to, "" for none
	State        State
	Reason       string // why it was cancelled
	Since, Ended time.Time
	BegunBy      string
}

// Due is the end of the n-th working day after from.
func Due(h opening.Hours, from time.Time, n int) time.Time {
	for range n {
		from = h.NextDay(from)
	}
	return from
}

// clean tidies a definition and gives each new step an id. The faults are At
// "title", "trigger", "steps", or "s0-title", "s0-owner", "s0-days" … counted
// from nought.
func (d Definition) clean() (Definition, error) {
	var f care.Faults
	d.Title = request.CleanText(d.Title)
	d.Steps = append([]Step(nil), d.Steps...)
	short(&f, "title", d.Title, "Give the workflow a name.")
	if !known(d.Trigger) {
		f.Add("trigger", "Choose what begins it.")
	}
	if n := len(d.Steps); n == 0 || n > MostSteps {
		f.Add("steps", "A workflow has 1 to %d steps.", MostSteps)
		return d, f
	}
	before := map[string]bool{"": true}
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.ID == "" {
			s.ID = FreeID(d.Steps)
		}
		s.check(&f, fmt.Sprintf("s%d-", i), before)
		before[s.ID] = true
	}
	return d, f.Err()
}

// FreeID is the id of one more step.
func FreeID(steps []Step) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("s%d", n)
		if !slices.ContainsFunc(steps, func(s Step) bool { return s.ID == id }) {
			return id
		}
	}
}

func (s *Step) check(f *care.Faults, at string, before map[string]bool) {
	s.Title, s.What = request.CleanText(s.Title), request.CleanText(s.What)
	short(f, at+"title", s.Title, "Say what the step is called.")
	if utf8.RuneCountInString(s.What) > 1000 {
		f.Add(at+"what", "This is too long. It can have up to 1,000 characters.")
	}
	if !owns(s.Owner) {
		f.Add(at+"owner", "Choose a person or a team.")
	}
	if s.Escalate != "" && !owns(s.Escalate) {
		f.Add(at+"escalate", "Choose a person or a team.")
	}
	if s.Days < 1 || s.Days > MostDays {
		f.Add(at+"days", "Enter working days from 1 to %d.", MostDays)
	}
	if !ident.IsID(s.ID) || before[s.ID] {
		f.Add(at+"title", "Two steps have one mark. Take one away and add it again.")
	}
	if !before[s.After] {
		f.Add(at+"after", "A step can only wait for one that stands before it.")
	}
}

func short(f *care.Faults, at, text, missing string) {
	switch {
	case text == "":
		f.Add(at, "%s", missing)
	case utf8.RuneCountInString(text) > 200:
		f.Add(at, "This is too long. It can have up to 200 characters.")
	}
}

func owns(ref string) bool {
	r, ok := ident.ParseRef(ref)
	return ok && (r.Type == "Practitioner" || r.Type == "CareTeam")
}

func known(t Trigger) bool { return slices.Contains(Triggers(), t) }

func stale() error {
	return fault.New(fault.Conflict, "Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")
}

func unknown(what string) error { return fault.New(fault.NotFound, "There is no such %s.", what) }
