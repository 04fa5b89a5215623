// Package overflow hands a request to another practice of the network when
// the practice cannot answer it in time, and brings the outcome back.
//
// What comes in: what the two practices have agreed, a navigator's offer that
// the patient has agreed to, and what becomes of the request over there. What
// goes out: a request of its own at the other practice, with an owner and a
// clock there, and the outcome at home. The two records are never written
// together: what is owed is recorded first, and Relay carries it, as often as
// need be, each thing once. It must never lose a request: at home it stays
// open, on its clock, until the outcome is back, and it returns by itself,
// with an alarm, when it is refused or not taken in time. It must never send
// without the patient's consent, and never more than was agreed.
package overflow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// HandoverCode is the Task code of a handover in the record of who sends.
const HandoverCode = "handover"

// Terms are what one practice takes from another.
type Terms struct {
	Kinds      []string // none: nothing is taken
	Priorities []string
	PerDay     int  // requests
	From, To   int  // minutes of the day from which to which they are taken
	Summary    bool // problems, medicines and allergies go with the form
	Photos     bool // and photos and documents, where the patient agrees to that too
}

// Agreement is a practice's with one other: what it may send there, and what
// it takes from there. Each keeps its own side; both must hold.
type Agreement struct {
	Partner ident.ODS
	Name    string
	Gives   Terms // what may be sent to the partner
	Takes   Terms // what is taken from the partner
	Books   Slots // what may be booked at the partner
	Lets    Slots // what the partner may book here
	Version string
}

// Fits tells whether terms cover a request that is sent at t.
func (t Terms) Fits(kind, priority string, at time.Time) bool {
	at = at.In(words.London)
	minute := at.Hour()*60 + at.Minute()
	return slices.Contains(t.Kinds, kind) && slices.Contains(t.Priorities, priority) && minute >= t.From && minute < t.To
}

// Line prints terms as they are kept: "kind=medicine; urgency=routine; day=10;
// time=480-1080; share=summary".
func (t Terms) Line() string {
	s := "kind=" + strings.Join(t.Kinds, ",") + "; urgency=" + strings.Join(t.Priorities, ",") + "; day=" + strconv.Itoa(t.PerDay) +
		"; time=" + strconv.Itoa(t.From) + "-" + strconv.Itoa(t.To)
	var share []string
	if t.Summary {
		share = append(share, "summary")
	}
	if t.Photos {
		share = append(share, "photos")
	}
	if len(share) > 0 {
		s += "; share=" + strings.Join(share, ",")
	}
	return s
}

// ParseTerms reads terms.
func ParseTerms(line string) (t Terms, err error) {
	bad := fault.At(fault.Invalid, "terms", "What is agreed cannot be read.")
	if len(line) > 1000 {
		return t, bad
	}
	for part := range strings.SplitSeq(line, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return Terms{}, bad
		}
		switch name {
		case "kind":
			t.Kinds = codes(value)
		case "urgency":
			t.Priorities = codes(value)
		case "day":
			n, e := strconv.ParseUint(value, 10, 16)
			t.PerDay, ok = int(n), e == nil
		case "time":
			a, b, found := strings.Cut(value, "-")
			x, e := strconv.ParseUint(a, 10, 16)
			y, e2 := strconv.ParseUint(b, 10, 16)
			t.From, t.To, ok = int(x), int(y), found && e == nil && e2 == nil && x <= y && y <= 24*60
		case "share":
			ok = t.share(codes(value))
		default:
			ok = false
		}
		if !ok {
			return Terms{}, bad
		}
	}
	return t, nil
}

// share reads what goes with the form; false when a word is not known.
func (t *Terms) share(what []string) bool {
	for _, s := range what {
		switch s {
		case "summary":
			t.Summary = true
		case "photos":
			t.Photos = true
		default:
			return false
		}
	}
	return len(what) > 0
}

func codes(s string) (out []string) {
	for c := range strings.SplitSeq(s, ",") {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// Say is the terms in words.
func (t Terms) Say() string {
	if len(t.Kinds) == 0 || t.PerDay == 0 {
		return "nothing"
	}
	s := "up to " + strconv.Itoa(t.PerDay) + " a day, " + strings.Join(t.Priorities, " and ") + ", about " + strings.ReplaceAll(strings.Join(t.Kinds, ", "), "-", " ") +
		", from " + clock(t.From) + " to " + clock(t.To) + "; they see what the patient wrote"
	if t.Summary {
		s += " and problems, medicines and allergies"
	}
	if t.Photos {
		s += ", and photos and documents if the patient agrees"
	}
	return s
}

func clock(m int) string { return words.Clock(time.Date(2026, 1, 5, 0, m, 0, 0, words.London)) }

// takeWithin is how long the other practice has to begin, in opening time of
// the practice that sends; sooner where the clock is.
const takeWithin = time.Hour

// State is where a handover is.
type State string

// The states and the Task.status that hold them.
const (
	Owed     State = "requested" // recorded, not yet carried over
	Sent     State = "received"  // there, and nobody has begun
	Taken    State = "accepted"  // somebody there works on it
	Done     State = "completed" // the outcome is back
	Returned State = "failed"    // refused, not taken in time, or taken back
)

// Handover is one request that was handed over.
type Handover struct {
	ID, Version string
	Request     string // id of the Task at home
	Partner     ident.ODS
	Name        string
	State       State
	TakeBy      time.Time
	At          time.Time   // when it was offered
	Photos      []ident.Ref // the DocumentReferences that the patient agreed go along
}

const agreementURL = care.Base + "StructureDefinition/overflow-"
