package message

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/direct"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service sends and lists messages.
type Service struct{ store *record.Store }

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store} }

// Send sends a message to the patient of a request, and lets the request wait
// for them when it asks for something. The same key again changes nothing and
// gives the same message.
func (s *Service) Send(ctx context.Context, practice ident.ODS, by record.Author, m Send, key string) (Message, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Message{}, err
	}
	l, files, err := m.letter(ctx, p, by)
	if err != nil {
		return Message{}, err
	}
	var cmd request.Command = request.Spoke{}
	if m.waits() {
		cmd = request.Await{For: "a reply to a message"}
	}
	done, err := request.Decided(ctx, p, by, m.Request, m.Seen, cmd, keyed("message", by, key), func(b *write.Builder, r request.View, now time.Time) error {
		if err := m.fits(r); err != nil {
			return err
		}
		l.Task, l.Patient = ident.Ref{Type: "Task", ID: r.ID}, refTo(r.Patient)
		tell(b, l, files, by, now)
		return nil
	})
	if err != nil {
		return Message{}, err
	}
	return sent(ctx, p, done)
}

// Begin begins a thread with a patient: the message and the request that it
// is kept by, in one change.
func (s *Service) Begin(ctx context.Context, practice ident.ODS, by record.Author, m Begin, key string) (Message, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Message{}, err
	}
	l, files, err := m.letter(ctx, p, by)
	if err != nil {
		return Message{}, err
	}
	g := request.Begun{Patient: m.Patient, About: m.About, Owner: m.Owner, Await: m.waits(), Told: l.Text}
	done, err := request.Begin(ctx, p, by, g, keyed("begin", by, key), func(b *write.Builder, task ident.Ref, now time.Time) error {
		l.Task, l.Patient = task, refTo(m.Patient)
		tell(b, l, files, by, now)
		return nil
	})
	if err != nil {
		return Message{}, err
	}
	return sent(ctx, p, done)
}

func refTo(s string) ident.Ref {
	r, _ := ident.ParseRef(s)
	return r
}

// tell adds a message and what goes with it.
func tell(b *write.Builder, l request.Letter, files []upload.Clean, by record.Author, now time.Time) {
	ref := request.Tell(b, l, by, now)
	request.Documents(b, files, l.Patient, by, now, ref) // not of the request: they are not what the patient sent
}

// waits tells whether the message asks for something.
func (m Send) waits() bool { return m.Await || m.Form != "" }

// letter checks what is sent, and gives every fault of the form at once.
func (m Send) letter(ctx context.Context, p *record.Practice, by record.Author) (request.Letter, []upload.Clean, error) {
	var all care.Faults
	text, err := m.words(ctx, p, by)
	for _, e := range care.Fields(err) {
		if e.Kind != fault.Invalid {
			return request.Letter{}, nil, err
		}
		all = append(all, e)
	}
	files, errs := upload.All(m.Files)
	for _, e := range errs {
		f := fault.From(e)
		all.Add("files", "%s", f.Message)
	}
	if m.Form != "" {
		_, ok, err := form.Find(ctx, p, m.Form)
		if err != nil {
			return request.Letter{}, nil, err
		}
		if !ok {
			all.Add("form", "Choose a form from the list.")
		}
	}
	return request.Letter{Kind: "message", Text: text, Template: m.Template, Files: len(files), Form: m.Form}, files, all.Err()
}

// keyed keeps the keys of authors and rooms apart.
func keyed(room string, by record.Author, key string) string {
	if key == "" {
		return ""
	}
	return room + ":" + by.Ref + ":" + key
}

// words are what is sent: the free text when there is any (a template that
// was filled in and then edited), else the template filled in. A place that
// nobody has filled in is refused.
func (m Send) words(ctx context.Context, p *record.Practice, by record.Author) (string, error) {
	text := tidy(m.Text)
	if text != "" || m.Template == "" {
		if blank := Blank(text); blank != "" {
			return "", fault.At(fault.Invalid, "text", "Fill in %s, or take it out.", blank)
		}
		return text, check(text)
	}
	t, ok, err := TemplateOf(ctx, p, m.Template)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fault.At(fault.Invalid, "template", "Choose a template from the list.")
	}
	values, err := Known(ctx, p, m.Patient, by.Ref)
	if err != nil {
		return "", err
	}
	for name, v := range m.Fields {
		values[name] = v
	}
	return t.Fill(m.Language, values)
}

// fits refuses a message that would reach somebody else than the sender
// believes.
func (m Send) fits(r request.View) error {
	switch {
	case r.Patient == "":
		return fault.New(fault.Refused, "Say which patient this request is for before you send a message.")
	case m.Patient != "" && m.Patient != r.Patient:
		return fault.New(fault.Refused, "This request is for another patient. Nothing was sent.")
	}
	return nil
}

