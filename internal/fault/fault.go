// Package fault is the one error type that crosses every boundary.
//
// What comes in: a kind, one plain sentence that is safe to show to the person
// who asked, and (optionally) the FHIR element at fault and the cause.
// What goes out: HTTP statuses, FHIR OperationOutcomes and pages, all chosen
// from the kind by one table. The cause goes to the log and nowhere else.
// It must never carry patient data: neither in the sentence nor in the cause.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says what sort of failure an error is, and so how each door answers it.
type Kind uint8

// The kinds. Anything that is not a fault is Internal.
const (
	Internal        Kind = iota // ours: a reference is shown, the cause is logged
	Invalid                     // the input is wrong; it changed nothing
	Unauthenticated             // we do not know who is asking
	Forbidden                   // we know, and they may not
	NotFound                    // there is no such thing, or none they may know of
	Gone                        // it was there and has been deleted
	Conflict                    // somebody else changed it first; look again
	Precondition                // the version that was named is not the current one
	Refused                     // a rule of the practice or of the record says no
	TooLarge                    // more than is accepted in one go
	TooMany                     // too often; wait
	Unsupported                 // not offered by this server
	Busy                        // try again shortly; nothing was changed
)

type row struct {
	name   string
	status int
	issue  string // FHIR issue-type code, http://hl7.org/fhir/R4/valueset-issue-type.html
}

var table = [...]row{
	Internal:        {"internal", http.StatusInternalServerError, "exception"},
	Invalid:         {"invalid", http.StatusBadRequest, "invalid"},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized, "login"},
	Forbidden:       {"forbidden", http.StatusForbidden, "forbidden"},
	NotFound:        {"not found", http.StatusNotFound, "not-found"},
	Gone:            {"gone", http.StatusGone, "deleted"},
	Conflict:        {"conflict", http.StatusConflict, "conflict"},
	Precondition:    {"precondition failed", http.StatusPreconditionFailed, "conflict"},
	Refused:         {"refused", http.StatusUnprocessableEntity, "business-rule"},
	TooLarge:        {"too large", http.StatusRequestEntityTooLarge, "too-long"},
	TooMany:         {"too many", http.StatusTooManyRequests, "throttled"},
	Unsupported:     {"unsupported", http.StatusNotImplemented, "not-supported"},
	Busy:            {"busy", http.StatusServiceUnavailable, "transient"},
}

// String is the kind's name, for logs.
func (k Kind) String() string { return table[k].name }

// Status is the HTTP status that answers this kind.
func (k Kind) Status() int { return table[k].status }

// Issue is the FHIR issue-type code that answers this kind.
func (k Kind) Issue() string { return table[k].issue }

// Error is a failure that a person may be told about.
type Error struct {
	Kind    Kind
	Message string // one plain sentence, safe to show
	Where   string // the FHIR element, form field or file and line at fault; "" when none
	Code    string // a FHIR issue-type code when it is narrower than the kind's
	Status  int    // an HTTP status when it is narrower than the kind's
	Cause   error  // for the log only
}

// Error is for logs: kind, place, sentence and cause.
func (e *Error) Error() string {
	s := e.Kind.String() + ": "
	if e.Where != "" {
		s += e.Where + ": "
	}
	s += e.Message
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// New makes a fault with a sentence in the manner of fmt.Sprintf.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// At makes a fault about one element or field.
func At(k Kind, where, format string, args ...any) *Error {
	return &Error{Kind: k, Where: where, Message: fmt.Sprintf(format, args...)}
}

// Wrap keeps cause for the log under a sentence for the person.
func Wrap(cause error, k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// KindOf is the kind of err: Internal when it is not a fault.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is tells whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// From gives err as a fault; what is not one becomes Internal with a sentence
// that says nothing of the cause.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "Something went wrong on our side. Nothing was changed.", Cause: err}
}
