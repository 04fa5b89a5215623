package form

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/words"
)

// Level is how much a note about a form matters.
type Level uint8

// The levels, from what stops a form to what is good to know.
const (
	Stops  Level = iota + 1 // it cannot be published like this
	Safety                  // a red-flag rule would see less: it is published only knowingly
	Warns                   // it is better mended
)

// Note is one thing that is to be said about a form before it is published.
type Note struct {
	Level Level
	Where string // the id of the page or question, "" for the form
	Text  string // one plain sentence
}

// Relied is an answer that a red-flag rule rests on.
type Relied struct{ Rule, Ask, Op, Value string }

// Guard is what the red-flag rules need of a form. The room of the rules gives
// it: this one knows no rule.
type Guard struct {
	Relies []Relied                   // on answers
	Finds  func(said string) []string // the rules that some words meet by themselves
}

// Lint says what is to be known before a form is published in the place of
// was, which is empty for a new form.
func Lint(f, was Form, g Guard) []Note {
	var out []Note
	if err := f.Whole(); err != nil {
		for _, e := range care.Fields(err) {
			out = append(out, Note{Stops, e.Where, e.Message})
		}
	}
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			if !f.Reached(a.ID) {
				out = append(out, Note{Stops, a.ID, "No answers lead to this question: its condition can never hold."})
			}
			out = append(out, hard(a.ID, "This question", a.English())...)
		}
	}
	out = append(out, hard("", "The whole form", f.English())...)
	out = append(out, g.blinded(f, was)...)
	if n := f.untranslated("cy"); n > 0 {
		out = append(out, Note{Warns, "", words.English.Plural(n, "%d text has no Welsh: it is shown in English.", "%d texts have no Welsh: they are shown in English.")})
	}
	slices.SortStableFunc(out, func(a, b Note) int { return cmp.Compare(a.Level, b.Level) })
	return out
}

func hard(where, what, text string) []Note {
	var out []Note
	r := words.Read(text)
	if r.Hard() {
		out = append(out, Note{Warns, where, fmt.Sprintf("%s is hard to read: for people aged %.0f and older. Write for people aged 9 to 11.", what, r.Age())})
	}
	if where != "" && r.LongestWords > words.LongestSentence {
		out = append(out, Note{Warns, where, fmt.Sprintf("A sentence here has %d words. Use %d or fewer.", r.LongestWords, words.LongestSentence)})
	}
	return out
}

// blinded says which rules would see less in f than they do in was.
func (g Guard) blinded(f, was Form) []Note {
	f, was = f.Tidy(), was.Tidy()
	var out []Note
	for _, p := range was.Pages {
		for _, a := range p.Asks {
			now, asked := f.Ask(a.ID)
			for _, r := range g.Relies {
				if r.Ask != a.ID || !a.can(r) {
					continue
				}
				switch {
				case !asked:
					out = append(out, g.lost(a, r.Rule, "is no longer asked"))
				case !now.can(r):
					out = append(out, g.lost(a, r.Rule, "no longer has the answer “"+a.Said([]string{r.Value}, "en")+"”"))
				case f.asksLess(was, a.ID):
					out = append(out, g.lost(a, r.Rule, "has another condition now"))
				}
			}
			out = append(out, g.unsaid(a, now)...)
		}
	}
	return dedupe(out)
}

// unsaid says which answers met a rule by their own words, and do not now.
func (g Guard) unsaid(was, now Ask) []Note {
	if g.Finds == nil {
		return nil
	}
	var out []Note
	said := map[string]string{}
	for _, o := range was.Options {
		said[o.Code] = o.Label["en"]
	}
	if was.Type == Boolean {
		said["true"] = strings.TrimSuffix(was.Text["en"], "?")
	}
	for code, s := range said {
		with := ""
		if o, ok := now.Option(code); ok {
			with = o.Label["en"]
		} else if now.Type == Boolean && code == "true" {
			with = strings.TrimSuffix(now.Text["en"], "?")
		}
		if with == s {
			continue
		}
		have := g.Finds(with)
		for _, rule := range g.Finds(s) {
			if !slices.Contains(have, rule) {
				out = append(out, g.lost(was, rule, "no longer says “"+s+"”"))
			}
		}
	}
	return out
}

func (g Guard) lost(a Ask, rule, how string) Note {
	return Note{Safety, a.ID, fmt.Sprintf("The red-flag rule %s looks at “%s”, which %s.", rule, a.Text["en"], how)}
}

// can tells whether a question can have the answer that a rule looks for.
func (a Ask) can(r Relied) bool {
	switch a.Type {
	case Choice, Several:
		return slices.ContainsFunc(a.Options, func(o Option) bool { return strings.EqualFold(o.Code, r.Value) })
	case Boolean:
		return r.Value == "true" || r.Value == "false"
	case Integer, Decimal:
		return a.Max == 0 || r.Op != ">=" || a.wrongNumber(r.Value) == ""
	}
	return true
}

// asksLess tells whether a question has a condition that it did not have: it
// may be asked of fewer people.
func (f Form) asksLess(was Form, id string) bool {
	now, before := f.conditions(id), was.conditions(id)
	return now != before && now != ""
}

// conditions is when a question is asked, page and question together.
func (f Form) conditions(id string) string {
	i, k := f.spot(id)
	if i < 0 {
		return ""
	}
	p := f.Pages[i]
	return strings.Trim(fmt.Sprint(p.When.line(), " ", p.Asks[k].When.line()), " ")
}

func (r Rule) line() string {
	var out []string
	for _, c := range r.Conditions {
		out = append(out, c.Ask+" "+c.Op+" "+c.Answer)
	}
	return strings.Join(out, map[bool]string{true: " & ", false: " | "}[r.All])
}

func dedupe(notes []Note) []Note {
	var out []Note
	for _, n := range notes {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b Note) int { return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Text, b.Text)) })
	return out
}

// untranslated counts the texts of a form that have no words in a language.
func (f Form) untranslated(lang words.Lang) int {
	n := 0
	count := func(w Words) {
		if w["en"] != "" && w[string(lang)] == "" && !lang.Has(w["en"]) {
			n++
		}
	}
	count(f.Title)
	count(f.Intro)
	for _, p := range f.Pages {
		count(p.Title)
		for _, a := range p.Asks {
			count(a.Text)
			count(a.Hint)
			for _, o := range a.Options {
				count(o.Label)
				count(o.Hint)
			}
		}
	}
	return n
}

// Blocks tells whether any note keeps a form from being published.
func Blocks(notes []Note) bool {
	return slices.ContainsFunc(notes, func(n Note) bool { return n.Level == Stops })
}

// Unsafe lists the notes that must be agreed with before it is published.
func Unsafe(notes []Note) []Note {
	var out []Note
	for _, n := range notes {
		if n.Level == Safety {
			out = append(out, n)
		}
	}
	return out
}
