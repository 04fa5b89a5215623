package manage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/care/routing"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// formsPage lists every form.
type formsPage struct {
	Action string
	Form   *page.Form
	Lines  []formLine
	Kinds  []page.Option
	Fors   []page.Option
}

type formLine struct {
	Href, Title, Kind, For string
	Version, Whose         string
	Since, By              string
	Draft                  string // who is writing at it, "" for nobody
	Wrong                  string // why it is not asked
	Questions              int
}

var formsTemplate = page.New[formsPage](files, "forms.html")

// forWords says whom a form is for.
var forWords = map[string]string{
	"": "everybody", "adult": "adults, for themselves", "child": "children under 16", "someone-else": "people who ask for somebody else", "carer": "people who care for somebody, about their own needs",
}

func forOptions() []page.Option {
	out := []page.Option{{Value: "everybody", Text: "Everybody"}}
	for _, f := range form.Fors {
		out = append(out, page.Option{Value: f, Text: upper(forWords[f])})
	}
	return out
}

func kindOptions() []page.Option {
	var out []page.Option
	for _, k := range request.Kinds {
		out = append(out, page.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

// guard is what the red-flag rules need of a form.
func guard() form.Guard {
	var g form.Guard
	for _, r := range triage.Relies() {
		g.Relies = append(g.Relies, form.Relied{Rule: r.Rule, Ask: r.Link, Op: r.Op, Value: r.Value})
	}
	g.Finds = func(said string) []string {
		var out []string
		for _, f := range triage.Screen(triage.Input{Texts: []string{said}}) {
			out = append(out, f.Rule)
		}
		return out
	}
	return g
}

func (m *Manage) forms(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	return m.showForms(w, r, v, nil, http.StatusOK)
}

func (m *Manage) showForms(w http.ResponseWriter, r *http.Request, v visit, typed *page.Form, status int) error {
	books, err := form.Shelf(r.Context(), v.practice)
	if err != nil {
		return err
	}
	name, err := m.namer(r.Context(), v)
	if err != nil {
		return err
	}
	p := formsPage{Action: v.base() + "forms", Form: typed, Kinds: kindOptions(), Fors: forOptions()}
	if p.Form == nil {
		p.Form = page.NewForm(map[string]string{"for": "everybody"})
	}
	for _, b := range books {
		p.Lines = append(p.Lines, lineOf(v, b, name))
	}
	f := m.frame(r, v, "Forms", "forms")
	f.Form = p.Form
	return formsTemplate.Render(w, r, status, f, p)
}

func lineOf(v visit, b form.Book, name func(string) string) formLine {
	f := b.Newest()
	l := formLine{Href: v.base() + "forms/" + b.Key, Title: f.Title["en"], Kind: request.Kind(f.Kind).Label(), For: forWords[f.For], Whose: "your own"}
	if k, ok := b.InUse(); ok {
		l.Version, l.Since, l.By = k.Version, day(k.Since), name(k.By)
		if k.Seen == "" {
			l.Whose, l.By = "as shipped", "Heartwood"
		}
		for _, p := range k.Pages {
			l.Questions += len(p.Asks)
		}
	} else {
		l.Wrong = "Not asked: it has not been published."
		if len(b.Versions) > 0 {
			l.Wrong = "Not asked any more."
		}
	}
	for _, k := range b.Versions {
		if k.Status == "active" && k.Wrong != nil {
			l.Wrong = "Version " + k.Version + " cannot be asked: " + fault.From(care.Fields(k.Wrong)[0]).Message
		}
	}
	if b.Draft != nil {
		l.Draft = name(b.Draft.By) + ", " + words.Stamp(b.Draft.Since)
	}
	return l
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return words.ShortDate(t)
}

// namer says who somebody is, by their reference.
func (m *Manage) namer(ctx context.Context, v visit) (func(string) string, error) {
	staff, err := routing.LoadStaff(ctx, v.practice, v.now)
	if err != nil {
		return nil, err
	}
	return func(ref string) string {
		if ref == "" {
			return ""
		}
		if n := staff.Name(ref); !strings.HasPrefix(n, "somebody") {
			return n
		}
		if strings.HasPrefix(ref, "Practitioner/") {
			return "a member of staff"
		}
		return "the system"
	}, nil
}

// formsDo begins a form of the practice's own: an empty one, or one from a
// Questionnaire. Either is a draft until it is published.
func (m *Manage) formsDo(w http.ResponseWriter, r *http.Request) error {
	v, typed, err := m.posted(w, r, access.Manage, questionnaireLimit)
	if err != nil {
		return err
	}
	var f form.Form
	if typed.Value("do") == "import" {
		f = imported(typed)
	} else {
		f = m.begun(v, typed)
	}
	if typed.OK() {
		b, _, err := form.FindBook(r.Context(), v.practice, form.Key(f.URL))
		if err != nil {
			return err
		}
		if b.Draft != nil {
			typed.Fail("json", "There is a draft of this form already. Publish it or throw it away first.")
		} else if err = form.SaveDraft(r.Context(), v.practice, v.Author(""), "", f.Tidy()); err == nil {
			http.Redirect(w, r, v.base()+"forms/"+form.Key(f.URL)+"?done=begun", http.StatusSeeOther)
			return nil
		} else if !unfit(typed, err, "json") {
			return err
		}
	}
	return m.showForms(w, r, v, typed, http.StatusBadRequest)
}

// begun is an empty form: it asks for the person's own words.
func (m *Manage) begun(v visit, typed *page.Form) form.Form {
	f := form.Form{
		URL:   care.Base + "Questionnaire/" + strings.ToLower(string(v.ods)) + "-" + strings.ToLower(ident.NewID()[:8]),
		Title: said(typed, "title", 200), Kind: typed.Choice("kind", "Choose what the form is about", kindOptions()),
		For: forOf(typed),
	}
	if len(f.Title) == 0 {
		typed.Fail("title", "Give the form a title")
	}
	f.Pages = []form.Page{{ID: "words", Asks: []form.Ask{{
		ID: "what", Type: form.Text, Required: true, Max: form.Longest,
		Text: form.Words{"en": "What do you need help with?", "cy": "Gyda beth mae angen help arnoch chi?"},
	}}}}
	return f
}

func forOf(typed *page.Form) string {
	f := typed.Choice("for", "Choose whom the form is for", forOptions())
	if f == "everybody" {
		return ""
	}
	return f
}

// said reads a text in English and Welsh.
func said(typed *page.Form, name string, most int) form.Words {
	w := form.Words{}
	if en := typed.Text(name, most); en != "" {
		w["en"] = en
	}
	if cy := typed.Text(name+"-cy", most); cy != "" && w["en"] != "" {
		w["cy"] = cy
	}
	if len(w) == 0 {
		return nil
	}
	if strings.ContainsAny(w["en"]+w["cy"], "<>") {
		typed.Fail(name, "Write plain words, without < or >")
	}
	return w
}

// questionnaireLimit is the most bytes of a Questionnaire that is brought in.
const questionnaireLimit = 2 << 20

// imported reads a form from the Questionnaire that was sent, as a file or as
// text.
func imported(typed *page.Form) form.Form {
	text := []byte(typed.Value("json"))
	if files := typed.Files["file"]; len(files) > 0 && files[0].Size > 0 {
		b, err := page.ReadFile(files[0], questionnaireLimit)
		if err != nil {
			typed.FailWith("file", err)
			return form.Form{}
		}
		text = b
	}
	q, err := fhir.ParseResource(text)
	if err == nil && q.Type() != "Questionnaire" {
		err = fault.New(fault.Invalid, "This is not a Questionnaire.")
	}
	if err == nil {
		err = fhir.Refusal(fhir.Validate(q))
	}
	if err == nil {
		var f form.Form
		if f, err = form.Open(q); err == nil {
			f.ID = ""
			return f
		}
	}
	e := fault.From(err)
	where := ""
	if e.Where != "" {
		where = " (" + e.Where + ")"
	}
	typed.Fail("json", e.Message+where)
	return form.Form{}
}

// unfit puts what is wrong on the form; false when it is not the sender's to
// mend.
func unfit(typed *page.Form, err error, at string) bool {
	for _, e := range care.Fields(err) {
		if !typed.FailWith(at, e) {
			return false
		}
	}
	return true
}
