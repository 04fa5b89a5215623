// Package inbound takes in what people write to a practice by e-mail and text
// message.
//
// What comes in: a letter that a door has taken apart. What goes out: a
// request, or a reply on the thread that it belongs to; an address that is
// marked because a message to it came back; and one answer that we have it. It
// must never drop anything in silence, never take a sender for a patient
// because an address says so, and never answer a machine.
package inbound

import (
	"strings"
	"time"

	"heartwood/internal/care/delivery"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
)

// Letter is one e-mail or text message.
type Letter struct {
	Channel  request.Channel // Email or SMS
	ID       string          // the same however often it is brought
	From     string          // an e-mail address or a phone number
	FromName string          // what the sender calls themselves; nobody has checked it
	Subject  string
	Text     string
	At       time.Time
	Auto     bool    // a machine wrote it: an out-of-office answer, a list
	Bounce   *Bounce // it says that a message of ours did not arrive
	Files    []upload.File
	Left     []string // what came with it and was not taken, a line each
}

// Bounce is the news that nothing arrived.
type Bounce struct {
	About   string // the Communication's id, "" when it does not say
	Address string // where it did not arrive
	Bad     bool   // and never will
	Why     string // the status: "5.1.1"
}

// Thread is a request that a letter may belong to.
type Thread struct {
	Task, Reference, Patient string
	Open                     bool
	Addresses                []string // of its patient
	Wrote                    bool     // we have written to the patient lately
}

// What became of a letter.
const (
	AsRequest = "request"
	AsReply   = "reply"
	AsBounce  = "bounce"
	SetAside  = "set aside"
)

// Taken is what became of a letter.
type Taken struct {
	As      string
	Request string // Task id
}

// deed is what to do with a letter.
type deed struct {
	as     string
	thread Thread
}

// decide is pure. A letter continues a thread only when it names its reference
// and comes from an address of that patient, or, of a text message, when there
// is exactly one open thread on which we have lately written to that number.
// Anything else is a new request, for a person to match.
func decide(l Letter, threads []Thread) deed {
	switch {
	case l.Bounce != nil:
		return deed{as: AsBounce}
	case l.Auto:
		return deed{as: SetAside}
	}
	var fits []Thread
	patients := map[string]bool{}
	for _, t := range threads {
		if t.Patient == "" || !t.from(l.From) {
			continue
		}
		patients[t.Patient] = true
		if named := t.Reference != "" && strings.Contains(strings.ToUpper(l.Subject+" "+l.Text), t.Reference); named {
			return deed{AsReply, t}
		}
		if t.Open && t.Wrote {
			fits = append(fits, t)
		}
	}
	if l.Channel == request.SMS && len(fits) == 1 && len(patients) == 1 {
		return deed{AsReply, fits[0]}
	}
	return deed{as: AsRequest}
}

func (t Thread) from(address string) bool {
	for _, a := range t.Addresses {
		if delivery.SameAddress(a, address) {
			return true
		}
	}
	return false
}

// References are the references that a text names.
func References(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) {
		if strings.HasPrefix(w, "HW-") && len(w) < 20 && len(out) < 5 {
			out = append(out, strings.Trim(w, "-"))
		}
	}
	return out
}
