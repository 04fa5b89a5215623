// Package notify sends e-mails, text messages, letters and app notifications.
//
// What comes in: Communications in the record whose status is preparation and
// whose medium is one of those, e-mails that were never in the record (sign-in
// links), and what a transport reports later. What goes out: the message,
// once, and then its receipt into the record. It must never send what was not recorded first, never send again
// what is recorded as sent, never put a patient's words or address into a log,
// and never drop a message in silence: what cannot be sent is recorded as such.
package notify

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"heartwood/internal/fault"
)

// Medium is how a message travels.
type Medium string

// The media.
const (
	Email  Medium = "email"
	SMS    Medium = "sms"
	Letter Medium = "letter"
	App    Medium = "app" // a notification of the NHS App
)

// Message is one message to one person.
type Message struct {
	// Key is the same each time the same message is tried, so that a transport
	// can tell that it has it already.
	Key     string
	Medium  Medium
	To      string // an e-mail address, a phone number, or a postal address on lines
	Subject string // e-mail and letter only
	Text    string
	PDF     []byte // of a letter: ready to print
	Again   bool   // an earlier try may have handed it over already
	NHS     string // the NHS number, for transports that find the person by it
	// Lease, when not nil, is written into the Communication together with
	// the lease: where it goes, so that a later report can be understood.
	Lease map[string]any
}

// Sender sends messages by one medium or more.
type Sender interface {
	// Send hands a message over and returns the receipt of whoever took it. A
	// fault of kind Refused or Invalid means that trying again is of no use;
	// any other error means that it may be.
	Send(ctx context.Context, m Message) (receipt string, err error)
}

// Senders sends each message by its medium's sender.
type Senders map[Medium]Sender

// Send picks the sender.
func (s Senders) Send(ctx context.Context, m Message) (string, error) {
	one, ok := s[m.Medium]
	if !ok {
		return "", fault.New(fault.Refused, "This practice does not send messages of this kind.")
	}
	return one.Send(ctx, m)
}

// check refuses what no transport should be given.
func check(m Message) error {
	switch {
	case m.Key == "" || strings.ContainsFunc(m.Key, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.' && r != '_'
	}):
		return fault.Wrap(errors.New("notify: bad key"), fault.Internal, "The message could not be sent.")
	case m.To == "" || m.Medium != Letter && strings.ContainsAny(m.To, "\r\n"):
		return fault.New(fault.Refused, "There is no address to send to.")
	case strings.ContainsAny(m.Subject, "\r\n"):
		return fault.New(fault.Refused, "The subject has more than one line.")
	case strings.TrimSpace(m.Text) == "":
		return fault.New(fault.Refused, "The message is empty.")
	}
	return nil
}

// permanent tells whether trying again is of no use.
func permanent(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Refused || k == fault.Invalid || k == fault.Unsupported
}
