package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

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
// Others: tag "Text" "colour"; summary rows; panel "Title" "Text"; pagination
// prevHref prevLabel nextHref nextLabel; lines text; date, day, clock, when,
// stamp, iso (times); nhs (an NHS number, 3-3-4); plural n "one" "many"; asset name.
func base() *template.Template {
	return template.New("").Funcs(funcs)
}

var funcs = template.FuncMap{
	"input": input, "textarea": textarea, "selectbox": selectBox, "radios": radios,
	"checkboxes": checkboxes, "dateinput": dateInput, "file": fileInput, "hidden": hidden, "button": button,
	"care": care, "endcare": endCare, "card": card, "endcard": endCard,
	"details": details, "enddetails": endDetails, "warning": warning, "endwarning": endWarning,
	"inset": inset, "endinset": endInset, "alert": alert, "endalert": endAlert,
	"tag": tag, "summary": summary, "panel": panel, "pagination": pagination, "lines": lines,
	"date": Date, "day": Day, "clock": Clock, "when": When, "stamp": Stamp, "iso": iso, "nhs": nhs,
	"plural": Plural, "asset": func(name string) string { return assetURL(name) },
}

var assetURL = assets.Assets().URL

var parts = template.Must(template.New("").Funcs(template.FuncMap{
	"lines": lines, "has": (*Form).Has,
}).ParseFS(own, "parts.html"))

// part renders one of parts.html.
func part(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := parts.ExecuteTemplate(&b, name, data); err != nil {
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

func newField(form *Form, name, label string, pairs []string) (field, error) {
	if len(pairs)%2 != 0 {
		return field{}, fmt.Errorf("field %s: options come in pairs", name)
	}
	f := field{Form: form, Name: name, Label: label, Value: form.Value(name), Error: form.Error(name), O: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		f.O[pairs[i]] = pairs[i+1]
	}
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

func fieldPart(kind string) func(*Form, string, string, ...string) (template.HTML, error) {
	return func(form *Form, name, label string, pairs ...string) (template.HTML, error) {
		f, err := newField(form, name, label, pairs)
		if err != nil {
			return "", err
		}
		return part(kind, f)
	}
}

func optionPart(kind string) func(*Form, string, string, []Option, ...string) (template.HTML, error) {
	return func(form *Form, name, label string, options []Option, pairs ...string) (template.HTML, error) {
		f, err := newField(form, name, label, pairs)
		if err != nil {
			return "", err
		}
		f.Options = options
		return part(kind, f)
	}
}

var (
	input      = fieldPart("input")
	textarea   = fieldPart("textarea")
	fileInput  = fieldPart("file")
	selectBox  = optionPart("select")
	radios     = optionPart("radios")
	checkboxes = optionPart("checkboxes")
)

func dateInput(form *Form, name, label string, pairs ...string) (template.HTML, error) {
	f, err := newField(form, name, label, pairs)
	if err != nil {
		return "", err
	}
	f.Day, f.Month, f.Year = form.Value(name+"-day"), form.Value(name+"-month"), form.Value(name+"-year")
	return part("date", f)
}

func hidden(name, value string) (template.HTML, error) {
	return part("hidden", Option{Value: value, Text: name})
}

// button is a submit button; kind is "", "secondary", "reverse" or "warning".
// more may be a name and a value to send.
func button(text, kind string, more ...string) (template.HTML, error) {
	b := struct{ Text, Kind, Name, Value string }{Text: text, Kind: kind}
	if len(more) == 2 {
		b.Name, b.Value = more[0], more[1]
	}
	return part("button", b)
}

func summary(rows []Row) (template.HTML, error) { return part("summary", rows) }

func tag(text, colour string) (template.HTML, error) {
	return part("tag", Option{Value: colour, Text: text})
}

func panel(title, text string) (template.HTML, error) {
	return part("panel", Option{Value: title, Text: text})
}

func pagination(prevHref, prevLabel, nextHref, nextLabel string) (template.HTML, error) {
	return part("pagination", struct{ PrevHref, PrevLabel, NextHref, NextLabel string }{prevHref, prevLabel, nextHref, nextLabel})
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
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
