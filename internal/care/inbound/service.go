package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/upload"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Service takes letters in.
type Service struct {
	store    *record.Store
	requests *request.Service
	messages *message.Service
	delivery *delivery.Service
}

// New makes the service.
func New(store *record.Store, d *delivery.Service) *Service {
	return &Service{store, request.New(store), message.New(store), d}
}

// Foreseeing has whoever writes told the same range of times as somebody who
// asks online, and not only the clock.
func (s *Service) Foreseeing(f request.Foresee) *Service {
	s.requests.Foreseeing(f)
	return s
}

const (
	lately  = 14 * 24 * time.Hour // how long a text message is taken for an answer
	longest = 5000                // characters of one field of a request
)

// Take takes one letter in; it returns when that is durable. The same letter
// again changes nothing.
func (s *Service) Take(ctx context.Context, practice ident.ODS, l Letter) (Taken, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Taken{}, err
	}
	l = l.clean()
	if l.ID == "" || l.From == "" && l.Bounce == nil {
		return Taken{}, fault.New(fault.Invalid, "This letter does not say where it comes from.")
	}
	threads, err := threadsOf(ctx, p, l)
	if err != nil {
		return Taken{}, err
	}
	d := decide(l, threads)
	switch d.as {
	case AsBounce:
		return Taken{As: AsBounce}, s.bounced(ctx, p, l)
	case SetAside:
		return Taken{As: SetAside}, setAside(ctx, p, l)
	case AsReply:
		return s.reply(ctx, p, l, d.thread)
	}
	return s.ask(ctx, p, l)
}

func (l Letter) clean() Letter {
	l.Subject, l.FromName = clip(request.CleanText(l.Subject), 200), clip(request.CleanText(l.FromName), 100)
	l.Text = request.CleanText(l.Text)
	l.From = strings.TrimSpace(l.From)
	var good []upload.File
	for _, f := range l.Files {
		if _, err := upload.Check(f); err != nil {
			l.Left = append(l.Left, fmt.Sprintf("A file was not taken: %s", fault.From(err).Message))
			continue
		}
		if len(good) == maxFiles {
			l.Left = append(l.Left, "More files came than we take.")
			break
		}
		good = append(good, f)
	}
	l.Files = good
	return l
}

const maxFiles = 5

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// key makes one thing happen once for each letter.
func (l Letter) key(what string) string {
	return "inbound " + what + ":" + l.digest()
}

func (l Letter) digest() string {
	h := sha256.Sum256([]byte(string(l.Channel) + "\n" + l.ID))
	return hex.EncodeToString(h[:16])
}

// words are what was written, and what was left out.
func (l Letter) words() string {
	parts := []string{}
	if l.Subject != "" {
		parts = append(parts, l.Subject)
	}
	if l.Text != "" {
		parts = append(parts, l.Text)
	}
	text := strings.Join(parts, "\n\n")
	left := strings.Join(l.Left, "\n")
	if text == "" {
		text = "(No words were written.)"
	}
	if left != "" {
		left = "\n\n" + left
	}
	return clip(text, longest-utf8.RuneCountInString(left)) + clip(left, longest/2)
}

// ask makes a new request, which a person matches to a patient.
func (s *Service) ask(ctx context.Context, p *record.Practice, l Letter) (Taken, error) {
	ask := request.Ask{
		Asker: request.Self, Channel: l.Channel, Kind: request.Admin, What: l.words(),
		Identity: request.Identity{By: l.FromName}, Photos: l.Files,
	}
	if l.Channel == request.SMS {
		ask.Contact.Number = l.From
	} else {
		ask.Contact.Email = l.From
	}
	if l.FromName != "" {
		ask.Identity.Relationship = "the sender’s own name for themselves"
	}
	r, err := s.requests.Receive(ctx, p.ODS(), record.System, ask, l.key("request"))
	if len(care.Fields(err)) > 0 && fault.Is(care.Fields(err)[0], fault.Invalid) {
		// An address that nothing can be sent to, or files that do not pass
		// together: the words are taken all the same.
		ask.Contact, ask.Photos = request.Contact{Email: "unknown@sender.invalid"}, nil
		ask.What = clip(ask.What+"\n\nFrom: "+l.From, longest)
		r, err = s.requests.Receive(ctx, p.ODS(), record.System, ask, l.key("request"))
	}
	if err != nil {
		return Taken{}, err
	}
	return Taken{AsRequest, r.ID}, s.acknowledge(ctx, p, l, r)
}

