package patient

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/care/form"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// Preview walks a form as a patient sees it, for who writes it. What is
// answered travels in the page itself: nothing is kept anywhere, nobody is
// asked, and no request comes of it.
type Preview struct {
	Form   form.Form
	Frame  page.Frame // what stands around it; Lang is the language it is shown in
	Action string     // where its pages are sent
	Now    time.Time
}

// previewed is what a page of a preview carries.
type previewed struct {
	At, Carried string
	Back        string // the page before, "" for the first
}

type previewEnd struct {
	Action string
	Rows   []page.Row
	Flags  []previewFlag
}

type previewFlag struct{ Rule, Title, Level string }

var previewEndTemplate = page.New[previewEnd](files, "preview_end.html")

// Serve shows the page that comes next, after those that were answered; typed
// is nil for the first.
func (p Preview) Serve(w http.ResponseWriter, r *http.Request, typed *page.Form) error {
	d := &draft{Form: p.Form, Answers: form.Answers{}, Done: map[string]bool{}}
	if typed == nil {
		return p.page(w, r, d, p.after(d, ""), nil)
	}
	// What cannot be read was made by nobody's page: it is as if nothing was said.
	_ = json.Unmarshal([]byte(typed.Value("carried")), &d.Answers)
	if back, ok := strings.CutPrefix(typed.Value("do"), "back:"); ok {
		return p.page(w, r, d, d.now(back), nil)
	}
	at := typed.Value("at")
	d.answer(at, typed, p.Now)
	if !typed.OK() || d.more(at, typed) {
		return p.page(w, r, d, d.now(at), typed)
	}
	return p.page(w, r, d, p.after(d, at), nil)
}

// after is the page that is asked after one, nothing after the last.
func (p Preview) after(d *draft, at string) form.Page {
	found := at == ""
	for _, x := range d.Form.Asked(d.Answers) {
		if found {
			return x
		}
		found = x.ID == at
	}
	return form.Page{}
}

// before is the page that is asked before one.
func (p Preview) before(d *draft, at string) string {
	before := ""
	for _, x := range d.Form.Asked(d.Answers) {
		if x.ID == at {
			break
		}
		before = x.ID
	}
	return before
}

func (p Preview) page(w http.ResponseWriter, r *http.Request, d *draft, at form.Page, typed *page.Form) error {
	if at.ID == "" {
		return p.end(w, r, d)
	}
	carried, err := json.Marshal(d.Answers)
	if err != nil {
		return err
	}
	lang, status := string(p.lang()), http.StatusOK
	f := p.Frame
	if typed == nil {
		typed = fillForm(at.Asks, d.Answers)
	} else if !typed.OK() {
		status = http.StatusUnprocessableEntity
	}
	f.Title, f.Form = orElse(at.Asks[0].Text.In(lang), p.Form.Title.In(lang)), typed
	out := askPage{Form: typed, Action: p.Action, Preview: &previewed{At: at.ID, Carried: string(carried), Back: p.before(d, at.ID)}}
	d.draw(&out, at.ID, lang)
	return stepPages["form"].Render(w, r, status, f, out)
}

func (p Preview) lang() words.Lang {
	if p.Frame.Lang == "" {
		return words.English
	}
	return p.Frame.Lang
}

// end shows the answers as the patient checks them, and what the red-flag
// rules would say to them.
func (p Preview) end(w http.ResponseWriter, r *http.Request, d *draft) error {
	out := previewEnd{Action: p.Action}
	lang := string(p.lang())
	for _, x := range d.Form.Asked(d.Answers) {
		for _, a := range x.Asks {
			if a.Type != form.Display {
				out.Rows = append(out.Rows, page.Row{Key: a.Text.In(lang), Value: orElse(a.Shown(d.Answers[a.ID], lang), p.lang().T("Not answered"))})
			}
		}
	}
	for _, f := range triage.Screen(triage.Input{Texts: d.texts(), Answers: triage.Answers(d.Form.Kept(d.Answers))}) {
		out.Flags = append(out.Flags, previewFlag{Rule: f.Rule, Title: f.Title, Level: f.Level.String()})
	}
	f := p.Frame
	f.Title = "Check your answers"
	return previewEndTemplate.Render(w, r, http.StatusOK, f, out)
}
