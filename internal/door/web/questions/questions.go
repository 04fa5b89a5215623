// Package questions asks a form that came with a message, all of it on one
// page, for patients who are signed in or who came by a link.
//
// What comes in: a form, and what was sent. What goes out: its questions as a
// page draws them, and the answers. Questions that follow from others are
// asked once those are answered: the page then comes back with them. It must
// never drop what was typed.
package questions

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
)

//go:embed asks.html
var own embed.FS

// With are a page's files and beside them asks.html, the part that draws the
// questions of a page that has Form and Asks.
func With(files fs.FS) fs.FS { return both{files} }

type both struct{ fs.FS }

// Open gives the part from here and anything else from the page's files.
func (b both) Open(name string) (fs.File, error) {
	if name == "asks.html" {
		return own.Open(name)
	}
	return b.FS.Open(name)
}

// Ask is one question as a page draws it.
type Ask struct {
	ID, Type, Label, Hint, Max string
	Options                    []page.Option
}

// Draw gives the questions that are asked, given the answers so far.
func Draw(f form.Form, given form.Answers, lang string) []Ask {
	var out []Ask
	for _, p := range f.Asked(given) {
		for _, a := range p.Asks {
			x := Ask{ID: a.ID, Type: string(a.Type), Label: a.Text.In(lang), Hint: a.Hint.In(lang)}
			if a.Type == form.Text {
				x.Max = strconv.Itoa(max(a.Max, 0))
				if a.Max <= 0 {
					x.Max = strconv.Itoa(form.Longest)
				}
			}
			for _, o := range a.Options {
				x.Options = append(x.Options, page.Option{Value: o.Code, Text: o.Label.In(lang), Hint: o.Hint.In(lang)})
			}
			if a.Type == form.Boolean {
				x.Options = []page.Option{{Value: "true", Text: form.Yes(lang)}, {Value: "false", Text: form.No(lang)}}
			}
			out = append(out, x)
		}
	}
	return out
}

// In reads the answers that were sent to any question of the form.
func In(f form.Form, sent *page.Form) form.Answers {
	out := form.Answers{}
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			switch a.Type {
			case form.Display:
				continue
			case form.Date:
				if strings.TrimSpace(sent.Value(a.ID+"-day")+sent.Value(a.ID+"-month")+sent.Value(a.ID+"-year")) == "" {
					continue
				}
				if t := sent.Date(a.ID, "the date"); !t.IsZero() {
					out[a.ID] = []string{t.Format("2006-01-02")}
				}
				continue
			}
			for _, v := range sent.Values[a.ID] {
				if v = request.CleanText(v); v != "" {
					out[a.ID] = append(out[a.ID], v)
				}
			}
		}
	}
	return out
}
