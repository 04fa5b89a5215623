package patient

import (
	"context"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

// formAsk is one question as a page draws it.
type formAsk struct {
	ID, Type, Label, Hint string
	Options               []page.Option
	Max                   string // of characters
	Size, H1              string // of the label
}

// pick takes the form for the kind of request and the person it is for, as
// the practice asks it now. Answers to the same questions are kept.
func (v visit) pick(ctx context.Context, d *draft) error {
	forms, err := form.Active(ctx, v.practice)
	if err != nil {
		return err
	}
	f, ok := form.Pick(forms, string(d.Kind), d.whom(v))
	if !ok {
		return errNoSuch
	}
	if f.Canonical() != d.Form.Canonical() {
		for _, p := range d.Form.Pages {
			delete(d.Done, nameOfPage(d.Form, p.ID))
		}
	}
	d.Form = f
	return nil
}

// childUntil is the age in years from which somebody is asked as an adult.
const childUntil = 16

// whom is for which sort of person the form is.
func (d *draft) whom(v visit) string {
	birth := d.Birth
	if birth == "" {
		birth = d.Identity.Birth
	}
	b, ok := words.Birth(birth)
	switch {
	case d.Carer && d.Asker == request.Self: // of any age: a young carer too
		return "carer"
	case ok && words.Years(b, v.now) < childUntil:
		return "child"
	case d.Asker == request.Proxy:
		return "someone-else"
	}
	return "adult"
}

// stepWord tells whether an address could be a step of a form: of one that
// this browser is not filling in, nothing more is known.
func stepWord(name string) bool {
	for _, f := range form.Shipped() {
		if (&draft{Form: f}).asks(name) {
			return true
		}
	}
	_, fixed := stepPages[name]
	return fixed && name != "start" && name != "form"
}

// asks tells whether the form has such a page.
func (d *draft) asks(name string) bool {
	for _, p := range d.Form.Pages {
		if nameOfPage(d.Form, p.ID) == name {
			return true
		}
	}
	return false
}

// nameOfPage is a page's step: its question's id when it has one, else its
// own.
func nameOfPage(f form.Form, id string) string {
	if p, ok := f.Page(id); ok && len(p.Asks) == 1 {
		return p.Asks[0].ID
	}
	return id
}

// all is every step of this draft, the pages of its form as they stand now
// among those around it.
func (d *draft) all() []step {
	var out []step
	for _, s := range steps {
		out = append(out, s)
		if s.name == "kind" {
			for _, p := range d.Form.Asked(d.Answers) {
				out = append(out, d.stepFor(p))
			}
		}
	}
	return out
}

func (d *draft) stepFor(p form.Page) step {
	return step{
		name: nameOfPage(d.Form, p.ID), page: p.ID,
		fill: func(d *draft) *page.Form { return fillForm(p.Asks, d.Answers) },
		save: func(v visit, d *draft, f *page.Form) { d.answer(p.ID, f, v.now) },
		done: func(d *draft) bool { return form.Check(p.Asks, d.Answers, d.Started) == nil },
	}
}

// stepOf is the step that a field of the ledger is on.
func (d *draft) stepOf(field string) string {
	for _, p := range d.Form.Pages {
		for _, a := range p.Asks {
			if a.ID == field {
				return nameOfPage(d.Form, p.ID)
			}
		}
	}
	return stepOf[field]
}

// now is a page with the questions that are asked on it, given the answers.
func (d *draft) now(id string) form.Page {
	for _, p := range d.Form.Asked(d.Answers) {
		if p.ID == id {
			return p
		}
	}
	return form.Page{}
}

// draw puts a page of the form on the page.
func (d *draft) draw(out *askPage, id, lang string) {
	p := d.now(id)
	out.Asks, out.Shown, out.Heading = drawn(p, lang), strings.Join(ids(p.Asks), " "), ""
	if len(p.Asks) > 1 {
		out.Heading = p.Title.In(lang)
	}
	if len(d.Form.Pages) > 0 && d.Form.Pages[0].ID == id {
		out.Intro, out.BSL, out.Easy = d.Form.Intro.In(lang), d.Form.BSL, d.Form.Easy
	}
}

func ids(asks []form.Ask) []string {
	var out []string
	for _, a := range asks {
		out = append(out, a.ID)
	}
	return out
}

func drawn(p form.Page, lang string) []formAsk {
	var out []formAsk
	for _, a := range p.Asks {
		x := formAsk{ID: a.ID, Type: string(a.Type), Label: a.Text.In(lang), Hint: a.Hint.In(lang), Size: "m"}
		if len(p.Asks) == 1 {
			x.Size, x.H1 = "l", "yes"
		}
		if a.Type == form.Text {
			x.Max = strconv.Itoa(limit(a))
		}
		for _, o := range a.Options {
			x.Options = append(x.Options, page.Option{Value: o.Code, Text: o.Label.In(lang), Hint: o.Hint.In(lang)})
		}
		if a.Type == form.Boolean {
			x.Options = []page.Option{{Value: "true", Text: form.Yes(lang)}, {Value: "false", Text: form.No(lang)}}
		}
		out = append(out, x)
	}
	return out
}

func limit(a form.Ask) int {
	if a.Max > 0 {
		return a.Max
	}
	return form.Longest
}

// fillForm is the page's form with what was answered before.
func fillForm(asks []form.Ask, given form.Answers) *page.Form {
	f := page.NewForm(nil)
	for _, a := range asks {
		if a.Type == form.Date {
			y, m, day := cut(given.Get(a.ID))
			f.Set(a.ID+"-year", y)
			f.Set(a.ID+"-month", strings.TrimLeft(m, "0"))
			f.Set(a.ID+"-day", strings.TrimLeft(day, "0"))
			continue
		}
		for _, v := range given[a.ID] {
			f.Values.Add(a.ID, v)
		}
	}
	return f
}

// answer takes what was sent for a page of the form, and says what is wrong
// with it. What is asked on the page can hang on answers that came with it.
func (d *draft) answer(id string, f *page.Form, now time.Time) {
	if d.Answers == nil {
		d.Answers = form.Answers{}
	}
	whole, _ := d.Form.Page(id)
	shown := " " + f.Value("shown") + " "
	for _, a := range whole.Asks {
		if f.Value("shown") != "" && !strings.Contains(shown, " "+a.ID+" ") {
			continue // it was not on the page: what was said before stays
		}
		if values := answerIn(a, f); len(values) > 0 {
			d.Answers[a.ID] = values
		} else {
			delete(d.Answers, a.ID)
		}
	}
	for _, e := range care.Fields(form.Check(d.seen(id, f), d.Answers, now)) {
		if f.Error(e.Where) == "" {
			f.Fail(e.Where, e.Message)
		}
	}
}

// seen are the questions of a page that are asked and were on it.
func (d *draft) seen(id string, f *page.Form) []form.Ask {
	shown := f.Value("shown")
	var out []form.Ask
	for _, a := range d.now(id).Asks {
		if shown == "" || strings.Contains(" "+shown+" ", " "+a.ID+" ") {
			out = append(out, a)
		}
	}
	return out
}

// more tells whether the answers of a page ask more on it.
func (d *draft) more(id string, f *page.Form) bool {
	return len(d.seen(id, f)) < len(d.now(id).Asks)
}

// answerIn reads the answer to one question.
func answerIn(a form.Ask, f *page.Form) []string {
	switch a.Type {
	case form.Display:
		return nil
	case form.Several:
		return f.Values[a.ID]
	case form.Date:
		if f.Value(a.ID+"-day")+f.Value(a.ID+"-month")+f.Value(a.ID+"-year") == "" {
			return nil
		}
		t := f.Date(a.ID, "the date")
		if t.IsZero() {
			return nil
		}
		return []string{t.Format("2006-01-02")}
	}
	if s := request.CleanText(f.Value(a.ID)); s != "" {
		return []string{s}
	}
	return nil
}
