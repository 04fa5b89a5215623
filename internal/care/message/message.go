// Package message carries words between a practice and a patient.
//
// What comes in: a template filled in by staff, or a patient's reply. What
// goes out: Communications, seen at once in the app, and a notice by e-mail
// that a message is waiting, which the outbox sends. It must never put
// anything clinical into a notice, and never send to anyone but the patient
// (or proxy) of the request it belongs to.
package message

import (
	"context"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Template is a message that the practice sends often.
type Template struct {
	ID     string
	Title  string
	Body   string  // plain words with {field} places
	Fields []Field // to fill in, in order
	Awaits bool    // it asks the patient for something
}

// Field is one place in a template.
type Field struct {
	Name    string
	Label   string
	Default string
}

// Send is a message to the patient of a request.
type Send struct {
	Request  string // Task id
	Seen     string // View.Version that the sender was looking at; "" for no check
	Patient  string // "Patient/…" that the sender believes it is for; checked
	Template string // "template": "" for free text
	Fields   map[string]string
	Text     string // "text": free text, or what was edited after filling in
	Await    bool   // the request then waits for the patient
}

// Reply is the patient's answer.
type Reply struct {
	Request string
	Text    string // "text"
	Photos  []upload.File
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
}

// Service sends and lists messages.
type Service struct{ store *record.Store }

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store} }

// Send sends a message to the patient of a request, and lets the request wait
// for them when Await is set.
func (s *Service) Send(ctx context.Context, practice ident.ODS, by record.Author, m Send, key string) (Message, error) {
	panic("not yet")
}

// Reply records the patient's answer, screens it for red flags and brings the
// request back to the queue. The findings, if any, are advice to show now.
func (s *Service) Reply(ctx context.Context, practice ident.ODS, by record.Author, r Reply, key string) (request.Receipt, error) {
	panic("not yet")
}

// Thread lists the messages of a request, oldest first.
func (s *Service) Thread(ctx context.Context, practice ident.ODS, requestID string) ([]Message, error) {
	panic("not yet")
}

// Inbox lists a patient's messages in all threads, newest first.
func (s *Service) Inbox(ctx context.Context, practice ident.ODS, patient string) ([]Message, error) {
	panic("not yet")
}

// Seen records that the patient has read these messages. Those read before
// are left alone.
func (s *Service) Seen(ctx context.Context, practice ident.ODS, by record.Author, ids ...string) error {
	panic("not yet")
}
