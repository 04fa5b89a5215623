package triage

import (
	"cmp"
	"slices"
)

// Reliance is an answer of a form that a rule rests on.
type Reliance struct {
	Rule, Title string // the rule
	Link        string // the linkId of the question
	Op, Value   string // "=", ">=" or "<=", and what it is compared with
}

// Relies lists the answers that the rules in force rest on, in order of
// question and rule: a form that stops asking one of them blinds its rules.
func Relies() []Reliance {
	var out []Reliance
	for _, a := range inForce().asked {
		if a.rule < 0 {
			continue
		}
		r := Reliance{Rule: inForce().rules[a.rule].ID, Title: inForce().rules[a.rule].Title, Link: a.link, Op: a.op, Value: a.value}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(x, y Reliance) int {
		return cmp.Or(cmp.Compare(x.Link, y.Link), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Value, y.Value))
	})
	return out
}
