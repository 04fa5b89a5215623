package message

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

// Template is a message that the practice sends often.
type Template struct {
	ID     string  `toml:"id"`
	Title  string  `toml:"title"`
	Body   string  `toml:"body"`   // plain words with {field} places
	Welsh  string  `toml:"welsh"`  // the same in Welsh; "" for none
	Fields []Field `toml:"fields"` // for staff to fill in, in order
	Awaits bool    `toml:"awaits"` // it asks the patient for something
	Many   bool    `toml:"many"`   // anybody may read it: it may go to many

	Shipped bool   `toml:"-"` // it came with the program
	Off     bool   `toml:"-"` // it is in no list but the manager's
	Version string `toml:"-"` // of what the practice keeps; "" as shipped
}

// Field is one place in a template.
type Field struct {
	Name    string `toml:"name"`
	Label   string `toml:"label"`
	Default string `toml:"default"`
}

//go:embed templates.toml
var templatesTOML string

var builtIn = func() []Template {
	var f struct {
		Template []Template `toml:"template"`
	}
	if _, err := toml.Decode(templatesTOML, &f); err != nil {
		panic(err) // part of the program, read by a test
	}
	for i := range f.Template {
		t := &f.Template[i]
		t.Body, t.Welsh, t.Shipped = strings.TrimSpace(t.Body), strings.TrimSpace(t.Welsh), true
	}
	return f.Template
}()

// Shipped lists the templates that come with the program.
func Shipped() []Template { return slices.Clone(builtIn) }

// In is the text in a language, in English where it has none.
func (t Template) In(lang words.Lang) string {
	if lang == words.Welsh && t.Welsh != "" {
		return t.Welsh
	}
	return t.Body
}

// place is where a value goes.
var place = regexp.MustCompile(`\{([a-z][a-z-]*)\}`)

// Blank is the first place of a text that nobody has filled in, "" for none.
func Blank(text string) string { return place.FindString(text) }

// What a template may have at most.
const (
	mostFields  = 8
	longestMany = 600 // characters of one that goes to many: three or four text messages
)

// Check says what is wrong with a template, each fault at its field of the
// form: "title", "body", "welsh", "field-0".
func (t Template) Check() error {
	var f care.Faults
	if t.Title == "" || utf8.RuneCountInString(t.Title) > 80 {
		f.Add("title", "Give it a name of up to 80 letters.")
	}
	own := t.checkFields(&f)
	t.checkText(&f, "body", t.Body, own)
	if t.Body == "" {
		f.Add("body", "Write the message.")
	}
	if t.Welsh != "" {
		t.checkText(&f, "welsh", t.Welsh, own)
		if !slices.Equal(places(t.Body), places(t.Welsh)) {
			f.Add("welsh", "The Welsh must have the same places in braces as the English.")
		}
	}
	used := places(t.Body)
	for i, x := range t.Fields {
		if !slices.Contains(used, x.Name) && x.Name != "" {
			f.Add(fieldAt(i), "{%s} is not in the message.", x.Name)
		}
	}
	return f.Err()
}

// checkFields checks what staff fill in, and gives the names.
func (t Template) checkFields(f *care.Faults) (own []string) {
	if len(t.Fields) > mostFields {
		f.Add("body", "A template has at most %d places for staff to fill in.", mostFields)
	}
	if t.Many && len(t.Fields) > 0 {
		f.Add("many", "What goes to many has nothing for staff to fill in.")
	}
	for i, x := range t.Fields {
		switch {
		case place.FindString("{"+x.Name+"}") != "{"+x.Name+"}" || len(x.Name) > 30:
			f.Add(fieldAt(i), "The name of a place has small letters and hyphens, at most 30.")
		case isMerged(x.Name):
			f.Add(fieldAt(i), "{%s} is filled in from the record. Use another name.", x.Name)
		case slices.Contains(own, x.Name):
			f.Add(fieldAt(i), "{%s} is there twice.", x.Name)
		case x.Label == "" || utf8.RuneCountInString(x.Label) > 80 || utf8.RuneCountInString(x.Default) > 300:
			f.Add(fieldAt(i), "Say in a few words what goes into {%s}.", x.Name)
		}
		own = append(own, x.Name)
	}
	return own
}

func fieldAt(i int) string { return "field-" + string(rune('0'+i%10)) }

func (t Template) checkText(f *care.Faults, where, text string, own []string) {
	most := longest
	if t.Many {
		most = longestMany
	}
	if n := utf8.RuneCountInString(text); n > most {
		f.Add(where, "This is %d characters too long. It can have up to %d.", n-most, most)
	}
	for _, name := range places(text) {
		switch {
		case t.Many && !slices.Contains(forMany, name):
			f.Add(where, "{%s} cannot stand in a message to many. Use {%s}.", name, strings.Join(forMany, "}, {"))
		case !isMerged(name) && !slices.Contains(own, name):
			f.Add(where, "{%s} is not a place that anything fills in. Choose one from the list, or add it to what staff fill in.", name)
		}
	}
	if rest := place.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
		f.Add(where, "Write { and } only around the name of a place, such as {given}.")
	}
}

// places are the names of the places of a text, each once, in order of name.
func places(text string) []string {
	var out []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Fill puts values into a template; a place that is missing or empty is a
// fault that names it ("field-advice"). What is put in is never a place
// itself.
func (t Template) Fill(lang words.Lang, values map[string]string) (string, error) {
	var f care.Faults
	text := t.In(lang)
	for _, name := range places(text) {
		if strings.TrimSpace(values[name]) == "" {
			f.Add("field-"+name, "Fill in: %s", t.label(name))
		}
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	return put(text, values), nil
}

func (t Template) label(name string) string {
	for _, x := range append(slices.Clone(t.Fields), Merged...) {
		if x.Name == name {
			return x.Label
		}
	}
	return name
}

// Begin is a template with what is known filled in; the rest stays in braces
// for the writer.
func (t Template) Begin(lang words.Lang, known map[string]string) string {
	values := map[string]string{}
	for _, x := range t.Fields {
		values[x.Name] = x.Default
	}
	for name, v := range known {
		values[name] = v
	}
	return put(t.In(lang), values)
}

func put(text string, values map[string]string) string {
	return place.ReplaceAllStringFunc(text, func(s string) string {
		if v := strings.TrimSpace(values[strings.Trim(s, "{}")]); v != "" {
			return v
		}
		return s
	})
}
