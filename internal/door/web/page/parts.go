package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"heartwood/internal/words"
	assets "heartwood/web"
)

// Option is one choice of radios, checkboxes or a select.
type Option struct{ Value, Text, Hint string }

// Row is one line of a summary list.
type Row struct {
	Key    string
	Value  any    // text (new lines are kept), or template.HTML
	Change string // where "Change" leads, "" for no link
}

// base has the functions that every page may use.
//
// Fields: input, textarea, selectbox, radios, checkboxes, dateinput, file,
// hidden and button. Each takes the page's *Form, the field's name, its label,
// then what it needs, then options in pairs: "hint" "…", "label" "l" (the size
// of the label; with "h1" "yes" it is the page's heading), "width" "10", "type"
// "email", "autocomplete" "…", "inputmode" "…", "rows" "8", "inline" "yes",
// "small" "yes", "max" "2000", "accept" "image/*", "class" "…".
//
// Blocks: care "emergency|urgent|non-urgent" "Heading" … endcare; card
// "Heading" … endcard; details "Summary" … enddetails; warning "Heading" …
// endwarning; inset … endinset; alert "success|info" "Title" … endalert.
//
// t puts a text of ours that Go has made into the page's language.
//
// Others: tag "Text" "colour"; summary rows; panel "Title" "Text"; pagination
// prevHref prevLabel nextHref nextLabel; lines text; date, day, clock, when,
// stamp, iso (times); nhs (an NHS number, 3-3-4); plural n "one" "many"; asset name.
func base(lang words.Lang) *template.Template {
	return template.New("").Funcs(speakerOf(lang).funcs())
}

// speaker makes the parts of pages in one language.
type speaker struct {
	lang  words.Lang
	parts *template.Template // parts.html
}

// speakers has one for each language; it is not changed once it is made.
var speakers = func() map[words.Lang]*speaker {
	source, err := own.ReadFile("parts.html")
	if err != nil {
		panic(err) // it is embedded
	}
	out := map[words.Lang]*speaker{}
	for _, l := range words.Languages() {
		s := &speaker{lang: l}
		s.parts = template.Must(template.New("").Funcs(template.FuncMap{
			"lines": lines, "has": (*Form).Has, "t": s.t,
		}).Parse(into(l, string(source))))
		out[l] = s
	}
	return out
}()

func speakerOf(lang words.Lang) *speaker {
	if s, ok := speakers[lang]; ok {
		return s
	}
	return speakers[words.English]
}

// t is a text of ours in the page's language. It is never for what a person
// wrote.
func (s *speaker) t(text string) string { return s.lang.T(text) }

func (s *speaker) funcs() template.FuncMap {
	return template.FuncMap{
		"t":     s.t,
		"input": s.fieldPart("input"), "textarea": s.fieldPart("textarea"), "file": s.fieldPart("file"),
		"selectbox": s.optionPart("select"), "radios": s.optionPart("radios"), "checkboxes": s.optionPart("checkboxes"),
		"dateinput": s.dateInput, "hidden": s.hidden, "button": s.button,
		"care": s.care, "endcare": endCare, "card": s.card, "endcard": endCard,
		"details": s.details, "enddetails": endDetails, "warning": s.warning, "endwarning": endWarning,
		"inset": s.inset, "endinset": endInset, "alert": s.alert, "endalert": endAlert,
		"tag": s.tag, "summary": s.summary, "panel": s.panel, "pagination": s.pagination, "lines": lines,
		"date": s.date, "day": s.day, "clock": s.clock, "when": s.when, "stamp": s.stamp, "iso": iso, "nhs": NHS,
		"plural": s.plural, "asset": func(name string) string { return assetURL(name) },
	}
}

var assetURL = assets.Assets().URL

