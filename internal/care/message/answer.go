package message

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Answer is a form that came with a message, filled in.
type Answer struct {
	Message string // id of the message that asks
	Answers form.Answers
	Lang    string // in which it was shown
	Via     string // how it came, when not through an account
}

// Questions is the form that a message asks to be filled in, in the version
// that it was sent with; ok is false for a message that asks for none.
func (s *Service) Questions(ctx context.Context, practice ident.ODS, m Message) (f form.Form, ok bool, err error) {
	if m.Form == "" {
		return form.Form{}, false, nil
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return form.Form{}, false, err
	}
	return form.Find(ctx, p, m.Form)
}

// Answered tells whether a form that a thread asks for has been filled in
// since it was sent.
func Answered(thread []Message, m Message) bool {
	return slices.ContainsFunc(thread, func(r Message) bool { return r.Answers == m.ID })
}

// Answer keeps the answers, screens them, and brings the request back to the
// queue, all in one change. The same key again gives the same receipt.
func (s *Service) Answer(ctx context.Context, practice ident.ODS, by record.Author, a Answer, key string) (request.Receipt, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return request.Receipt{}, err
	}
	m, err := s.One(ctx, practice, a.Message)
	if err != nil {
		return request.Receipt{}, err
	}
	f, ok, err := s.Questions(ctx, practice, m)
	switch {
	case err != nil:
		return request.Receipt{}, err
	case !ok:
		return request.Receipt{}, fault.New(fault.NotFound, "This message asks nothing.")
	}
	given := a.Answers.Each(tidy)
	if err := complete(f, given, p.Now()); err != nil {
		return request.Receipt{}, err
	}
	found, err := request.ScreenAnswers(ctx, p, m.Patient, f, given)
	if err != nil {
		return request.Receipt{}, err
	}
	given = f.Kept(given)
	cmd := request.Returned{What: "the patient answered our questions", Findings: found}
	done, err := request.Decided(ctx, p, by, m.Request, "", cmd, keyed("answer", by, key), func(b *write.Builder, v request.View, now time.Time) error {
		if err := mayReply(by, v); err != nil {
			return err
		}
		patient, task := refTo(v.Patient), ident.Ref{Type: "Task", ID: v.ID}
		q := ident.Ref{Type: "QuestionnaireResponse", ID: ident.NewID()}
		b.Create(q, response(f, given, a.Lang, patient, by, now))
		ref := request.Tell(b, request.Letter{
			Kind: "reply", Task: task, Patient: patient, Text: told(f, given), Via: a.Via, Response: q, Answers: m.ID,
		}, by, now)
		request.Flags(b, found, patient, now, ref, task)
		return nil
	})
	if err != nil {
		return request.Receipt{}, err
	}
	return request.ReceiptOf(ctx, p, done)
}

// complete says what is wrong with the answers to all that is asked.
func complete(f form.Form, given form.Answers, now time.Time) error {
	var all care.Faults
	for _, p := range f.Asked(given) {
		all = append(all, care.Fields(form.Check(p.Asks, given, now))...)
	}
	return all.Err()
}

// told are the answers as a message of the thread.
func told(f form.Form, given form.Answers) string {
	text := f.Title.In("en")
	for _, p := range f.Asked(given) {
		for _, a := range p.Asks {
			if v := given[a.ID]; len(v) > 0 {
				text += "\n\n" + a.Text.In("en") + "\n" + a.Shown(v, "en")
			}
		}
	}
	return text
}

func response(f form.Form, given form.Answers, lang string, patient ident.Ref, by record.Author, now time.Time) write.Obj {
	o := write.Obj{
		"questionnaire": f.Canonical(), "status": "completed", "authored": write.Instant(now),
		"subject": write.Ref(patient), "item": f.Items(given, lang),
	}
	if r := refTo(by.Ref); r.Type == "Patient" || r.Type == "RelatedPerson" || r.Type == "Practitioner" {
		o["source"], o["author"] = write.Ref(r), write.Ref(r)
	}
	return o
}

// ToMany tells whether a message was sent to many: it is on no thread, and what
// somebody answers begins one.
func (m Message) ToMany() bool { return m.FromUs && m.Request == "" }

// Respond is an answer to a message: on its thread, or where the message was
// one to many, a request of its own that says what it answers.
func (s *Service) Respond(ctx context.Context, practice ident.ODS, by record.Author, m Message, r Reply, key string) (request.Receipt, error) {
	if r.Request = m.Request; r.Request != "" {
		return s.Reply(ctx, practice, by, r, key)
	}
	ask := request.Ask{
		Patient: m.Patient, Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: r.Text, Photos: r.Photos,
		Hope: "This answers a message that we sent: " + begins(m.Text),
	}
	if by.Ref != m.Patient {
		ask.Asker = request.Proxy
	}
	return request.New(s.store).Receive(ctx, practice, by, ask, key)
}

// begins is as much of a text as it takes to know it again.
func begins(s string) string {
	const most = 200 // characters
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
