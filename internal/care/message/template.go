package message

import (
	_ "embed"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"heartwood/internal/care"
)

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
		f.Template[i].Body = strings.TrimSpace(f.Template[i].Body)
	}
	return f.Template
}()

// Templates lists the built-in templates, in the order of a page.
func Templates() []Template { return builtIn }

// TemplateOf finds a template by its id.
func TemplateOf(id string) (Template, bool) {
	for _, t := range builtIn {
		if t.ID == id {
			return t, true
		}
	}
	return Template{}, false
}

var place = regexp.MustCompile(`\{([a-z]+)\}`)

// Fill puts values into a template; a field that is missing or empty is a
// fault that names it ("field-advice"). What is put in is never a place
// itself.
func (t Template) Fill(values map[string]string) (string, error) {
	var f care.Faults
	for _, x := range t.Fields {
		if strings.TrimSpace(values[x.Name]) == "" {
			f.Add("field-"+x.Name, "Fill in: %s", x.Label)
		}
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	return place.ReplaceAllStringFunc(t.Body, func(s string) string {
		return strings.TrimSpace(values[strings.Trim(s, "{}")])
	}), nil
}
