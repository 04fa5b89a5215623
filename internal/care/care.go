// Package care holds the words that every feature under it shares: the
// systems and codes Heartwood gives its resources, small typed views of FHIR
// shapes, and the refusal that lists every field at fault at once.
//
// What comes in and goes out are Go values; the features turn them into
// resources. It must never read a clock, a store or the network, and never
// decide anything: decisions belong to the features.
package care

import (
	"errors"
	"strings"

	"heartwood/internal/fault"
)

// Base is where Heartwood's own systems begin.
const Base = "https://heartwood.example/fhir/"

// The systems of Heartwood's codes and identifiers.
const (
	TaskCode       = Base + "task-code"       // request, job
	ReferenceID    = Base + "reference"       // what the person is told: HW-7K3M-9CX
	BusinessStatus = Base + "business-status" // waiting, triaged, with-patient, answered
	InputType      = Base + "task-input"      // channel, kind, told …
	OutputType     = Base + "task-output"     // outcome, told
	OutcomeCode    = Base + "outcome"
	RuleCode       = Base + "red-flag-rule"
	FlagVerdict    = Base + "red-flag-verdict" // accepted, escalated, overruled
	MessageKind    = Base + "message-kind"     // message, reply, outcome, notice, call
	TemplateID     = Base + "message-template"
	Questionnaire  = Base + "Questionnaire/request"
	NHSNumber      = "https://fhir.nhs.uk/Id/nhs-number"
	Medium         = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
)

// Triage is the team that owns whatever nobody else has taken.
const Triage = "CareTeam/triage"

// TriageName is what that team is called.
const TriageName = "Triage team"

// KindCall is the message kind of a Communication that is a telephone call: it
// is no message, is sent by nobody and is in nobody's inbox.
const KindCall = "call"

// The roles a record.Author can have, as access gives them.
const (
	RolePatient   = "patient"
	RoleProxy     = "proxy"
	RoleNavigator = "navigator"
	RoleClinician = "clinician"
	RoleManager   = "manager"
	RoleSystem    = "system"
	RoleProgram   = "program" // by an agreed rule: no member of staff
)

// Imported is the reason of a change that files are loaded with: what is in it
// did not happen now.
const Imported = "import"

// IsStaff tells whether a role works for the practice.
func IsStaff(role string) bool {
	return role == RoleNavigator || role == RoleClinician || role == RoleManager || role == RoleSystem
}

// Faults is every field at fault at once, in the order of the form, so that a
// page can list them all. It is an Invalid fault to fault.KindOf.
type Faults []*fault.Error

// Error is for logs.
func (f Faults) Error() string {
	s := make([]string, len(f))
	for i, e := range f {
		s[i] = e.Error()
	}
	return strings.Join(s, "; ")
}

// Unwrap gives each fault to errors.As.
func (f Faults) Unwrap() []error {
	s := make([]error, len(f))
	for i, e := range f {
		s[i] = e
	}
	return s
}

// Add appends a fault about a field.
func (f *Faults) Add(where, format string, args ...any) {
	*f = append(*f, fault.At(fault.Invalid, where, format, args...))
}

// Err is nil when there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Fields gives the faults of err, one for each field: of a Faults all, of
// anything else the one.
func Fields(err error) []*fault.Error {
	var f Faults
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return []*fault.Error{fault.From(err)}
}
