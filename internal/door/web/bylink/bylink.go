// Package bylink is where a patient reads one message, and answers it, or sees
// to one appointment, without an account.
//
// What comes in: a link that was sent to the patient, and their date of birth.
// What goes out: that one message, and the reply to its thread; or that one
// appointment: chosen, moved, cancelled. It must never show anything, not even
// whose it is, before the date of birth is right; never let it be guessed; and
// never show another message or another appointment.
package bylink

import (
	"embed"
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/delivery"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/online"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/allow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

//go:embed *.html
var files embed.FS

// Config is what the pages work with.
type Config struct {
	Store *record.Store
	// Open tells which message a link is for; nil opens none.
	Open func(link string) (practice ident.ODS, message string, ok bool)
	// OpenBooking tells which appointment a link is for; nil opens none.
	OpenBooking func(link string) (practice ident.ODS, appointment string, ok bool)
}

// Pages are the pages of links.
type Pages struct {
	Config
	messages *message.Service
	bookings *booking.Service
	guesses  *allow.Tries // dates of birth that were wrong, by what the link opens and by network address
}

// So many wrong dates of birth are allowed in so long.
const (
	maxGuesses = 5
	guessTime  = time.Hour
)

// New makes the pages.
func New(c Config) *Pages {
	return &Pages{Config: c, messages: message.New(c.Store), bookings: booking.New(), guesses: allow.New(guessTime/maxGuesses, maxGuesses)}
}

// Routes puts them on a mux.
func (b *Pages) Routes(mux *http.ServeMux) {
	mux.Handle("GET /m/{link}", page.Func(b.ask))
	mux.Handle("POST /m/{link}", page.Func(b.answer))
	mux.Handle("GET /b/{link}", page.Func(b.bookAsk))
	mux.Handle("POST /b/{link}", page.Func(b.book))
}

type birthPage struct {
	Action string
	Form   *page.Form
}

type messagePage struct {
	Action           string
	Form             *page.Form
	Text             string
	Sent             time.Time
	Day, Month, Year string // what was said, to be sent again with the reply
	Token            string
	Closed           bool
	Files            []file
	Asks             string // the title of the form that it asks to be filled in
	Off              *offNow
	Own              online.Own    // the practice's words over boxes for messages
	Went             []page.Option // how it went can be said; empty for not
}

type file struct{ ID, Name string }

type donePage struct {
	Replied   bool
	Told      bool // how it went
	Emergency []triage.Advice
	Next      []string
	Reference string
	Files     string // how many files came with it, "" for none
}

var (
	birthTemplate   = page.New[birthPage](files, "birth.html")
	messageTemplate = page.New[messagePage](files, "message.html", "off.html", "own.html")
	doneTemplate    = page.New[donePage](files, "done.html")
)

var errGone = fault.New(fault.Gone, "This link does not work any more. Sign in to your account to read your messages, or phone the practice.")

// open reads the message that a link is for.
func (b *Pages) open(r *http.Request) (*record.Practice, message.Message, error) {
	if b.Open == nil {
		return nil, message.Message{}, errGone
	}
	ods, id, ok := b.Open(r.PathValue("link"))
	if !ok {
		return nil, message.Message{}, errGone
	}
	p, err := b.Store.Practice(ods)
	if err != nil {
		return nil, message.Message{}, err
	}
	m, err := b.messages.One(r.Context(), ods, id)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || err == nil && (m.Patient == "" || !m.FromUs) {
		err = errGone
	}
	if err != nil {
		return p, m, err
	}
	// What has been hidden from online access since is not seen by link either.
	patient, _ := ident.ParseRef(m.Patient)
	set, err := hidden.Of(r.Context(), p, patient)
	if err == nil && set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
		err = errGone
	}
	return p, m, err
}

func frame(r *http.Request, title string) page.Frame {
	f := page.Base(r)
	f.Title = title
	return f
}

// ask asks for the date of birth, and says nothing.
func (b *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := b.open(r); err != nil {
		return err
	}
	return birthTemplate.Render(w, r, http.StatusOK, frame(r, "Read your message"), birthPage{Action: r.URL.Path})
}

