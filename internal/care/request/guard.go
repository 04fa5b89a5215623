package request

import (
	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

// Guard tells whether a door may write a resource past this package: before
// is the current version (nil when there is none), after the new one (nil for
// a delete). It refuses to delete or rewrite the ledger's own Tasks, the
// forms they came from, and changes that skip the rules. Doors that take
// resources from outside call it before they commit; it is nil for everything
// that is not the ledger's.
func Guard(before, after *fhir.Resource) error {
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil:
		return guardNew(after)
	case ofLedger(before) && after == nil:
		return fault.New(fault.Refused, "A request, its form and its red flags cannot be deleted. Close the request with an outcome.")
	case before.Type() == "Task" && IsRequest(before):
		return guardTask(before, after)
	case isForm(before):
		return guardForm(before, after)
	case !ofLedger(before) && after != nil:
		return guardNew(after)
	}
	return nil
}

func ofLedger(r *fhir.Resource) bool {
	return IsRequest(r) || isForm(r) || r.Type() == "DetectedIssue" && code(r.Get("code"), care.RuleCode) != ""
}

// isForm tells whether a response is what a request came from: it has the
// reference of one, whatever form it was filled in on.
func isForm(r *fhir.Resource) bool {
	return r.Type() == "QuestionnaireResponse" &&
		(r.Get("identifier", "system").Is(care.ReferenceID) || r.Get("questionnaire").Is(care.Questionnaire))
}

func refused(where, format string, args ...any) error {
	return fault.At(fault.Refused, where, format, args...)
}

// guardNew: a request may come from another system, whole: it has a form, an
// owner, a clock and a reference, and nobody has answered it yet.
func guardNew(t *fhir.Resource) error {
	if !IsRequest(t) {
		return nil
	}
	r := fromTask(t)
	switch {
	case r.State != Received:
		return refused("Task.status", "A new request begins as requested.")
	case r.Response == "":
		return refused("Task.focus", "A request needs the form it came from.")
	case !mayOwn(r.Owner.Ref):
		return refused("Task.owner", "A request needs an owner.")
	case r.Since.IsZero():
		return refused("Task.authoredOn", "A request needs the time at which it came.")
	case r.AnswerBy.IsZero():
		return refused("Task.restriction.period.end", "A request needs the time by which it is answered.")
	case r.Reference == "":
		return refused("Task.groupIdentifier", "A request needs a reference.")
	}
	return nil
}

// same compares two values as JSON, however they are laid out.
func same(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.Object:
		if a.Len() != b.Len() {
			return false
		}
		for m := range a.Children() {
			if !same(m, b.Get(m.Key())) {
				return false
			}
		}
		return true
	case fhir.Array:
		if a.Len() != b.Len() {
			return false
		}
		i := 0
		for m := range a.Children() {
			if !same(m, b.At(i)) {
				return false
			}
			i++
		}
		return true
	}
	return a.Str() == b.Str()
}

// fixed are the members of a request that never change.
var fixed = []string{"code", "focus", "authoredOn", "groupIdentifier", "requester", "intent"}

// guardTask: what a program may change in a request is what no rule is about.
// Decisions are made through the practice's own pages and commands.
func guardTask(before, after *fhir.Resource) error {
	if !IsRequest(after) {
		return refused("Task.code", "A request stays a request.")
	}
	for _, m := range fixed {
		if !same(before.Get(m), after.Get(m)) {
			return refused("Task."+m, "This part of a request never changes.")
		}
	}
	b, a := fromTask(before), fromTask(after)
	switch {
	case b.State == Closed && (a.State != Closed || a.Outcome != b.Outcome):
		return refused("Task.status", "A closed request is reopened by a person who says why.")
	case b.State != Closed && a.State == Closed:
		return refused("Task.status", "A request is closed by a person, with an outcome that the patient is told.")
	case a.Urgency < b.Urgency:
		return refused("Task.priority", "Only a clinician lowers the urgency of a request, and says why.")
	case !mayOwn(a.Owner.Ref):
		return refused("Task.owner", "A request always has an owner.")
	case a.AnswerBy.IsZero() || a.AnswerBy.After(b.AnswerBy):
		return refused("Task.restriction.period.end", "The time by which a request is answered is not put off.")
	case a.Links != b.Links:
		return refused("Task.input", "Putting a request aside, handing it up and merging it are decided by a person.")
	case a.Patient != b.Patient:
		return refused("Task.for", "A person matches a request to its patient.")
	}
	switch after.Get("status").Str() {
	case "requested", "accepted", "in-progress", "completed":
		return nil
	}
	return refused("Task.status", "A request is requested, accepted, in-progress or completed.")
}

// guardForm: what a person wrote is never rewritten.
func guardForm(before, after *fhir.Resource) error {
	for _, m := range []string{"questionnaire", "item", "authored", "source", "author", "subject", "identifier"} {
		if !same(before.Get(m), after.Get(m)) {
			return refused("QuestionnaireResponse."+m, "What a person wrote to the practice is not changed.")
		}
	}
	if !after.Get("status").Is("completed") {
		return refused("QuestionnaireResponse.status", "What a person wrote to the practice is not changed.")
	}
	return nil
}
