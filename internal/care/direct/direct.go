// Package direct says where patients may write to the practice on the thread
// of a request, and where that is switched off: for the whole practice, for one
// patient, or on one request.
//
// What comes in: that staff switch it off or on, and why. What goes out: what
// holds on a request, which the doors ask before they show a box to write in.
// It must never keep anybody from asking for help: a new request stays
// possible, an answer that the practice waits for is always taken, and what is
// written all the same is made a request and never dropped (H-043).
package direct

import (
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/words"
)

// Setting is what holds for all patients of a practice.
type Setting struct {
	Off     bool
	Why     string // "why": in words for patients
	WhyCy   string // "why-cy": the same in Welsh; "" for none
	Version string // of what was read; "" for never set
}

// Mark is that one patient's messages are switched off, or were.
type Mark struct {
	Patient string // "Patient/…"
	Off     bool
	Why     string    // "why": for staff; the patient is not told it
	Look    time.Time // "look": the day on which staff look whether it is still right
	By      string    // who decided it last: "Practitioner/…"
	Since   time.Time // when
	Version string    // "" for never set
}

// Where is how far it is switched off.
type Where string

// The places, "" where patients may write.
const (
	Here    Where = "request"
	All     Where = "practice"
	Patient Where = "patient"
)

// State is what holds on one request.
type State struct {
	Where Where  // "" where the patient may write
	Why   string // in words for the patient; "" where they are not told
	WhyCy string
	Asked bool // it is switched off, and the practice waits for this answer
}

// Off tells whether the patient may not write.
func (s State) Off() bool { return s.Where != "" && !s.Asked }

// Says is what the patient is told, in one of our own sentences.
func (s State) Says() string {
	switch s.Where {
	case Here:
		return "You cannot send more messages about this request."
	case All:
		return "You cannot send us messages here at the moment."
	case Patient:
		return "Messages are switched off for you at the moment. Phone us if you want to know why."
	}
	return ""
}

// Because is the reason in a language as the patient reads it, and the language
// that it is in when it is another; "" where they are not told.
func (s State) Because(l words.Lang) (text, in string) {
	switch {
	case l == words.Welsh && s.WhyCy != "":
		return s.WhyCy, ""
	case l != words.English && s.Why != "":
		return s.Why, string(words.English)
	}
	return s.Why, ""
}

// decide is pure: what holds on a request.
func decide(s Setting, m Mark, r request.View) State {
	out := State{Asked: r.State == request.WithPatient}
	switch {
	case r.Muted:
		out.Where, out.Why = Here, r.MutedWhy
	case s.Off:
		out.Where, out.Why, out.WhyCy = All, s.Why, s.WhyCy
	case m.Off:
		out.Where = Patient
	}
	return out
}

const (
	longest  = 300                  // characters of a reason
	furthest = 366 * 24 * time.Hour // until it is looked at again
)

// Check says what is wrong with a setting, by field.
func (s Setting) Check() error {
	var f care.Faults
	if s.Off && s.Why == "" {
		f.Add("why", "Say why, in words for patients.")
	}
	for field, text := range map[string]string{"why": s.Why, "why-cy": s.WhyCy} {
		if utf8.RuneCountInString(text) > longest {
			f.Add(field, "Use %d characters or fewer.", longest)
		}
	}
	return f.Err()
}

// check says what is wrong with a mark that switches off.
func (m Mark) check(now time.Time) error {
	var f care.Faults
	switch n := utf8.RuneCountInString(m.Why); {
	case n == 0:
		f.Add("why", "Say why.")
	case n > longest:
		f.Add("why", "Use %d characters or fewer.", longest)
	}
	if m.Off && (!m.Look.After(now) || m.Look.Sub(now) > furthest) {
		f.Add("look", "Choose a day to look again, from tomorrow to a year ahead.")
	}
	return f.Err()
}
