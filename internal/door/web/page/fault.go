package page

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Func answers a request or says why it cannot; the error becomes a page.
type Func func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP calls f and shows its error, if any.
func (f Func) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := f(w, r); err != nil {
		Error(w, r, err)
	}
}

type faultPage struct {
	Heading, Sentence, Reference string
	Again                        bool   // trying again may help
	SignIn                       string // where to sign in, when that is what is missing
}

var faultTemplate = New[faultPage](own, "fault.html")

// headings say in a few words what each kind of fault means to a person.
var headings = map[fault.Kind]string{
	fault.Internal:        "Sorry, there is a problem",
	fault.Invalid:         "There is a problem with what you sent",
	fault.Unauthenticated: "You need to sign in",
	fault.Forbidden:       "You cannot see this page",
	fault.NotFound:        "Page not found",
	fault.Gone:            "This is not here any more",
	fault.Conflict:        "Someone else changed this first",
	fault.Precondition:    "Someone else changed this first",
	fault.Refused:         "This cannot be done",
	fault.TooLarge:        "This is too big",
	fault.TooMany:         "Please wait a moment",
	fault.Unsupported:     "This is not offered here",
	fault.Busy:            "Please try again",
}

// Error shows an error as a page: its one sentence, and for what is our own
// failure a reference that the log has too. Who only has to sign in is sent
// there.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is waiting for an answer
	}
	e := fault.From(err)
	p := faultPage{Heading: headings[e.Kind], Sentence: e.Message}
	switch e.Kind {
	case fault.Internal:
		p.Reference = ident.NewID()[:8]
		p.Again = true
		slog.ErrorContext(r.Context(), "page failed", "reference", p.Reference, "method", r.Method, "pattern", r.Pattern, "cause", err)
	case fault.Busy, fault.TooMany:
		p.Again = true
		w.Header().Set("Retry-After", "5")
	}
	f := Base(r)
	if e.Kind == fault.Unauthenticated && f.SignIn != "" && r.Method == http.MethodGet && r.Header.Get("Heartwood-Part") == "" {
		http.Redirect(w, r, f.SignIn, http.StatusSeeOther)
		return
	}
	if e.Kind == fault.Unauthenticated {
		p.SignIn = f.SignIn
	}
	f.Title, f.Alert, f.Form = p.Heading, nil, nil
	status := e.Status
	if status == 0 {
		status = e.Kind.Status()
	}
	if err := faultTemplate.Render(w, r, status, f, p); err != nil {
		http.Error(w, p.Sentence, status)
	}
}
