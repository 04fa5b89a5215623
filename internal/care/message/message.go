// Package message carries words between a practice and a patient.
//
// What comes in: a template filled in by staff, or a patient's reply. What
// goes out: Communications, seen at once in the app, and a notice by e-mail
// that a message is waiting, which the outbox sends. It must never put
// anything clinical into a notice, and never send to anyone but the patient
// (or proxy) of the request it belongs to.
package message

import (
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/words"
)

// Send is a message to the patient of a request.
type Send struct {
	Request  string // Task id
	Seen     string // View.Version that the sender was looking at; "" for no check
	Patient  string // "Patient/…" that the sender believes it is for; checked
	Template string // "template": "" for free text
	Fields   map[string]string
	Language words.Lang    // of the template; "" is English
	Text     string        // "text": free text, or what was edited after filling in
	Await    bool          // the request then waits for the patient
	Files    []upload.File // "files": to go with it
	Form     string        // "form": one to fill in, "url|version"; the request then waits
}

// Begin is a message that begins a thread with a patient.
type Begin struct {
	Send
	About string // "about": what it is about, as the patient reads it
	Owner request.Owner
}

// Reply is the patient's answer.
type Reply struct {
	Request string
	Text    string // "text"
	Photos  []upload.File
	Via     string // how it came, when not through an account; "" for through one
}

// Message is one message of a thread.
type Message struct {
	ID       string // of the Communication
	Request  string // Task id
	Patient  string
	From, To string // references
	FromUs   bool   // from the practice
	Text     string
	Sent     time.Time
	Read     time.Time // zero until the patient has seen it
	Kind     string    // "message", "reply", "outcome"
	Photos   []request.Photo
	Via      string // how a reply came, when not through an account
	Template string // its id, "" for none
	Form     string // the form that it asks to be filled in, "url|version"
	Response string // of a reply: "QuestionnaireResponse/…", the form filled in
	Answers  string // of a reply: the id of the message whose form it fills in
	files    bool
}