func (b *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	p, m, err := b.open(r)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, maxUpload)
	if err != nil {
		return err
	}
	born := form.Date("birth", "your date of birth")
	if form.OK() {
		if err := b.right(r, p, m, born, form); err != nil {
			return err
		}
	}
	if !form.OK() {
		return birthTemplate.Render(w, r, http.StatusUnprocessableEntity, frameWith(r, "Read your message", form), birthPage{Action: r.URL.Path, Form: form})
	}
	patient := record.Author{Ref: m.Patient, Role: care.RolePatient, For: m.Patient}
	err = p.Saw(r.Context(), record.Access{Author: patient, Purpose: "self access by link", Patient: m.Patient, Type: "Communication", Count: 1, Time: p.Now()})
	if err != nil {
		return err // not logged, so not shown
	}
	if err := b.messages.Seen(r.Context(), p.ODS(), patient, m.ID); err != nil {
		return err
	}
	switch form.Value("step") {
	case "reply":
		return b.reply(w, r, p, m, patient, form)
	case "file":
		return b.file(w, r, p, m, form)
	case "questions", "answer":
		return b.questions(w, r, p, m, patient, form)
	case "went":
		return b.went(w, r, p, m, patient, form)
	case "enough":
		return doneTemplate.Render(w, r, http.StatusOK, frame(r, "Thank you"), donePage{})
	}
	return b.show(w, r, m, nil, form, http.StatusOK)
}

func frameWith(r *http.Request, title string, form *page.Form) page.Frame {
	f := frame(r, title)
	f.Form = form
	return f
}

// right checks the date of birth, and makes guessing slow.
func (b *Pages) right(r *http.Request, p *record.Practice, m message.Message, born time.Time, form *page.Form) error {
	return b.known(r, p, m.ID, m.Patient, born, form)
}

// known checks the date of birth of whom a link is for; id is what it opens.
func (b *Pages) known(r *http.Request, p *record.Practice, id, patient string, born time.Time, form *page.Form) error {
	if !b.guesses.Take(id, p.Now()) || !b.guesses.Take(access.Network(r.RemoteAddr), p.Now()) {
		return fault.New(fault.TooMany, "The date of birth was wrong too many times. Wait an hour and try again, or phone the practice.")
	}
	person, err := delivery.Load(r.Context(), p, patient)
	if err != nil {
		return err
	}
	if person.Born == "" || person.Born != born.Format(time.DateOnly) {
		form.Fail("birth", "This is not the date of birth that we have. Check it and try again")
		return nil
	}
	b.guesses.Forget(id, access.Network(r.RemoteAddr))
	return nil
}

func (b *Pages) show(w http.ResponseWriter, r *http.Request, m message.Message, problems, said *page.Form, status int) error {
	token := said.Value("token")
	if token == "" {
		token = ident.NewID()
	}
	f, asks, err := b.formOf(r, m)
	if err != nil {
		return err
	}
	went, err := b.wentAsked(r, m)
	if err != nil {
		return err
	}
	off, err := b.off(r, m)
	if err != nil {
		return err
	}
	return messageTemplate.Render(w, r, status, frameWith(r, "Your message", problems), messagePage{
		Files: f, Asks: asks, Off: off, Went: went, Own: b.notice(r),
		Action: r.URL.Path, Form: problems, Text: m.Text, Sent: m.Sent, Token: token,
		Day: said.Value("birth-day"), Month: said.Value("birth-month"), Year: said.Value("birth-year"),
	})
}

// formOf gives what came with a message: files, and the title of a form.
func (b *Pages) formOf(r *http.Request, m message.Message) (out []file, title string, err error) {
	for _, p := range m.Photos {
		ref, _ := ident.ParseRef(p.Binary)
		out = append(out, file{ref.ID, p.Name})
	}
	ods, _, _ := b.Open(r.PathValue("link"))
	f, ok, err := b.messages.Questions(r.Context(), ods, m)
	if ok {
		title = f.Title.In(string(page.Base(r).Lang))
	}
	return out, title, err
}

func (b *Pages) reply(w http.ResponseWriter, r *http.Request, p *record.Practice, m message.Message, patient record.Author, form *page.Form) error {
	text := form.Need("text", 5000, "Write your reply")
	photos := sentFiles(form)
	if !form.OK() {
		return b.show(w, r, m, form, form, http.StatusUnprocessableEntity)
	}
	token, err := form.Token()
	if err != nil {
		return err
	}
	got, err := b.messages.Respond(r.Context(), p.ODS(), patient, m, message.Reply{Text: text, Photos: photos, Via: "By link, with the date of birth"}, token)
	if err != nil {
		if form.Refuse(err, "text") {
			return b.show(w, r, m, form, form, http.StatusUnprocessableEntity)
		}
		return err
	}
	return b.thanks(w, r, got, len(photos))
}
