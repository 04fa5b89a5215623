package patient

import (
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/message"
	"heartwood/internal/care/online"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// A message that was sent to many is on no request: it has a page of its own,
// and what is answered to it becomes a request.

type noteLine struct {
	Href, Words string
	Sent        time.Time
	New         bool
}

type notePage struct {
	Form      *page.Form
	Action    string
	Token     string
	Text      string
	Sent      time.Time
	CanAnswer bool
	Advice    []triage.Advice
	Own       online.Own
}

var noteTemplate = page.New[notePage](files, "message.html", "advice.html", "own.html")

// notes are the messages of the page's patient that belong to no request, the
// newest first.
func (a *Patients) notes(r *http.Request, v visit, set hidden.Set) ([]noteLine, error) {
	all, err := a.messages.Inbox(r.Context(), v.ods, v.patient)
	if err != nil {
		return nil, err
	}
	var out []noteLine
	for _, m := range all {
		if m.ToMany() && !set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
			out = append(out, noteLine{Href: v.base() + "messages/" + m.ID, Words: begin(m.Text), Sent: m.Sent, New: m.Read.IsZero()})
		}
	}
	return out, nil
}

// note loads the message of this address; of anybody else's it says that there
// is none.
func (a *Patients) note(r *http.Request, v visit) (message.Message, error) {
	none := fault.New(fault.NotFound, "There is no such message.")
	m, err := a.messages.One(r.Context(), v.ods, r.PathValue("message"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return m, none
	}
	if err != nil {
		return m, err
	}
	set, err := v.withheld(r.Context())
	if err == nil && (m.Patient != v.patient || !m.ToMany() || set.Has(ident.Ref{Type: "Communication", ID: m.ID})) {
		err = none
	}
	return m, err
}

func (a *Patients) notePage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeRequests)
	if err != nil {
		return err
	}
	m, err := a.note(r, v)
	if err != nil {
		return err
	}
	return a.showNote(w, r, v, m, page.NewForm(map[string]string{"token": ident.NewID()}), nil, http.StatusOK)
}

func (a *Patients) showNote(w http.ResponseWriter, r *http.Request, v visit, m message.Message, form *page.Form, advice []triage.Advice, status int) error {
	if err := v.looked(r.Context(), "message", 1); err != nil {
		return err
	}
	if m.Read.IsZero() && r.Method == http.MethodGet {
		if err := a.messages.Seen(r.Context(), v.ods, v.author(), m.ID); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	f := v.frame(r, "A message from your practice", v.base()+"requests")
	f.Form = form
	f.Back = &page.Link{Href: v.base() + "requests", Text: "All requests"}
	return noteTemplate.Render(w, r, status, f, notePage{
		Form: form, Action: v.base() + "messages/" + m.ID, Token: form.Value("token"), Text: m.Text, Sent: m.Sent, Advice: advice, Own: v.notice(r.Context()),
		CanAnswer: access.May(v.Person, access.AskForSelf, v.ods, v.patient) == nil,
	})
}

// respond makes a request of what somebody answers.
func (a *Patients) respond(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	m, err := a.note(r, v)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	text := form.Need("text", replyMax, "Write your message")
	token, err := form.Token()
	if err != nil {
		return err
	}
	if !form.OK() {
		return a.showNote(w, r, v, m, form, nil, http.StatusUnprocessableEntity)
	}
	got, err := a.messages.Respond(r.Context(), v.ods, v.author(), m, message.Reply{Text: text}, "respond-"+m.ID+"-"+token)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Refused || k == fault.TooLarge) {
		for _, e := range care.Fields(err) {
			form.Fail("text", e.Message)
		}
		return a.showNote(w, r, v, m, form, nil, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if len(got.Emergency) > 0 { // shown at once, on this very page
		return a.showNote(w, r, v, m, page.NewForm(map[string]string{"token": ident.NewID()}), got.Emergency, http.StatusOK)
	}
	see(w, r, v.base()+"requests/"+got.ID+"?sent=1")
	return nil
}
