package bylink

import (
	"encoding/base64"
	"net/http"

	"heartwood/internal/care"
	"heartwood/internal/care/message"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/questions"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

type questionsPage struct {
	Action, Title, Intro, Token string
	Day, Month, Year            string
	Form                        *page.Form
	Asks                        []questions.Ask
}

var questionsTemplate = page.New[questionsPage](questions.With(files), "questions.html", "asks.html")

// questions asks the form that came with the message, or takes its answers.
func (b *Pages) questions(w http.ResponseWriter, r *http.Request, p *record.Practice, m message.Message, patient record.Author, form *page.Form) error {
	f, ok, err := b.messages.Questions(r.Context(), p.ODS(), m)
	if err != nil {
		return err
	}
	if !ok {
		return errGone
	}
	token, err := form.Token()
	if err != nil {
		return err
	}
	base := frame(r, f.Title.In("en"))
	lang := string(base.Lang)
	given, status := questions.In(f, form), http.StatusOK
	if form.Value("step") == "answer" {
		var got request.Receipt
		if form.OK() {
			got, err = b.messages.Answer(r.Context(), p.ODS(), patient, message.Answer{Message: m.ID, Answers: given, Lang: lang, Via: "By link, with the date of birth"}, token)
			if err == nil {
				return b.thanks(w, r, got, 0)
			}
			if care.Fields(err)[0].Kind != fault.Invalid {
				return err
			}
			for _, e := range care.Fields(err) {
				form.Fail(e.Where, e.Message)
			}
		}
		status = http.StatusUnprocessableEntity
	}
	base.Title = f.Title.In(lang)
	base.Form = form
	return questionsTemplate.Render(w, r, status, base, questionsPage{
		Action: r.URL.Path, Title: f.Title.In(lang), Intro: f.Intro.In(lang), Token: token, Form: form, Asks: questions.Draw(f, given, lang),
		Day: form.Value("birth-day"), Month: form.Value("birth-month"), Year: form.Value("birth-year"),
	})
}

func (b *Pages) thanks(w http.ResponseWriter, r *http.Request, got request.Receipt, files int) error {
	done := donePage{Replied: true, Next: got.Next, Reference: got.Reference, Emergency: got.Emergency}
	if files > 0 {
		done.Files = page.Base(r).Lang.Plural(files, "We have the %d file that you sent with it.", "We have the %d files that you sent with it.")
	}
	return doneTemplate.Render(w, r, http.StatusOK, frame(r, "We have your reply"), done)
}

// file sends a file that went with the message.
func (b *Pages) file(w http.ResponseWriter, r *http.Request, p *record.Practice, m message.Message, form *page.Form) error {
	for _, f := range m.Photos {
		ref, ok := ident.ParseRef(f.Binary)
		if !ok || ref.ID != form.Value("file") {
			continue
		}
		v, err := p.Read(r.Context(), ref)
		if err != nil {
			return err
		}
		res, err := v.Resource()
		if err != nil {
			return err
		}
		data, err := base64.StdEncoding.DecodeString(res.Get("data").Str())
		if err != nil {
			return err
		}
		page.File(w, res.Get("contentType").Str(), data)
		return nil
	}
	return fault.New(fault.NotFound, "There is no such file.")
}
