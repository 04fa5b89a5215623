package form

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
)

// Asked lists the pages that are asked, given the answers so far, each with
// the questions that are asked on it. What is not asked does not count as
// answered, so it cannot hold another question open.
func (f Form) Asked(given Answers) []Page {
	live := Answers{}
	var out []Page
	for _, p := range f.Pages {
		if !p.When.holds(f, live) {
			continue
		}
		asked := p
		asked.Asks = nil
		for _, a := range p.Asks {
			if !a.When.holds(f, live) {
				continue
			}
			asked.Asks = append(asked.Asks, a)
			if v, ok := given[a.ID]; ok {
				live[a.ID] = v
			}
		}
		if len(asked.Asks) > 0 {
			out = append(out, asked)
		}
	}
	return out
}

// Kept are the answers to what is asked; those of questions that have closed
// again are left out.
func (f Form) Kept(given Answers) Answers {
	out := Answers{}
	for _, p := range f.Asked(given) {
		for _, a := range p.Asks {
			if v := given[a.ID]; len(v) > 0 {
				out[a.ID] = v
			}
		}
	}
	return out
}

func (r Rule) holds(f Form, given Answers) bool {
	if len(r.Conditions) == 0 {
		return true
	}
	for _, c := range r.Conditions {
		if c.holds(f, given) != r.All {
			return !r.All
		}
	}
	return r.All
}

// holds compares as FHIR does: with a question that has no answer only
// "exists false" holds.
func (c Condition) holds(f Form, given Answers) bool {
	values := given[c.Ask]
	if c.Op == "exists" {
		return (len(values) > 0) == (c.Answer != "false")
	}
	a, _ := f.Ask(c.Ask)
	return slices.ContainsFunc(values, func(v string) bool {
		n := compare(a.Type, v, c.Answer)
		switch c.Op {
		case "=":
			return n == 0
		case "!=":
			return n != 0
		case ">":
			return n > 0
		case "<":
			return n < 0
		case ">=":
			return n >= 0
		case "<=":
			return n <= 0
		}
		return false
	})
}

func compare(t Type, a, b string) int {
	if t == Integer || t == Decimal {
		x, err := strconv.ParseFloat(a, 64)
		y, err2 := strconv.ParseFloat(b, 64)
		if err == nil && err2 == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(a, b)
}

// Check says what is wrong with the answers to some questions, each fault at
// the question's id. now bounds dates: nobody was born tomorrow.
func Check(asks []Ask, given Answers, now time.Time) error {
	var f care.Faults
	for _, a := range asks {
		values := given[a.ID]
		if len(values) == 0 {
			if a.Required && a.Type != Display {
				f.Add(a.ID, "%s", a.missing())
			}
			continue
		}
		if len(values) > 1 && a.Type != Several {
			f.Add(a.ID, "Give one answer.")
			continue
		}
		for _, v := range values {
			if wrong := a.wrong(v, now); wrong != "" {
				f.Add(a.ID, "%s", wrong)
				break
			}
		}
	}
	return f.Err()
}

func (a Ask) missing() string {
	switch a.Type {
	case Choice, Boolean:
		return "Choose an answer."
	case Several:
		return "Choose at least one answer."
	case Date:
		return "Enter a date."
	case Integer, Decimal:
		return "Enter a number."
	}
	return "Write an answer."
}

// Longest is how long an answer may be where its question does not say, in
// characters.
const Longest = 4000

func (a Ask) wrong(v string, now time.Time) string {
	switch a.Type {
	case Text, String:
		if most := cmp.Or(a.Max, Longest); utf8.RuneCountInString(v) > most {
			return "Use " + strconv.Itoa(most) + " characters or fewer."
		}
		if a.Type == String && strings.ContainsAny(v, "\n") {
			return "Write this on one line."
		}
	case Choice, Several:
		if _, ok := a.Option(v); !ok {
			return "Choose one of the answers on the page."
		}
	case Boolean:
		if v != "true" && v != "false" {
			return "Choose yes or no."
		}
	case Date:
		d, err := time.Parse("2006-01-02", v)
		switch {
		case err != nil:
			return "Enter a real date, such as 27 3 1985."
		case d.Year() < now.Year()-130 || d.Year() > now.Year()+10:
			return "Check the year."
		}
	case Integer, Decimal:
		return a.wrongNumber(v)
	}
	return ""
}

func (a Ask) wrongNumber(v string) string {
	n, err := strconv.ParseFloat(v, 64)
	_, errInt := strconv.Atoi(v)
	switch {
	case err != nil || n != n || a.Type == Integer && errInt != nil:
		return "Enter a number, such as 3."
	case (a.Min != 0 || a.Max != 0) && n < float64(a.Min):
		return "Enter " + strconv.Itoa(a.Min) + " or more."
	case a.Max != 0 && n > float64(a.Max):
		return "Enter " + strconv.Itoa(a.Max) + " or less."
	}
	return ""
}

// Screened is what the rules look at: everything that is written, and what was
// written in words to questions that have closed again. Who wrote that they
// have chest pain has said so, whatever they ticked afterwards.
func (f Form) Screened(given Answers) []string {
	out := f.Written(given)
	kept := f.Kept(given)
	for _, p := range f.Pages {
		for _, a := range p.Asks {
			if _, asked := kept[a.ID]; !asked && (a.Type == Text || a.Type == String) {
				out = append(out, given[a.ID]...)
			}
		}
	}
	return out
}

// Written is everything that was written in words, in the order of the form:
// for the rules. Options count as written, in English.
func (f Form) Written(given Answers) []string {
	var out []string
	for _, p := range f.Asked(given) {
		for _, a := range p.Asks {
			switch a.Type {
			case Text, String:
				out = append(out, given[a.ID]...)
			case Choice, Several:
				out = append(out, a.Said(given[a.ID], "en"))
			case Boolean: // what was ticked is screened as the question says it
				if given.Get(a.ID) == "true" {
					out = append(out, strings.TrimSuffix(a.Text.In("en"), "?"))
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}
