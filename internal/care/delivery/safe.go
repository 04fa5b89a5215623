package delivery

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Safe is what must not happen when we write to somebody or phone them,
// because others would see or hear it.
type Safe struct {
	NoVoicemail bool   // phone, but leave no message with anything or anybody
	NoTexts     bool   // others use the telephone
	NoEmails    bool   // others read the e-mails
	NoPost      bool   // others open the letters
	NoApp       bool   // others see the telephone's screen
	Only        string // the one telephone number that may be used, "" for any
	Ask         bool   // something was said that only a person can heed
	Note        string // for staff: what else to know, or why
}

// Any tells whether anything is to be heeded.
func (s Safe) Any() bool { return s != Safe{Note: s.Note} }

// Or is what must not happen by either.
func (s Safe) Or(o Safe) Safe {
	s.NoVoicemail, s.NoTexts, s.NoEmails = s.NoVoicemail || o.NoVoicemail, s.NoTexts || o.NoTexts, s.NoEmails || o.NoEmails
	s.NoPost, s.NoApp, s.Ask = s.NoPost || o.NoPost, s.NoApp || o.NoApp, s.Ask || o.Ask
	if s.Only == "" {
		s.Only = o.Only
	}
	return s
}

// Words are what must be heeded, a line each, as staff read it.
func (s Safe) Words() []string {
	var out []string
	for _, x := range []struct {
		is bool
		s  string
	}{
		{s.Only != "", "Safe contact: use only " + s.Only},
		{s.NoVoicemail, "Safe contact: leave no voicemail or message with anybody"},
		{s.NoTexts, "Safe contact: no text messages"},
		{s.NoEmails, "Safe contact: no emails"},
		{s.NoPost, "Safe contact: no letters to their home"},
		{s.NoApp, "Safe contact: no app notifications"},
		{s.Ask, "Safe contact: read what they said before you write or phone"},
		{s.Note != "", s.Note},
	} {
		if x.is {
			out = append(out, x.s)
		}
	}
	return out
}

// lets tells whether a target may be used.
func (s Safe) lets(t Target) bool {
	switch t.Medium {
	case SMS:
		return !s.NoTexts && (s.Only == "" || SameAddress(s.Only, t.Address))
	case Email:
		return !s.NoEmails
	case Letter:
		return !s.NoPost
	}
	return !s.NoApp
}

// errUnsafe is the cause of a refusal that rests on safe contact.
var errUnsafe = errors.New("delivery: no safe way")

func unsafe(what string) error { return fault.Wrap(errUnsafe, fault.Refused, "%s", what) }

// IsUnsafe tells whether a refusal rests on what was said of safe contact: a
// person must then find a way.
func IsUnsafe(err error) bool { return errors.Is(err, errUnsafe) }

// Said is what a patient told us of safe contact with a request, since staff
// last settled it.
type Said struct {
	Words string
	When  time.Time
	Safe  Safe
}

// heard reads what was written into a form. Words that are not the form's own
// are for a person to read: until then nothing is sent by itself.
func heard(words string) Safe {
	var s Safe
	rest := words
	for phrase, set := range map[string]func(){
		request.SafeNoVoicemail: func() { s.NoVoicemail = true },
		request.SafeNoTexts:     func() { s.NoTexts = true },
		request.SafeNoEmails:    func() { s.NoEmails = true },
		request.SafeNoPost:      func() { s.NoPost = true },
	} {
		if strings.Contains(rest, phrase) {
			set()
			rest = strings.ReplaceAll(rest, phrase, "")
		}
	}
	s.Ask = strings.Trim(rest, ". \n\t") != ""
	return s
}

// saidSince reads what a patient has told us with requests after a time.
func saidSince(ctx context.Context, p *record.Practice, patient ident.Ref, since time.Time) ([]Said, error) {
	var out []Said
	query := "QuestionnaireResponse?subject=" + patient.String() + "&" + fhir.SafeContact + "=true"
	if !since.IsZero() {
		query += "&authored=ge" + since.UTC().Format(time.RFC3339)
	}
	err := search.Each(ctx, p, query, func(v record.Version, q *fhir.Resource) error {
		at := write.When(q.Get("authored"))
		if at.Before(since) { // of the same second: shown once more
			return nil
		}
		for it := range form.Answered(q) {
			if it.Get("linkId").Is(fhir.SafeContact) {
				words := form.Said(it)
				out = append(out, Said{words, at, heard(words)})
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Said) int { return b.When.Compare(a.When) })
	return out, err
}

// Heed is everything that must be heeded: what staff settled, and what was
// said since.
func (c Contact) Heed() Safe {
	s := c.Safe
	for _, x := range c.Said {
		s = s.Or(x.Safe)
	}
	return s
}

// SafeWords are what must be heeded, a line each.
func (c Contact) SafeWords() []string {
	out := c.Heed().Words()
	for _, x := range c.Said {
		if x.Safe.Ask {
			out = append(out, "They wrote: “"+x.Words+"”")
		}
	}
	return out
}

// flags are the members of Safe that are yes or no, by how they are kept.
func (s *Safe) flags() map[string]*bool {
	return map[string]*bool{
		"no-voicemail": &s.NoVoicemail, "no-texts": &s.NoTexts, "no-emails": &s.NoEmails, "no-post": &s.NoPost, "no-app": &s.NoApp,
	}
}

func (s Safe) parts() write.List {
	var out write.List
	for _, name := range []string{"no-voicemail", "no-texts", "no-emails", "no-post", "no-app"} {
		if *s.flags()[name] {
			out = append(out, write.Obj{"url": name, "valueBoolean": true})
		}
	}
	if s.Only != "" {
		out = append(out, write.Obj{"url": "only", "valueString": s.Only})
	}
	if s.Note != "" {
		out = append(out, write.Obj{"url": "note", "valueString": s.Note})
	}
	return out
}

func (s *Safe) read(e fhir.Node) {
	for x := range e.Get("extension").Items() {
		name := x.Get("url").Str()
		switch flag := s.flags()[name]; {
		case flag != nil:
			*flag = x.Get("valueBoolean").True()
		case name == "only":
			s.Only = x.Get("valueString").Str()
		case name == "note":
			s.Note = x.Get("valueString").Str()
		}
	}
}