// part renders one of parts.html.
func (s *speaker) part(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := s.parts.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

// field is what a form field is drawn from.
type field struct {
	Form              *Form
	Name, Label       string
	Value, Error      string
	Options           []Option
	O                 map[string]string
	Day, Month, Year  string
	DescribedBy       string
	LabelClass, Class string
}

func (s *speaker) newField(form *Form, name, label string, pairs []string) (field, error) {
	if len(pairs)%2 != 0 {
		return field{}, fmt.Errorf("field %s: options come in pairs", name)
	}
	f := field{Form: form, Name: name, Label: s.t(label), Value: form.Value(name), Error: s.t(form.Error(name)), O: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		f.O[pairs[i]] = pairs[i+1]
	}
	f.O["hint"] = s.t(f.O["hint"])
	if size := f.O["label"]; size != "" {
		f.LabelClass = size
	}
	var by []string
	if f.O["hint"] != "" {
		by = append(by, name+"-hint")
	}
	if f.Error != "" {
		by = append(by, name+"-error")
	}
	f.DescribedBy = strings.Join(by, " ")
	return f, nil
}

func (s *speaker) fieldPart(kind string) func(*Form, string, string, ...string) (template.HTML, error) {
	return func(form *Form, name, label string, pairs ...string) (template.HTML, error) {
		f, err := s.newField(form, name, label, pairs)
		if err != nil {
			return "", err
		}
		return s.part(kind, f)
	}
}

func (s *speaker) optionPart(kind string) func(*Form, string, string, []Option, ...string) (template.HTML, error) {
	return func(form *Form, name, label string, options []Option, pairs ...string) (template.HTML, error) {
		f, err := s.newField(form, name, label, pairs)
		if err != nil {
			return "", err
		}
		for _, o := range options {
			f.Options = append(f.Options, Option{Value: o.Value, Text: s.t(o.Text), Hint: s.t(o.Hint)})
		}
		return s.part(kind, f)
	}
}

func (s *speaker) dateInput(form *Form, name, label string, pairs ...string) (template.HTML, error) {
	f, err := s.newField(form, name, label, pairs)
	if err != nil {
		return "", err
	}
	f.Day, f.Month, f.Year = form.Value(name+"-day"), form.Value(name+"-month"), form.Value(name+"-year")
	return s.part("date", f)
}

func (s *speaker) hidden(name, value string) (template.HTML, error) {
	return s.part("hidden", Option{Value: value, Text: name})
}

// button is a submit button; kind is "", "secondary", "reverse" or "warning".
// more may be a name and a value to send.
func (s *speaker) button(text, kind string, more ...string) (template.HTML, error) {
	b := struct{ Text, Kind, Name, Value string }{Text: s.t(text), Kind: kind}
	if len(more) == 2 {
		b.Name, b.Value = more[0], more[1]
	}
	return s.part("button", b)
}

// summary is a list of rows; their keys are ours, their values may be a
// person's own words and are left alone.
func (s *speaker) summary(rows []Row) (template.HTML, error) {
	said := make([]Row, len(rows))
	for i, r := range rows {
		r.Key = s.t(r.Key)
		said[i] = r
	}
	return s.part("summary", said)
}

func (s *speaker) tag(text, colour string) (template.HTML, error) {
	return s.part("tag", Option{Value: colour, Text: s.t(text)})
}

func (s *speaker) panel(title, text string) (template.HTML, error) {
	return s.part("panel", Option{Value: s.t(title), Text: text})
}

func (s *speaker) pagination(prevHref, prevLabel, nextHref, nextLabel string) (template.HTML, error) {
	return s.part("pagination", struct{ PrevHref, PrevLabel, NextHref, NextLabel string }{prevHref, s.t(prevLabel), nextHref, s.t(nextLabel)})
}

// lines keeps the new lines that a person typed.
func lines(s any) template.HTML {
	switch s := s.(type) {
	case template.HTML:
		return s
	case string:
		return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(s), "\n", "<br>")) //nolint:gosec // escaped
	default:
		return template.HTML(template.HTMLEscapeString(fmt.Sprint(s))) //nolint:gosec // escaped
	}
}

// Plural is "1 photo" or "3 photos".
func Plural(n int, one, many string) string { return speakers[words.English].plural(n, one, many) }

func (s *speaker) plural(n int, one, many string) string {
	return s.lang.Plural(n, "%d "+one, "%d "+many)
}
