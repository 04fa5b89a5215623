// Package delivery decides how a message reaches a patient, and what follows
// when it does not.
//
// What comes in: who the patient is, what they need and prefer, which of their
// addresses have failed, and what transports report. What goes out: one route
// for each message, the next when that one fails, and a job for staff when
// none is left. It must never send one message two ways at once, never use an
// address that has failed until somebody has confirmed it, never use a way of
// telling that the patient cannot read or has said is not safe, and never let a message end unread
// and unreachable in silence.
package delivery

import (
	"time"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

// Medium is a way of reaching somebody, as channel/notify names it.
type Medium string

// The media, in the order in which they are tried unless the patient prefers
// another: the cheapest and the most private first.
const (
	App    Medium = "app"
	SMS    Medium = "sms"
	Email  Medium = "email"
	Letter Medium = "letter"
)

// Media lists them in that order.
var Media = []Medium{App, SMS, Email, Letter}

// Label is the medium as a page says it.
func (m Medium) Label() string {
	return map[Medium]string{App: "NHS App notification", SMS: "Text message", Email: "Email", Letter: "Letter"}[m]
}

// code is the medium in FHIR.
func (m Medium) code() (code, display string) {
	switch m {
	case SMS:
		return "SMSWRIT", "text message"
	case Email:
		return "EMAILWRIT", "email"
	case Letter:
		return "MAILWRIT", "letter"
	}
	return "APP", "app notification"
}

// Needs are what a patient needs to be able to read what we send: the
// Accessible Information Standard (DAPB1605).
type Needs struct {
	LargePrint bool // letters in large print
	EasyRead   bool
	BSL        bool       // uses British Sign Language
	NoPhone    bool       // cannot be phoned
	NoWriting  bool       // cannot read text at all: braille, audio or a person is needed
	LetterOnly bool       // asks for paper: no text messages or e-mails
	Language   words.Lang // of what we send: Welsh or English
	Spoken     string     // the language they need an interpreter for; "" for none
	Other      string     // in words
}

// Words are the needs as a page says them.
func (n Needs) Words() []string {
	var out []string
	for _, x := range []struct {
		is bool
		s  string
	}{
		{n.LargePrint, "Large print"},
		{n.EasyRead, "Easy read"},
		{n.BSL, "British Sign Language: do not phone without an interpreter"},
		{n.NoPhone, "Do not phone"},
		{n.NoWriting, "Cannot read text: needs braille, audio or a person"},
		{n.LetterOnly, "Wants paper letters, no texts or emails"},
		{n.Language == words.Welsh, "Welsh"},
		{n.Spoken != "", "Interpreter: " + n.Spoken},
		{n.Other != "", n.Other},
	} {
		if x.is {
			out = append(out, x.s)
		}
	}
	return out
}

// Mark says that nothing arrives at an address.
type Mark struct {
	Medium  Medium
	Address string
	Why     string // the transport's word, or "bounced"
	Since   time.Time
}

// Contact is what a practice has been told about reaching one patient. It is
// kept apart from the Patient, whose addresses come from elsewhere.
type Contact struct {
	Patient string // "Patient/…"
	Needs   Needs
	Prefers []Medium  // tried first, in this order
	NoBulk  bool      // does not want messages sent to many
	Safe    Safe      // as staff settled it
	Settled time.Time // when staff last looked at safe contact; zero for never
	Said    []Said    // what the patient said of it since, the newest first
	Stale   []Mark
	Version string // of what was read; "" when there is nothing yet
}

// Person is a patient as far as reaching them goes.
type Person struct {
	Ref        string // "Patient/…"
	Name       string
	Given      string
	Born       string // 2006-01-02
	NHS        string
	Left       bool // no longer registered here
	Dead       bool
	Phones     []string // mobile numbers, the best first
	Emails     []string
	Home       []string // postal address, a line each, the name not among them
	Contact    Contact
	HasAccount bool
}

// Target is one address of a medium.
type Target struct {
	Medium  Medium
	Address string
}

// Route is how one message goes.
type Route struct {
	Target
	Large    bool       // letter: large print
	EasyRead bool       // letter: short lines and simple words
	Language words.Lang // of our own words in it
}

// Report is what a transport says has become of a message.
type Report struct {
	Delivered, Failed bool // neither: still on its way
	Bad               bool // the address is no use
	Detail            string
	At                time.Time
}

// The systems of what is kept.
const (
	sentTo     = care.Base + "StructureDefinition/sent-to"
	writeTo    = care.Base + "StructureDefinition/write-to"
	arrived    = care.Base + "StructureDefinition/arrived"
	contactURL = care.Base + "StructureDefinition/contact-"
	settingSys = care.Base + "setting"
)
