// Package filing puts the messages of an answered request where they belong in
// a patient's record.
//
// What comes in: that staff file a thread under a heading, with or without a
// problem of the patient's, or take it out again, and why. What goes out: a
// FHIR List that names the request and its messages, in the journal that staff read, and the
// threads that are still to be filed. It copies nothing: the messages stay what
// and where they are, for staff and for the patient. It must never take a
// request out of the queue (only what is closed can be filed), never file under
// another patient's problem, and never keep a thread out of the list once more
// was written on it.
package filing

import (
	"time"

	"heartwood/internal/ident"
)

// Heading is a part of a record.
type Heading string

// Headings are the parts, in the order of a page.
var Headings = []Heading{"clinical", "medicines", "results", "referrals", "certificates", "safeguarding", "admin"}

// Label is the heading in words; "" for none of ours.
func (h Heading) Label() string {
	return map[Heading]string{
		"clinical": "Clinical advice", "medicines": "Medicines", "results": "Tests and results", "referrals": "Referrals and letters",
		"certificates": "Fit notes and certificates", "safeguarding": "Safeguarding", "admin": "Administration",
	}[h]
}

// Filed is where a thread is, or was, in the record.
type Filed struct {
	Request  string // Task id
	Patient  string // "Patient/…" in whose record it is
	Heading  Heading
	Problem  ident.Ref // a Condition; zero for none
	Name     string    // the problem in words
	Messages []string  // ids of the messages that were filed
	Out      bool      // it was taken out again
	By       string    // who filed it or took it out: "Practitioner/…"
	At       time.Time
	Version  string // of the List; "" for never filed
}

// In tells whether the thread is filed in this patient's record.
func (f Filed) In(patient string) bool { return f.Version != "" && !f.Out && f.Patient == patient }

// Words say where it is: "Medicines, with the problem Asthma".
func (f Filed) Words() string {
	if f.Name == "" {
		return f.Heading.Label()
	}
	return f.Heading.Label() + ", with the problem " + f.Name
}

// Command is a decision about the file: File or TakeOut.
type Command interface {
	decide(s State) (Filed, error)
	// why is the reason that the log keeps.
	why(next Filed) string
}

// File puts a thread into the record.
type File struct {
	Heading Heading   // "heading"
	Problem ident.Ref // "problem": a Condition of the patient's, zero for none
}

// TakeOut takes it out again, with why.
type TakeOut struct{ Reason string } // "reason"
