package form

import (
	"slices"
	"strconv"
)

// mostTries bounds the answers that are tried to reach a question.
const mostTries = 50_000

// Reached tells whether there are answers under which a question is asked. It
// tries those that its condition rests on, and those that these rest on. Where
// there are too many to try, it says that there are.
func (f Form) Reached(id string) bool {
	rests := f.restsOn(id)
	choices := make([][]string, len(rests))
	tries := 1
	for i, q := range rests {
		choices[i] = f.tried(q)
		if tries *= len(choices[i]); tries > mostTries {
			return true
		}
	}
	given := Answers{}
	return f.try(id, rests, choices, given)
}

func (f Form) try(id string, rests []string, choices [][]string, given Answers) bool {
	if len(rests) == 0 {
		for _, p := range f.Asked(given) {
			if slices.ContainsFunc(p.Asks, func(a Ask) bool { return a.ID == id }) {
				return true
			}
		}
		return false
	}
	for _, v := range choices[0] {
		delete(given, rests[0])
		if v != "" {
			given[rests[0]] = []string{v}
		}
		if f.try(id, rests[1:], choices[1:], given) {
			return true
		}
	}
	delete(given, rests[0])
	return false
}

// restsOn lists the questions that decide whether one is asked.
func (f Form) restsOn(id string) []string {
	var out []string
	todo := []string{id}
	for len(todo) > 0 {
		i, k := f.spot(todo[0])
		todo = todo[1:]
		if i < 0 {
			continue
		}
		for _, c := range append(slices.Clone(f.Pages[i].When.Conditions), f.Pages[i].Asks[k].When.Conditions...) {
			if !slices.Contains(out, c.Ask) {
				out, todo = append(out, c.Ask), append(todo, c.Ask)
			}
		}
	}
	return out
}

// tried are the answers to a question that conditions can tell apart, no
// answer ("") among them.
func (f Form) tried(id string) []string {
	a, ok := f.Ask(id)
	out := []string{""}
	if !ok {
		return out
	}
	switch a.Type {
	case Boolean:
		return append(out, "true", "false")
	case Choice, Several:
		for _, o := range a.Options {
			out = append(out, o.Code)
		}
		return out
	}
	for _, p := range f.Pages {
		rules := []Rule{p.When}
		for _, x := range p.Asks {
			rules = append(rules, x.When)
		}
		for _, r := range rules {
			for _, c := range r.Conditions {
				if c.Ask == id {
					out = append(out, near(a, c.Answer)...)
				}
			}
		}
	}
	return append(out, "other")
}

// near is a value, and for a number those on both sides of it.
func near(a Ask, v string) []string {
	out := []string{v}
	if n, err := strconv.Atoi(v); err == nil && (a.Type == Integer || a.Type == Decimal) {
		for _, x := range []int{n - 1, n + 1} {
			if s := strconv.Itoa(x); a.wrongNumber(s) == "" {
				out = append(out, s)
			}
		}
	}
	return out
}
