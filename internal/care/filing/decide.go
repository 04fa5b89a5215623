package filing

import (
	"slices"
	"unicode/utf8"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
)

// longest is how many characters a reason may have.
const longest = 300

// State is what a decision about the file rests on.
type State struct {
	Request  request.View
	Was      Filed
	Messages []string // ids of the thread, oldest first
	Problem  *Problem // what File.Problem is; nil where there is no such
}

// Problem is a problem of a patient's.
type Problem struct{ Patient, Name string }

// Decide is what a command makes of the file; or a refusal. It is pure.
func Decide(s State, c Command) (Filed, error) {
	if s.Request.Patient == "" {
		return Filed{}, fault.New(fault.Refused, "Find out which patient this is first.")
	}
	next, err := c.decide(s)
	next.Request = s.Request.ID
	return next, err
}

func (c File) decide(s State) (Filed, error) {
	switch {
	case s.Request.Open():
		return Filed{}, fault.New(fault.Refused, "Close this request before you file its messages.")
	case c.Heading.Label() == "":
		return Filed{}, fault.At(fault.Invalid, "heading", "Choose where it belongs.")
	case !c.Problem.IsZero() && (s.Problem == nil || s.Problem.Patient != s.Request.Patient):
		return Filed{}, fault.At(fault.Invalid, "problem", "This is not a problem of this patient.")
	}
	next := Filed{Patient: s.Request.Patient, Heading: c.Heading, Problem: c.Problem, Messages: s.Messages}
	if !c.Problem.IsZero() {
		next.Name = s.Problem.Name
	}
	if w := s.Was; w.In(next.Patient) && w.Heading == next.Heading && w.Problem == next.Problem && slices.Equal(w.Messages, next.Messages) {
		return Filed{}, fault.New(fault.Refused, "It is filed there already.")
	}
	return next, nil
}

func (File) why(next Filed) string { return "messages filed under " + next.Words() }

func (c TakeOut) decide(s State) (Filed, error) {
	switch n := utf8.RuneCountInString(request.CleanText(c.Reason)); {
	case n == 0:
		return Filed{}, fault.At(fault.Invalid, "reason", "Say why it is taken out.")
	case n > longest:
		return Filed{}, fault.At(fault.Invalid, "reason", "Use %d characters or fewer.", longest)
	case s.Was.Version == "" || s.Was.Out:
		return Filed{}, fault.New(fault.Refused, "It is not filed.")
	}
	next := s.Was
	next.Out = true
	return next, nil
}

func (c TakeOut) why(Filed) string {
	return "messages taken out of the file: " + request.CleanText(c.Reason)
}

// still tells whether a thread is still to be filed: it is closed, of a known
// patient, and is not filed in that patient's record or has changed since.
func still(r request.View, was Filed) bool {
	return !r.Open() && r.Patient != "" && (!was.In(r.Patient) || r.Changed.After(was.At))
}