// shut tells whether the patient, or who acts for them, may not write on a
// request. What comes by text or e-mail, and what staff type, is kept on it.
func shut(ctx context.Context, p *record.Practice, by record.Author, r request.View) (bool, error) {
	if care.IsStaff(by.Role) {
		return false, nil
	}
	if err := mayReply(by, r); err != nil {
		return false, err
	}
	st, err := direct.On(ctx, p, r)
	return st.Off(), err
}

// anew makes a request of what was written where messages are switched off: it
// is not lost, and it has a clock.
func (s *Service) anew(ctx context.Context, practice ident.ODS, by record.Author, about request.View, text string, r Reply, key string) (request.Receipt, error) {
	if text == "" {
		text = "(No words were written.)"
	}
	ask := request.Ask{
		Patient: about.Patient, Asker: request.Self, Channel: request.Web, Kind: request.Admin, What: text, Photos: r.Photos,
		Hope: "This was written on request " + about.Reference + ", on which messages are switched off.",
	}
	if by.Ref != about.Patient {
		ask.Asker = request.Proxy
	}
	return request.New(s.store).Receive(ctx, practice, by, ask, key)
}

// Reply records the patient's answer, screens it for red flags and brings the
// request back to the queue, all in one change. The receipt says what happens
// next, and carries the advice to show now when the words are those of an
// emergency. Where messages are switched off it becomes a request of its own,
// whose receipt it is.
func (s *Service) Reply(ctx context.Context, practice ident.ODS, by record.Author, r Reply, key string) (request.Receipt, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return request.Receipt{}, err
	}
	photos, err := r.check()
	if err != nil {
		return request.Receipt{}, err
	}
	text := tidy(r.Text)
	before, err := request.Brief(ctx, p, r.Request)
	if err != nil {
		return request.Receipt{}, err
	}
	if off, err := shut(ctx, p, by, before); err != nil || off {
		if err != nil {
			return request.Receipt{}, err
		}
		return s.anew(ctx, practice, by, before, text, r, key)
	}
	found, err := request.ScreenReply(ctx, p, before.Patient, text)
	if err != nil {
		return request.Receipt{}, err
	}
	cmd := request.Returned{What: "the patient replied", Findings: found}
	done, err := request.Decided(ctx, p, by, r.Request, "", cmd, keyed("reply", by, key), func(b *write.Builder, v request.View, now time.Time) error {
		if err := mayReply(by, v); err != nil {
			return err
		}
		patient, _ := ident.ParseRef(v.Patient)
		task := ident.Ref{Type: "Task", ID: v.ID}
		ref := request.Tell(b, request.Letter{Kind: "reply", Task: task, Patient: patient, Text: text, Via: r.Via}, by, now)
		request.Flags(b, found, patient, now, ref, task)
		request.Documents(b, photos, patient, by, now, ref, task)
		return nil
	})
	if err != nil {
		return request.Receipt{}, err
	}
	return request.ReceiptOf(ctx, p, done)
}

// mayReply: the patient, a proxy who acts for them, or staff who type what
// they said.
func mayReply(by record.Author, v request.View) error {
	if care.IsStaff(by.Role) || v.Patient != "" && (by.Ref == v.Patient || by.For == v.Patient) {
		return nil
	}
	return fault.New(fault.NotFound, "There is no such request.")
}

func (r Reply) check() ([]upload.Clean, error) {
	var all care.Faults
	text := tidy(r.Text)
	if err := check(text); err != nil && (text != "" || len(r.Photos) == 0) {
		all = append(all, fault.From(err))
	}
	photos, errs := upload.All(r.Photos)
	for _, e := range errs {
		all = append(all, fault.From(e))
	}
	return photos, all.Err()
}

// Seen records that the patient has read these messages. Those read before
// are left alone, and so are those of somebody else.
func (s *Service) Seen(ctx context.Context, practice ident.ODS, by record.Author, ids ...string) error {
	p, err := s.store.Practice(practice)
	if err != nil {
		return err
	}
	b, n := write.New(by, "read by the patient", ""), 0
	for _, id := range ids {
		if !ident.IsID(id) {
			continue
		}
		v, err := p.Read(ctx, ident.Ref{Type: "Communication", ID: id})
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return err
		}
		res, err := v.Resource()
		if err != nil {
			return err
		}
		m, ok := messageOf(v, res)
		if !ok || !m.FromUs || !m.Read.IsZero() || m.Patient != by.Ref && m.Patient != by.For {
			continue
		}
		b.Edit(v, res, write.Obj{"received": write.Instant(p.Now())})
		n++
	}
	change, err := b.Change()
	if err != nil || n == 0 {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return nil // seen in two windows at once: it is recorded
	}
	return err
}