// reply puts a letter on its thread.
func (s *Service) reply(ctx context.Context, p *record.Practice, l Letter, t Thread) (Taken, error) {
	via := "By email from " + l.From
	if l.Channel == request.SMS {
		via = "By text message from " + l.From
	}
	r, err := s.messages.Reply(ctx, p.ODS(), record.System, message.Reply{
		Request: t.Task, Text: l.words(), Photos: l.Files, Via: via + ". Nobody has checked who wrote it.",
	}, l.key("reply"))
	if err != nil {
		return Taken{}, err
	}
	if len(r.Emergency) > 0 {
		err = s.acknowledge(ctx, p, l, r)
	}
	return Taken{AsReply, t.Task}, err
}

// acknowledge says once that we have it, and what to do now when the words are
// those of an emergency. One address is told at most once an hour: two
// machines must not write to each other for ever.
func (s *Service) acknowledge(ctx context.Context, p *record.Practice, l Letter, r request.Receipt) error {
	to := delivery.Target{Medium: delivery.Email, Address: l.From}
	if l.Channel == request.SMS {
		to.Medium = delivery.SMS
	}
	if to.Medium == delivery.SMS && !delivery.IsMobile(l.From) || to.Medium == delivery.Email && !strings.Contains(l.From, "@") {
		return nil
	}
	hour := p.Now().UTC().Truncate(time.Hour).Format(time.RFC3339)
	if len(r.Emergency) > 0 {
		hour = l.digest() // this is said each time
	}
	h := sha256.Sum256([]byte(delivery.Plain(l.From) + hour))
	b := write.New(record.System, "acknowledged", l.key("ack"))
	text := receiptWords(r)
	if len(r.Emergency) == 0 {
		text += shutWords(ctx, p, l.Channel)
	}
	if to.Medium == delivery.Email {
		text += "\n\nTo add something, answer this email and leave the reference in it."
	}
	delivery.Acknowledge(b, "ack-"+hex.EncodeToString(h[:16]), to, ident.Ref{Type: "Task", ID: r.ID}, "We have your message ["+r.Reference+"]", text)
	change, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, change); fault.Is(err, fault.Conflict) {
		return nil // they were told within the hour
	}
	return err
}

// shutWords are what else is said while the way in is closed, or while the
// practice is shut and does not take what comes by it then.
func shutWords(ctx context.Context, p *record.Practice, c request.Channel) string {
	set, err := channels.Load(ctx, p)
	if err != nil {
		return ""
	}
	now := p.Now()
	if st := set.At(c, now); !st.Open {
		return " " + st.Instead(now)
	}
	if h := request.HoursOf(ctx, p); !set.Takes(c, request.Admin, now, h) {
		return " " + channels.Later(now, h)
	}
	return ""
}

// receiptWords are plain and short: a text message holds few. Nothing of what
// was asked is repeated.
func receiptWords(r request.Receipt) string {
	var out []string
	for _, a := range r.Emergency {
		out = append(append(out, a.Heading+"."), a.Lines...)
	}
	if len(out) == 0 {
		out = append(out, "We have your message. Your reference is "+r.Reference+".", "You will hear from us "+promised(r)+".",
			"If it gets worse, call 111. In an emergency, call 999.")
	} else {
		out = append(out, "Your reference is "+r.Reference+".")
	}
	return strings.Join(out, " ")
}

