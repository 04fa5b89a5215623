package manage

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/message"
	"heartwood/internal/care/search"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

type templatesPage struct {
	New    string
	Lists  []templateList
	Notice string
}

type templateList struct {
	Title, ID string
	Rows      []templateRow
}

type templateRow struct{ Title, Href, About, State string }

type templatePage struct {
	Title, Action, Version string
	Form                   *page.Form
	Fields                 []templateField
	Merged                 []page.Row
	Preview                []templatePreview
	Off, New, Changed      bool // taken out; not kept yet; shipped, and not as it came
	Former                 []formerRow
	Saved                  bool
}

type templateField struct{ Name, Label, Default, Error, Row, N string }

type templatePreview struct {
	Language, Text, Note string
	Hard                 string // what makes it hard to read
}

type formerRow struct{ When, By, Text, Version string }

var (
	templatesTemplate = page.New[templatesPage](files, "templates.html")
	templateTemplate  = page.New[templatePage](files, "template.html")
)

// fieldRows is how many places of their own the form of a template offers.
const fieldRows = 5

func (m *Manage) templates(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	all, err := message.Templates(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := templatesPage{New: v.base() + "templates/new"}
	one, many, off := templateList{Title: "To one patient", ID: "one"}, templateList{Title: "To many", ID: "many"}, templateList{Title: "Taken out", ID: "out"}
	for _, t := range all {
		row := templateRow{Title: t.Title, Href: v.base() + "templates/" + t.ID, About: firstWords(t.Body, 90), State: templateState(t)}
		switch {
		case t.Off:
			off.Rows = append(off.Rows, row)
		case t.Many:
			many.Rows = append(many.Rows, row)
		default:
			one.Rows = append(one.Rows, row)
		}
	}
	p.Lists = []templateList{one, many}
	if len(off.Rows) > 0 {
		p.Lists = append(p.Lists, off)
	}
	return templatesTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Message templates", "templates"), p)
}

func templateState(t message.Template) string {
	switch {
	case !t.Shipped:
		return "Your own"
	case t.Version != "":
		return "Changed by you"
	}
	return "As it came"
}

func firstWords(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// theTemplate is the one of this address; a new one is empty.
func theTemplate(ctx context.Context, v visit, id string) (message.Template, error) {
	if id == "new" {
		return message.Template{}, nil
	}
	t, ok, err := message.TemplateOf(ctx, v.practice, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "There is no such template.")
	}
	return t, err
}

func (m *Manage) template(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	t, err := theTemplate(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	return m.showTemplate(w, r, v, t, templatePage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) templateDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	t, err := theTemplate(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	next := t
	switch form.Value("do") {
	case "look", "save":
		next = typedTemplate(form)
		next.ID, next.Shipped, next.Off = t.ID, t.Shipped, t.Off
	case "out", "in":
		next.Off = form.Value("do") == "out"
	case "restore":
		if next, err = former(r.Context(), v, t, form.Value("former")); err != nil {
			return err
		}
	default:
		return fault.New(fault.NotFound, "There is no such form.")
	}
	next.Version = form.Value("version")
	if form.Value("do") == "look" {
		status, err := refused(form, next.Check(), "title")
		if err != nil {
			return err
		}
		return m.showTemplate(w, r, v, next, templatePage{Form: form}, status)
	}
	id, err := message.SaveTemplate(r.Context(), v.practice, v.Author(""), next)
	if err == nil {
		http.Redirect(w, r, v.base()+"templates/"+id+"?done=saved", http.StatusSeeOther)
		return nil
	}
	status, err := refused(form, err, "title")
	if err != nil {
		return err
	}
	return m.showTemplate(w, r, v, next, templatePage{Form: form}, status)
}

// former is a version that was kept before, or the one that came.
func former(ctx context.Context, v visit, t message.Template, version string) (message.Template, error) {
	if version == "shipped" {
		if s, ok := message.ShippedOf(t.ID); ok {
			return s, nil
		}
	}
	all, err := message.TemplateHistory(ctx, v.practice, t.ID)
	if err != nil {
		return t, err
	}
	for _, f := range all {
		if f.Version == version {
			return f.Template, nil
		}
	}
	return t, fault.New(fault.NotFound, "There is no such version.")
}

// typedTemplate reads the form.
func typedTemplate(form *page.Form) message.Template {
	t := message.Template{
		Title: form.Text("title", 200), Body: form.Text("body", 6000), Welsh: form.Text("welsh", 6000),
		Awaits: form.Has("awaits", "yes"), Many: form.Has("many", "yes"),
	}
	for i := range fieldRows {
		f := message.Field{
			Name:    strings.Trim(form.Text(fmt.Sprintf("name-%d", i), 60), "{}"),
			Label:   form.Text(fmt.Sprintf("label-%d", i), 200),
			Default: form.Text(fmt.Sprintf("default-%d", i), 400),
		}
		if f != (message.Field{}) {
			t.Fields = append(t.Fields, f)
		}
	}
	return t
}

func (m *Manage) showTemplate(w http.ResponseWriter, r *http.Request, v visit, t message.Template, p templatePage, status int) error {
	p.New = t.ID == ""
	p.Title, p.Action, p.Version, p.Off = cmp.Or(t.Title, "A new template"), v.base()+"templates/"+cmp.Or(t.ID, "new"), t.Version, t.Off
	if p.Form == nil {
		p.Form = page.NewForm(map[string]string{"title": t.Title, "body": t.Body, "welsh": t.Welsh, "awaits": yes(t.Awaits), "many": yes(t.Many)})
	} else {
		p.Version = p.Form.Value("version")
	}
	for i := range fieldRows {
		f := templateField{Row: strconv.Itoa(i), N: strconv.Itoa(i + 1), Error: p.Form.Error(fmt.Sprintf("field-%d", i))}
		if i < len(t.Fields) {
			f.Name, f.Label, f.Default = t.Fields[i].Name, t.Fields[i].Label, t.Fields[i].Default
		}
		p.Fields = append(p.Fields, f)
	}
	for _, f := range message.Merged {
		p.Merged = append(p.Merged, page.Row{Key: "{" + f.Name + "}", Value: f.Label})
	}
	p.Preview = previewOf(t)
	if err := m.formerOf(r.Context(), v, t, &p); err != nil {
		return err
	}
	f := m.frame(r, v, p.Title, "templates")
	f.Form = p.Form
	f.Back = &page.Link{Text: "Message templates", Href: v.base() + "templates"}
	return templateTemplate.Render(w, r, status, f, p)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// previewOf is a template as a patient would read it, in each language it has.
func previewOf(t message.Template) []templatePreview {
	if t.Body == "" {
		return nil
	}
	text := t.Example(words.English)
	out := []templatePreview{{Language: "English", Text: text, Note: smsNote(text) + " " + readingNote(t.Reading()), Hard: hardNote(t.Reading())}}
	if t.Welsh != "" {
		out = append(out, templatePreview{Language: "Welsh", Text: t.Example(words.Welsh)})
	}
	return out
}

// smsNote says how long a text is.
func smsNote(text string) string {
	n := message.Fragments(text)
	return fmt.Sprintf("%d characters. Sent as a text message it would be %s.", len([]rune(text)), page.Plural(n, "message", "messages"))
}

// readingNote says at what age a text can be read.
func readingNote(r words.Reading) string {
	if r.Words < words.FewestToRead {
		return "It is too short to say how hard it is to read."
	}
	return fmt.Sprintf("People aged %.0f can read it.", r.Age())
}

// hardNote says what makes a text hard to read; "" when nothing does.
func hardNote(r words.Reading) string {
	switch {
	case r.Hard():
		return "This is hard to read for many people. Write for people aged 9 to 11: shorter sentences, and words of one or two syllables."
	case r.LongestWords > words.LongestSentence:
		return fmt.Sprintf("A sentence here has %d words. Use %d or fewer.", r.LongestWords, words.LongestSentence)
	}
	return ""
}

func (m *Manage) formerOf(ctx context.Context, v visit, t message.Template, p *templatePage) error {
	if t.ID == "" {
		return nil
	}
	all, err := message.TemplateHistory(ctx, v.practice, t.ID)
	if err != nil {
		return err
	}
	for _, f := range all {
		if f.Version == t.Version {
			continue
		}
		p.Former = append(p.Former, formerRow{When: words.Stamp(f.When), By: nameOf(ctx, v, f.By), Text: f.Body, Version: f.Version})
	}
	if s, ok := message.ShippedOf(t.ID); ok && t.Version != "" {
		p.Former = append(p.Former, formerRow{When: "As it came", Text: s.Body, Version: "shipped"})
	}
	return nil
}

// nameOf is what a colleague is called, "" where nobody knows.
func nameOf(ctx context.Context, v visit, who string) string {
	ref, ok := ident.ParseRef(who)
	if !ok || ref.Type != "Practitioner" {
		return ""
	}
	res, _, err := search.Get(ctx, v.practice, ref)
	if err != nil || res == nil {
		return ""
	}
	return read.Name(res)
}
