package manage

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/clocks"
	"heartwood/internal/care/request"
	"heartwood/internal/care/routing"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
	"heartwood/internal/words"
)

type clocksPage struct {
	Action, Version string
	Form            *page.Form
	Rows            []clockRow
	Dues            []page.Option
	Saved, Changed  bool
	Open            int // requests that are open now
	Past            int // of the trials, those whose time would be over
	Trials          []clockTrial
	More            int // trials that are not listed
}

// clockRow is one rule of the form; one for nothing is none.
type clockRow struct {
	N                int
	What, Due, Error string
	Choices          []page.Option
}

type clockTrial struct{ Reference, Kind, Was, Now, Rule string }

var clocksTemplate = page.New[clocksPage](files, "clocks.html")

const (
	spareClocks = 3  // empty rows at the end of the form
	mostTrials  = 30 // that are listed
)

var clockDues = []page.Option{
	{Value: "0", Text: "The same day"},
	{Value: "60", Text: "Within 1 hour of opening time"},
	{Value: "120", Text: "Within 2 hours of opening time"},
	{Value: "240", Text: "Within 4 hours of opening time"},
}

func (m *Manage) clocks(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := clocks.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	return m.showClocks(w, r, v, s, clocksPage{Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

// clocksDo tries the rules on what is open, or keeps them.
func (m *Manage) clocksDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	choices, err := clockChoices(r.Context(), v)
	if err != nil {
		return err
	}
	s := clocksOf(form, choices)
	if err = s.Check(); err == nil && form.Value("do") == "save" {
		if err = clocks.Save(r.Context(), v.practice, v.Author(""), s); err == nil {
			http.Redirect(w, r, v.base()+"clocks?done=saved", http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "rule-0")
	if err != nil {
		return err
	}
	return m.showClocks(w, r, v, s, clocksPage{Form: form, Changed: true}, status)
}

// clocksOf reads the form; rows for nothing are left out.
func clocksOf(form *page.Form, choices []page.Option) clocks.Setting {
	s := clocks.Setting{Version: form.Value("version")}
	for i := range 50 {
		key := form.Value(fmt.Sprint("what-", i))
		if key == "" {
			continue
		}
		rule, _ := clocks.Parse(key) // what is no key has no name, and is refused
		for _, c := range choices {
			if c.Value == key {
				rule.Name = c.Text[strings.Index(c.Text, ": ")+2:]
			}
		}
		var err error
		if rule.Minutes, err = strconv.Atoi(form.Value(fmt.Sprint("due-", i))); err != nil {
			rule.Minutes = -1 // refused
		}
		s.Rules = append(s.Rules, rule)
	}
	return s
}

// clockChoices are what a rule can be for, each as "Kind: A fit note".
func clockChoices(ctx context.Context, v visit) ([]page.Option, error) {
	var out []page.Option
	add := func(w clocks.What, of, text string) {
		out = append(out, page.Option{Value: clocks.Rule{What: w, Of: of}.Key(), Text: text})
	}
	for _, k := range request.Kinds {
		add(clocks.Kind, string(k), "Kind: "+k.Label())
	}
	staff, err := routing.LoadStaff(ctx, v.practice, v.now)
	if err != nil {
		return nil, err
	}
	for _, t := range staff.Teams {
		add(clocks.Team, t.Ref, "With the team: "+t.Name)
	}
	var jobs []string
	for _, p := range staff.People {
		if p.Job != "" && !slices.Contains(jobs, p.Job) {
			jobs = append(jobs, p.Job)
		}
	}
	slices.Sort(jobs)
	for _, j := range jobs {
		add(clocks.Job, j, "With somebody who is a: "+j)
	}
	for _, r := range triage.Rules() {
		add(clocks.Flag, r.ID, "Red flag "+r.ID+": "+r.Title)
	}
	return out, nil
}

func (m *Manage) showClocks(w http.ResponseWriter, r *http.Request, v visit, s clocks.Setting, p clocksPage, status int) error {
	choices, err := clockChoices(r.Context(), v)
	if err != nil {
		return err
	}
	p.Action, p.Version, p.Dues = v.base()+"clocks", s.Version, dues(s)
	for i, rule := range s.Rules {
		row := clockRow{N: i, What: rule.Key(), Due: strconv.Itoa(rule.Minutes), Error: p.Form.Error(fmt.Sprint("rule-", i)), Choices: choices}
		if !slices.ContainsFunc(choices, func(o page.Option) bool { return o.Value == row.What }) { // a team or job that is no more
			row.Choices = append([]page.Option{{Value: row.What, Text: "No longer here: " + rule.Name}}, choices...)
		}
		p.Rows = append(p.Rows, row)
	}
	for range spareClocks {
		p.Rows = append(p.Rows, clockRow{N: len(p.Rows), Due: "0", Choices: choices})
	}
	if s.Check() == nil {
		if err := p.try(r.Context(), v, s); err != nil {
			return err
		}
	}
	f := m.frame(r, v, "Answered sooner", "clocks")
	f.Form = p.Form
	return clocksTemplate.Render(w, r, status, f, p)
}

// dues are the choices of how soon, with those that somebody has set.
func dues(s clocks.Setting) []page.Option {
	out := slices.Clone(clockDues)
	for _, r := range s.Rules {
		value := strconv.Itoa(r.Minutes)
		if r.Minutes > 0 && !slices.ContainsFunc(out, func(o page.Option) bool { return o.Value == value }) {
			out = append(out, page.Option{Value: value, Text: upper(r.Due())})
		}
	}
	return out
}

// try puts on the page what the rules would have made of what is open now.
func (p *clocksPage) try(ctx context.Context, v visit, s clocks.Setting) error {
	open, trials, err := request.TryClocks(ctx, v.practice, s)
	if err != nil {
		return err
	}
	p.Open = open
	for i, t := range trials {
		if t.Past {
			p.Past++
		}
		if i >= mostTrials {
			p.More++
			continue
		}
		p.Trials = append(p.Trials, clockTrial{
			Reference: t.Reference, Kind: t.Kind.Label(), Rule: t.Rule.Say(),
			Was: words.When(t.Was, v.now), Now: words.When(t.AnswerBy, v.now),
		})
	}
	return nil
}