// promised is when somebody hears from us, in the words of an online receipt.
func promised(r request.Receipt) string {
	if !r.Promised.IsZero() {
		return r.Promised.Say(r.Received)
	}
	return words.By(r.AnswerBy, r.Received)
}

// setAside keeps what a machine wrote: it is no request, and it is not lost.
func setAside(ctx context.Context, p *record.Practice, l Letter) error {
	b := write.New(record.System, "set aside: an automatic answer", l.key("aside"))
	b.Create(ident.Ref{Type: "Communication", ID: "aside-" + l.digest()}, write.Obj{
		"status": "completed", "category": write.List{write.Coded(care.MessageKind, "set-aside", "Automatic answer")},
		"payload": write.List{write.Obj{"contentString": clip(l.words(), longest)}},
		"sender":  write.Obj{"display": clip(l.From, 200)}, "sent": write.Instant(p.Now()),
	})
	change, err := b.Change()
	if err != nil {
		return err
	}
	_, err = p.Commit(ctx, change)
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// bounced settles the message that did not arrive. One that we do not know is
// set aside.
func (s *Service) bounced(ctx context.Context, p *record.Practice, l Letter) error {
	id := l.Bounce.About
	if ident.IsID(id) {
		v, err := p.Read(ctx, ident.Ref{Type: "Communication", ID: id})
		if err == nil {
			return s.delivery.Settle(ctx, p, v.Ref, delivery.Report{Failed: true, Bad: l.Bounce.Bad, Detail: "It came back: " + clip(l.Bounce.Why, 60), At: l.At})
		}
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone) {
			return err
		}
	}
	return setAside(ctx, p, l)
}

// threadsOf finds the requests that a letter may belong to.
func threadsOf(ctx context.Context, p *record.Practice, l Letter) ([]Thread, error) {
	if l.Bounce != nil || l.Auto {
		return nil, nil
	}
	var out []Thread
	seen := map[string]bool{}
	add := func(query string) error {
		return search.Each(ctx, p, query, func(v record.Version, t *fhir.Resource) error {
			if !request.IsRequest(t) || seen[v.Ref.ID] || len(out) >= 50 {
				return nil
			}
			seen[v.Ref.ID] = true
			r := request.FromParsed(v, t)
			if r.Patient == "" {
				return nil
			}
			person, err := delivery.Load(ctx, p, r.Patient)
			if err != nil {
				return nil //nolint:nilerr // a patient who is gone has no threads
			}
			one := Thread{Task: v.Ref.ID, Reference: r.Reference, Patient: r.Patient, Open: r.Open(), Addresses: append(person.Phones, person.Emails...)}
			one.Wrote, err = wrote(ctx, p, v.Ref, p.Now().Add(-lately))
			out = append(out, one)
			return err
		})
	}
	for _, ref := range References(l.Subject + " " + l.Text) {
		if err := add("Task?group-identifier=" + url.QueryEscape(care.ReferenceID+"|"+ref)); err != nil {
			return nil, err
		}
	}
	if l.Channel != request.SMS {
		return out, nil
	}
	who, err := delivery.Candidates(ctx, p, l.From)
	if err != nil {
		return nil, err
	}
	for _, c := range who {
		if err := add("Task?patient=" + url.QueryEscape(c.Ref.String()) + "&status=requested,accepted,in-progress"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wrote tells whether we have written on a thread since a time.
func wrote(ctx context.Context, p *record.Practice, task ident.Ref, since time.Time) (bool, error) {
	found := false
	err := search.Each(ctx, p, "Communication?based-on="+task.String(), func(v record.Version, c *fhir.Resource) error {
		kind := c.Get("category", "coding", "code").Str()
		found = found || (kind == "message" || kind == "outcome") && write.When(c.Get("sent")).After(since)
		return nil
	})
	return found, err
}
