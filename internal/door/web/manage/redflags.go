package manage

import (
	"net/http"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
)

type redFlagsPage struct {
	Form            *page.Form
	Action, Version string
	Saved           bool
	Example         string
	Tried           bool
	Of              int // requests that the rules were tried on
	Weeks           int
	Met             []ruleMet
	Not, Less       []brokenRule // rules that are not in force, and that may find less than they should
}

// brokenRule is a rule of the practice's own that was saved and no longer does
// what it should.
type brokenRule struct {
	Name string
	Why  []string
}

// broken are the rules of a setting that do not work as they should.
func broken(s ruleset.Setting) (not, less []brokenRule) {
	for _, b := range s.Broken {
		row := brokenRule{Name: strings.TrimSpace(b.ID + " " + b.Title)}
		if row.Name == "" {
			row.Name = "Part of the file, of which not even the id can be read"
		}
		for _, p := range b.Why {
			p.File, p.Rule = "", ""
			row.Why = append(row.Why, p.String())
		}
		if b.Works {
			less = append(less, row)
		} else {
			not = append(not, row)
		}
	}
	return not, less
}

// ruleMet is how often a rule of the practice's own would have been met, and
// how often nothing of the program was.
type ruleMet struct {
	ID, Title  string
	Met, Alone int
}

var redFlagsTemplate = page.New[redFlagsPage](files, "redflags.html")

// tryWeeks and tryMost bound the requests that new rules are tried on.
const (
	tryWeeks = 4
	tryMost  = 1000
)

// ownExample is what a practice's own rule looks like.
const ownExample = `[[rule]]
id = "LR-001"
title = "Works at the smelter and has a metal taste"
level = "urgent"
catches = "Possible fume fever among workers of the smelter."
source = "Our own, agreed by the partners in May 2026."
hazard = "H-002"
any = ["smelter .. metal taste", "metal taste .. smelter"]
catch = ["I work at the smelter and have a metal taste", "metal taste since my smelter shift"]
pass = ["I work at the smelter and need a fit note"]`

// redFlags is where a manager sets for how long a contact counts as the same
// problem again, and adds rules.
func (m *Manage) redFlags(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	s, err := ruleset.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	form := page.NewForm(map[string]string{"days": strconv.Itoa(s.Days), "own": s.Own, "version": s.Version})
	return m.showRedFlags(w, r, v, redFlagsPage{Form: form, Saved: r.FormValue("done") == "saved"}, http.StatusOK)
}

func (m *Manage) showRedFlags(w http.ResponseWriter, r *http.Request, v visit, p redFlagsPage, status int) error {
	saved, err := ruleset.Load(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p.Not, p.Less = broken(saved)
	p.Action, p.Version, p.Example, p.Weeks = v.base()+"red-flags", p.Form.Value("version"), ownExample, tryWeeks
	f := m.frame(r, v, "Red flags here", "red-flags")
	f.Form = p.Form
	return redFlagsTemplate.Render(w, r, status, f, p)
}

// redFlagsDo tries what was typed on the last weeks' requests, or saves it.
func (m *Manage) redFlagsDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 4*ruleset.MostOwn)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(strings.TrimSpace(form.Value("days")))
	if err != nil {
		days = -1 // which is refused
	}
	s := ruleset.Setting{Days: days, Own: strings.TrimSpace(strings.ReplaceAll(form.Value("own"), "\r\n", "\n")), Version: form.Value("version")}
	if form.Value("do") == "try" {
		return m.tryRedFlags(w, r, v, form, s)
	}
	if err = ruleset.Save(r.Context(), v.practice, v.Author(""), s); err == nil {
		http.Redirect(w, r, v.base()+"red-flags?done=saved", http.StatusSeeOther)
		return nil
	}
	return m.refusedRedFlags(w, r, v, form, err)
}

// tryRedFlags shows how often each rule would have been met. It shows counts,
// and nobody's words.
func (m *Manage) tryRedFlags(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, s ruleset.Setting) error {
	if err := s.Check(); err != nil {
		return m.refusedRedFlags(w, r, v, form, err)
	}
	past, err := request.Written(r.Context(), v.practice, v.now.AddDate(0, 0, -7*tryWeeks), tryMost)
	if err != nil {
		return err
	}
	p := redFlagsPage{Form: form, Tried: true, Of: len(past)}
	at := map[string]int{}
	for i, rule := range s.Rules() {
		at[rule.ID] = i
		p.Met = append(p.Met, ruleMet{ID: rule.ID, Title: rule.Title})
	}
	for _, in := range past {
		alone := triage.Worst(triage.Screen(in)) == 0
		for _, f := range s.OwnOnly(in) {
			met := &p.Met[at[f.Rule]]
			met.Met++
			if alone {
				met.Alone++
			}
		}
	}
	return m.showRedFlags(w, r, v, p, http.StatusOK)
}

func (m *Manage) refusedRedFlags(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, err error) error {
	status, err := refused(form, err, "own")
	if err != nil {
		return err
	}
	return m.showRedFlags(w, r, v, redFlagsPage{Form: form}, status)
}
