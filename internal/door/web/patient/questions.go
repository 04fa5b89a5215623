package patient

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/message"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/questions"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type questionsPage struct {
	Action, Title, Intro, Token string
	Form                        *page.Form
	Asks                        []questions.Ask
}

var questionsTemplate = page.New[questionsPage](questions.With(files), "questions.html", "asks.html")

// asked finds the message of this address, and the form that it asks to be
// filled in.
func (a *Patients) asked(r *http.Request, v visit) (message.Message, form.Form, error) {
	none := fault.New(fault.NotFound, "There is no such message.")
	q, err := a.theirs(r, v)
	if err != nil {
		return message.Message{}, form.Form{}, err
	}
	m, err := a.messages.One(r.Context(), v.ods, r.PathValue("message"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		err = none
	}
	if err != nil {
		return m, form.Form{}, err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return m, form.Form{}, err
	}
	if m.Request != q.ID || set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
		return m, form.Form{}, none
	}
	f, ok, err := a.messages.Questions(r.Context(), v.ods, m)
	if err == nil && !ok {
		err = none
	}
	return m, f, err
}

// questionsPage asks the form that came with a message.
func (a *Patients) questionsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	_, f, err := a.asked(r, v)
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "message", 1); err != nil {
		return err
	}
	return a.showQuestions(w, r, v, f, page.NewForm(map[string]string{"token": ident.NewID()}), http.StatusOK)
}

func (a *Patients) showQuestions(w http.ResponseWriter, r *http.Request, v visit, f form.Form, sent *page.Form, status int) error {
	lang := string(v.lang)
	fr := v.frame(r, f.Title.In(lang), v.base()+"requests")
	fr.Form = sent
	fr.Back = &page.Link{Href: v.base() + "requests/" + r.PathValue("id"), Text: "Back"}
	return questionsTemplate.Render(w, r, status, fr, questionsPage{
		Action: r.URL.Path, Title: f.Title.In(lang), Intro: f.Intro.In(lang), Token: sent.Value("token"), Form: sent,
		Asks: questions.Draw(f, questions.In(f, sent), lang),
	})
}

// questionsDo takes the answers.
func (a *Patients) questionsDo(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.AskForSelf)
	if err != nil {
		return err
	}
	m, f, err := a.asked(r, v)
	if err != nil {
		return err
	}
	sent, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	token, err := sent.Token()
	if err != nil {
		return err
	}
	given := questions.In(f, sent)
	if !sent.OK() {
		return a.showQuestions(w, r, v, f, sent, http.StatusUnprocessableEntity)
	}
	got, err := a.messages.Answer(r.Context(), v.ods, v.author(), message.Answer{Message: m.ID, Answers: given, Lang: string(v.lang)}, token)
	if err != nil && care.Fields(err)[0].Kind == fault.Invalid {
		for _, e := range care.Fields(err) {
			sent.Fail(e.Where, e.Message)
		}
		return a.showQuestions(w, r, v, f, sent, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if len(got.Emergency) > 0 { // shown at once
		return a.showRequest(w, r, v, page.NewForm(map[string]string{"token": ident.NewID()}), got.Emergency, http.StatusOK)
	}
	see(w, r, v.base()+"requests/"+m.Request+"?sent=1")
	return nil
}
