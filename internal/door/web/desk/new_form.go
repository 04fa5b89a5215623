package desk

import (
	"cmp"
	"context"
	"slices"

	"heartwood/internal/care/form"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
)

// question is one question of a form as staff ask it: on one page, short.
type question struct {
	ID, Type, Label, Problem, Value string
	Options                         []option
	Follows                         bool // it is asked only after some answers
}

// formFor is the form that the practice asks for a kind of request of a
// patient: the same one that they would be asked online.
func (d *Desk) formFor(ctx context.Context, v visit, kind, patient string) (form.Form, error) {
	forms, err := form.Active(ctx, v.practice)
	if err != nil {
		return form.Form{}, err
	}
	whom := "adult"
	if in, err := request.PersonOf(ctx, v.practice, "Patient/"+patient); err == nil && in.Age.Known && in.Age.Days < 16*365 {
		whom = "child"
	}
	f, _ := form.Pick(forms, kind, whom)
	return f, nil
}

// answersIn reads what was typed to a form's questions.
func answersIn(f form.Form, typed *page.Form) form.Answers {
	out := form.Answers{}
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			for _, s := range typed.Values[a.ID] {
				if s = request.CleanText(s); s != "" {
					out[a.ID] = append(out[a.ID], s)
				}
			}
		}
	}
	return out
}

// stray are questions that were answered although what they follow from does
// not ask them: nothing that was typed is dropped in silence.
func stray(f form.Form, given form.Answers) []string {
	kept := f.Kept(given)
	var out []string
	for id := range given {
		if _, ok := kept[id]; !ok {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// elsewhere tells whether something was typed to a question of the form that
// was shown which the form for the kind that is chosen now does not have.
func (d *Desk) elsewhere(ctx context.Context, v visit, now form.Form, typed *page.Form) bool {
	shown := typed.Value("form")
	if shown == "" || shown == now.Canonical() {
		return false
	}
	was, ok, err := form.Find(ctx, v.practice, shown)
	if err != nil || !ok {
		return false
	}
	for id := range answersIn(was, typed) {
		if _, ok := now.Ask(id); !ok {
			return true
		}
	}
	return false
}

// ask puts the questions of the form on the page, but for the words, which
// have a field of their own.
func (p *newPage) ask(f form.Form) {
	p.FormName = f.Canonical()
	for _, pg := range f.Pages {
		for _, a := range pg.Asks {
			if a.ID == "what" || a.Type == form.Display {
				continue
			}
			q := question{
				ID: a.ID, Type: string(a.Type), Label: a.Text.In("en"), Problem: p.Problem(a.ID), Value: p.Typed(a.ID),
				Follows: len(pg.When.Conditions)+len(a.When.Conditions) > 0,
			}
			options := a.Options
			if a.Type == form.Boolean {
				options = []form.Option{{Code: "true", Label: form.Words{"en": "Yes"}}, {Code: "false", Label: form.Words{"en": "No"}}}
			}
			if len(options) > 0 && a.Type != form.Several {
				q.Type = "choice"
				q.Options = append(q.Options, option{Label: "Not asked"})
			}
			for _, o := range options {
				q.Options = append(q.Options, option{Value: o.Code, Label: o.Label.In("en"), Chosen: slices.Contains(p.typed[a.ID], o.Code)})
			}
			p.Questions = append(p.Questions, q)
		}
	}
}

// kindOr is the kind that was chosen, else the first.
func kindOr(kind string) string { return cmp.Or(kind, string(request.Kinds[0])) }
