// Package batch sends one message to many patients.
//
// What comes in: a title, words that anybody may read, and a list of patients.
// What goes out: one message to each, once, by the way that reaches them; or
// the reason why not. It must never send before a second person's or a second
// click's approval, never to anybody twice, and never on after it was stopped.
package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// State is how far a batch is.
type State string

// The states.
const (
	Draft    State = "draft"    // can be changed; nothing is sent
	Approved State = "approved" // is being sent, from its time on
	Stopped  State = "stopped"  // what has not been sent is not sent
	Done     State = "done"
)

// Batch is one message to many.
type Batch struct {
	ID, Version string
	Title       string   // for staff
	Text        string   // with {given} for the first name
	People      []string // "Patient/…", each once
	State       State
	By          string // who made it
	Approver    string
	At          time.Time // when it is to go; zero for at once
	Made        time.Time
}

// Result is how a batch stands.
type Result struct {
	All, Sent, Left, Refused int
	Why                      map[string]int // reasons of those refused
	Missed                   []Missed       // those refused who may have to be told another way, each with the reason
}

// Missed is somebody who was not sent the message.
type Missed struct {
	Patient string // "Patient/…"
	Why     string
}

const (
	longest = 600   // characters: three or four text messages
	mostTo  = 20000 // people
)

// Check says what is wrong with a batch.
func (b Batch) Check() error {
	var f care.Faults
	if b.Title == "" || utf8.RuneCountInString(b.Title) > 100 {
		f.Add("title", "Give it a name of up to 100 letters.")
	}
	switch n := utf8.RuneCountInString(b.Text); {
	case n == 0:
		f.Add("text", "Write the message.")
	case n > longest:
		f.Add("text", "This is %d characters too long. It can have up to %d.", n-longest, longest)
	}
	if rest := strings.ReplaceAll(b.Text, "{given}", ""); strings.ContainsAny(rest, "{}") {
		f.Add("text", "The only place that is filled in is {given}, the first name.")
	}
	if len(b.People) == 0 {
		f.Add("people", "Choose who it is for.")
	} else if len(b.People) > mostTo {
		f.Add("people", "This is more than %d people.", mostTo)
	}
	return f.Err()
}

// Words are what one person is sent.
func (b Batch) Words(p delivery.Person) string {
	given := p.Given
	if given == "" {
		given = "patient"
	}
	return strings.ReplaceAll(b.Text, "{given}", given)
}

// Refuse is pure: why a person is not sent a message to many now; nil to send.
func Refuse(p delivery.Person, can func(delivery.Medium) bool) error {
	if p.Contact.NoBulk {
		return fault.New(fault.Refused, "They do not want messages that are sent to many.")
	}
	_, err := delivery.Choose(p, can, nil)
	return err
}

// messageID is the one Communication that a person can get of a batch.
func (b Batch) messageID(patient string) string {
	h := sha256.Sum256([]byte(b.ID + "\n" + patient))
	return "batch-" + hex.EncodeToString(h[:16])
}

// Preview is what would happen if it were sent now.
type Preview struct {
	Sends     int
	Fragments int // of text messages, of those that go by text
	By        map[delivery.Medium]int
	Excluded  map[string]int // reason to number of people
	Examples  []Example
}

// Example is a message as one person would get it.
type Example struct {
	Name string
	By   delivery.Medium
	Text string
}

// Look is pure: the preview of a batch for these people.
func (b Batch) Look(people []delivery.Person, can func(delivery.Medium) bool) Preview {
	out := Preview{By: map[delivery.Medium]int{}, Excluded: map[string]int{}}
	for _, p := range people {
		if err := Refuse(p, can); err != nil {
			out.Excluded[fault.From(err).Message]++
			continue
		}
		r, _ := delivery.Choose(p, can, nil) // Refuse has asked
		text := b.Words(p)
		out.Sends++
		out.By[r.Medium]++
		if r.Medium == delivery.SMS {
			out.Fragments += message.Fragments(text)
		}
		if len(out.Examples) < 3 {
			out.Examples = append(out.Examples, Example{p.Name, r.Medium, text})
		}
	}
	return out
}

func unknown() error { return fault.New(fault.NotFound, "There is no such batch.") }

func refOf(id string) ident.Ref { return ident.Ref{Type: "Group", ID: id} }
