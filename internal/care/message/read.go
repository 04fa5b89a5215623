package message

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// longest is how long a message may be, in characters.
const longest = 5000

func tidy(s string) string { return request.CleanText(s) }

func check(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return fault.At(fault.Invalid, "text", "Write a message.")
	case n > longest:
		return fault.At(fault.Invalid, "text", "This is %d characters too long. It can have up to %d.", n-longest, longest)
	}
	return nil
}

// messageOf reads a Communication; ok is false for what is not a message of a
// thread (a notice by e-mail, a telephone call, or something from another
// program).
func messageOf(v record.Version, c *fhir.Resource) (Message, bool) {
	kind := ""
	for cat := range c.Get("category").Items() {
		for x := range cat.Get("coding").Items() {
			if x.Get("system").Is(care.MessageKind) {
				kind = x.Get("code").Str()
			}
		}
	}
	m := Message{
		ID: v.Ref.ID, Kind: kind, FromUs: kind != "reply",
		From: c.Get("sender", "reference").Str(), To: c.Get("recipient", "reference").Str(),
		Sent: write.When(c.Get("sent")), Read: write.When(c.Get("received")),
	}
	if m.Sent.IsZero() {
		m.Sent = v.Time
	}
	if p := write.Target(c.Get("subject")); p.Type == "Patient" {
		m.Patient = p.String()
	}
	for b := range c.Get("basedOn").Items() {
		if t := write.Target(b); t.Type == "Task" {
			m.Request = t.ID
		}
	}
	m.Via = c.Get("note", "text").Str()
	var text []string
	for p := range c.Get("payload").Items() {
		if t := p.Get("contentString").Str(); t != "" {
			text = append(text, t)
		}
		if r := write.Target(p.Get("contentReference")); r.Type == "QuestionnaireResponse" {
			m.Response = r.String()
		}
	}
	m.Form, m.files = request.Asks(c)
	m.Answers = write.Target(c.Get("inResponseTo").At(0)).ID
	m.Template = c.Get("reasonCode", "coding", "code").Str()
	m.Text = strings.Join(text, "\n\n")
	return m, kind != "" && kind != "notice" && kind != care.KindCall && !c.Get("status").Is("entered-in-error")
}

// sent finds the message in the receipt of the change that sent it.
func sent(ctx context.Context, p *record.Practice, done record.Receipt) (Message, error) {
	for _, w := range done.Versions {
		if w.Ref.Type != "Communication" {
			continue
		}
		v, err := p.VRead(ctx, w.Ref, w.ID)
		if err != nil {
			return Message{}, err
		}
		c, err := v.Resource()
		if err != nil {
			return Message{}, err
		}
		if m, ok := messageOf(v, c); ok {
			return m, nil
		}
	}
	return Message{}, fault.New(fault.Conflict, "This form has been used for something else. Start again.")
}

// Thread lists the messages of a request, oldest first.
func (s *Service) Thread(ctx context.Context, practice ident.ODS, requestID string) ([]Message, error) {
	if !ident.IsID(requestID) {
		return nil, fault.New(fault.NotFound, "There is no such request.")
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	out, err := list(ctx, p, "Communication?based-on=Task/"+requestID)
	slices.SortStableFunc(out, func(a, b Message) int { return a.Sent.Compare(b.Sent) })
	return out, err
}

// Inbox lists a patient's messages in all threads, newest first.
func (s *Service) Inbox(ctx context.Context, practice ident.ODS, patient string) ([]Message, error) {
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return nil, fault.At(fault.Invalid, "patient", "This is not a patient.")
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	out, err := list(ctx, p, "Communication?subject="+ref.String())
	slices.SortStableFunc(out, func(a, b Message) int { return b.Sent.Compare(a.Sent) })
	return out, err
}

func list(ctx context.Context, p *record.Practice, query string) ([]Message, error) {
	var out []Message
	err := search.Each(ctx, p, query, func(v record.Version, c *fhir.Resource) (err error) {
		m, ok := messageOf(v, c)
		if !ok {
			return nil
		}
		if m.Kind == "reply" || m.files {
			m.Photos, err = request.PhotosOf(ctx, p, v.Ref)
		}
		out = append(out, m)
		return err
	})
	return out, err
}

// One gives one message.
func (s *Service) One(ctx context.Context, practice ident.ODS, id string) (Message, error) {
	if !ident.IsID(id) {
		return Message{}, errUnknown
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Message{}, err
	}
	v, err := p.Read(ctx, ident.Ref{Type: "Communication", ID: id})
	if err != nil {
		return Message{}, err
	}
	c, err := v.Resource()
	if err != nil {
		return Message{}, err
	}
	m, ok := messageOf(v, c)
	if !ok {
		return Message{}, errUnknown
	}
	if m.Kind == "reply" || m.files {
		m.Photos, err = request.PhotosOf(ctx, p, v.Ref)
	}
	return m, err
}

var errUnknown = fault.New(fault.NotFound, "There is no such message.")
