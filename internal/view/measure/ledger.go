package measure

import (
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/view/worklist"
)

const (
	base        = "https://heartwood.example/fhir/"
	taskCode    = base + "task-code"
	stateSystem = base + "business-status"
)

// Ledger folds the versions of requests, oldest first, into facts. The zero
// Ledger is empty. It is pure: the same versions give the same facts.
type Ledger struct {
	facts map[ident.Ref]*fact
	hours func() opening.Hours // in force now; the core hours when nil
	order []*fact              // by In, kept by Book
	fresh func(*fact, *fhir.Resource)
}

// fact is a Fact as it is being gathered.
type fact struct {
	Fact
	placed   bool      // in the order of a Book
	closedOn time.Time // when a Book last heard that it was closed; zero while open
	lost     bool      // it ended in some other way than by an answer
}

// Entry adds an entry of the log; what is no request is passed over.
func (l *Ledger) Entry(e *record.Entry) error {
	if e.Type != "Task" {
		return nil
	}
	if e.Op == record.Delete {
		l.gone(e.Ref())
		return nil
	}
	res, err := fhir.ParseResource(e.Body)
	if err != nil {
		return err
	}
	l.put(e.Ref(), e.Time.Time(), e.Author, res)
	return nil
}

// version adds a version as the record gives it.
func (l *Ledger) version(v record.Version) error {
	if v.Deleted {
		l.gone(v.Ref)
		return nil
	}
	res, err := v.Resource()
	if err != nil {
		return err
	}
	l.put(v.Ref, v.Time, v.Author, res)
	return nil
}

func (l *Ledger) gone(ref ident.Ref) {
	if f := l.facts[ref]; f != nil {
		f.lost = true
	}
}

func (l *Ledger) put(ref ident.Ref, at time.Time, by record.Author, t *fhir.Resource) {
	f := l.facts[ref]
	at = happened(at, t)
	if f == nil {
		if read.Code(t.Get("code"), taskCode) != "request" {
			return
		}
		f = &fact{Fact: Fact{Task: ref, In: read.Time(t.Get("authoredOn").Str()), First: t.Get("priority").Str()}}
		if f.In.IsZero() {
			f.In = at
		}
		if l.facts == nil {
			l.facts = map[ident.Ref]*fact{}
		}
		l.facts[ref] = f
	} else if f.Looked.IsZero() && isStaff(by.Role) {
		f.Looked = at
	}
	if began := read.Time(t.Get("executionPeriod", "start").Str()); f.Looked.IsZero() && !began.IsZero() && !began.Before(f.In) {
		f.Looked = began
	}
	f.Reference = t.Get("groupIdentifier", "value").Str()
	f.Priority = t.Get("priority").Str()
	f.Asker = askers[read.Ref(t.Get("requester")).Type]
	f.Channel, f.Kind = input(t, "channel"), input(t, "kind")
	for _, due := range []time.Time{read.Time(t.Get("restriction", "period", "end").Str()), promised(t)} {
		if due.IsZero() {
			continue
		}
		due = due.Add(worklist.Grace(f.Priority))
		if f.Due.IsZero() || due.Before(f.Due) {
			f.Due = due // the earliest promise is the one that counts
		}
	}
	was, looked := f.Answered, f.Looked
	f.state(at, t)
	if was.IsZero() && !f.Answered.IsZero() {
		f.Waited = l.opening().Between(f.In, f.Answered)
	}
	if !looked.IsZero() && f.LookedIn == 0 {
		f.LookedIn = l.opening().Between(f.In, looked)
	}
	if l.fresh != nil {
		l.fresh(f, t)
	}
}

func (l *Ledger) opening() opening.Hours {
	if l.hours == nil {
		return opening.Core()
	}
	return l.hours()
}

// askers are who sent a request, by the type of its requester; a form without
// one came from somebody who had not signed in.
var askers = map[string]string{"Patient": "patient", "RelatedPerson": "proxy", "Practitioner": "staff", "PractitionerRole": "staff", "": "patient", "Device": "patient"}

// happened is when a version came about: a record that was brought in is
// younger than what it tells, and says when it was last changed.
func happened(at time.Time, t *fhir.Resource) time.Time {
	if m := read.Time(t.Get("lastModified").Str()); !m.IsZero() && m.Before(at) {
		return m
	}
	return at
}

func isStaff(role string) bool { return role != care.RoleSystem && care.IsStaff(role) }

// state follows whether the request is open, answered or lost.
func (f *fact) state(at time.Time, t *fhir.Resource) {
	status := t.Get("status").Str()
	if f.Answered.IsZero() && (status == "completed" || read.Code(t.Get("businessStatus"), stateSystem) == "with-patient") {
		f.Answered = at
	}
	f.lost = false
	switch status {
	case "completed":
		if f.Closed.IsZero() {
			f.Closed = at
		}
		var told string
		f.Outcome, f.OutcomeCode, told = outcome(t)
		f.SentAway = sentAway(told)
	case "cancelled", "rejected", "failed", "entered-in-error":
		f.lost = true
	default:
		if !f.Closed.IsZero() {
			f.Reopened++
			f.Closed, f.Outcome, f.OutcomeCode, f.SentAway = time.Time{}, "", "", false
		}
	}
}

// input is a coded input of the Task; "other" when it says nothing.
func input(t *fhir.Resource, name string) string {
	for in := range t.Get("input").Items() {
		if read.Code(in.Get("type"), "") == name {
			for _, m := range []string{"valueCode", "valueString"} {
				if s := in.Get(m).Str(); s != "" {
					return s
				}
			}
		}
	}
	return "other"
}

// promised is the latest time that the person was told; zero when none was.
func promised(t *fhir.Resource) time.Time {
	for in := range t.Get("input").Items() {
		if read.Code(in.Get("type"), "") == "promise-latest" {
			return read.Time(in.Get("valueDateTime").Str())
		}
	}
	return time.Time{}
}

// outcome is how it was closed: in words, its code, and what they were told.
func outcome(t *fhir.Resource) (text, code, told string) {
	for out := range t.Get("output").Items() {
		switch read.Code(out.Get("type"), "") {
		case "outcome":
			c := out.Get("valueCodeableConcept")
			if text, code = read.Concept(c), read.Code(c, ""); text == "" {
				text = out.Get("valueString").Str()
			}
		case "told":
			told = out.Get("valueString").Str()
		}
	}
	return text, code, told
}

// Facts are what is known of every request, oldest first.
func (l *Ledger) Facts() []Fact {
	out := make([]Fact, 0, len(l.facts))
	for _, f := range l.facts {
		out = append(out, f.Fact)
	}
	slices.SortFunc(out, func(a, b Fact) int {
		if c := a.In.Compare(b.In); c != 0 {
			return c
		}
		return strings.Compare(a.Task.ID, b.Task.ID)
	})
	return out
}

// Balance proves in = answered + open over what came in during [from, to).
func (l *Ledger) Balance(from, to time.Time) Balance {
	b := Balance{From: from, To: to}
	for _, f := range l.facts {
		if f.In.Before(from) || !f.In.Before(to) {
			continue
		}
		b.In++
		switch {
		case f.lost:
			b.Lost = append(b.Lost, f.Task)
		case f.Closed.IsZero():
			b.Open++
		default:
			b.Answered++
		}
	}
	slices.SortFunc(b.Lost, func(a, c ident.Ref) int { return strings.Compare(a.ID, c.ID) })
	return b
}
