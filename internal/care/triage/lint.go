package triage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Problem is something wrong with a rule file.
type Problem struct {
	File  string // "brain.toml", or "" when it is of all of them
	Rule  string // "RF-001", or "" when it is of the file
	Field string // "source", or ""
	Text  string
}

// String is "brain.toml: RF-010: source: it is missing".
func (p Problem) String() string {
	var at []string
	for _, s := range []string{p.File, p.Rule, p.Field, p.Text} {
		if s != "" {
			at = append(at, s)
		}
	}
	return strings.Join(at, ": ")
}

// Lint reads rule files together and says all that is wrong with them;
// nothing, when they may be used. hazard tells whether a hazard is known.
func Lint(files []File, hazard func(id string) bool) []Problem {
	b, out := compile(files)
	if len(out) > 0 {
		return out
	}
	for i := range b.rules {
		out = append(out, b.rules[i].lint(hazard)...)
		out = append(out, b.shadowed(i)...)
		out = append(out, b.bare(b.rules[i].Rule)...)
		out = append(out, b.againKnown(b.rules[i].Rule)...)
	}
	for i := range b.repeats {
		out = append(out, b.repeats[i].lint(hazard)...)
	}
	return append(append(out, b.unused()...), b.test()...)
}

// Test tries every example of rule files, and counts them.
func Test(files []File) (rules, examples int, wrong []Problem) {
	b, wrong := compile(files)
	if len(wrong) > 0 {
		return 0, 0, wrong
	}
	for _, r := range b.rules {
		examples += len(r.Catch) + len(r.Pass) + len(r.When)
	}
	return len(b.rules), examples, b.test()
}

// checks are what a rule must say of itself.
type checks struct {
	rule Rule
	out  []Problem
}

func (c *checks) say(bad bool, field, text string) {
	if bad {
		c.out = append(c.out, c.rule.problem(field, text))
	}
}

// lint checks what every rule must say of itself.
func (r Rule) lint(hazard func(string) bool) []Problem {
	c := checks{rule: r}
	c.say(r.Title == "", "title", "it is missing")
	c.say(r.Source == "", "source", "it is missing")
	c.say(!strings.HasSuffix(r.Catches, "."), "catches", "it is not a sentence")
	c.say(!hazard(r.Hazard), "hazard", fmt.Sprintf("there is no hazard %q", r.Hazard))
	c.say((r.Reviewed == "") != (r.Reviewer == ""), "reviewed", "a review has a day and a reviewer")
	c.lintCheck()
	return c.out
}

func (r *compiled) lint(hazard func(string) bool) []Problem {
	c := checks{rule: r.Rule, out: r.Rule.lint(hazard)}
	c.say(r.level == Emergency && r.Advice == "urgent", "advice", "an emergency needs advice of its own")
	c.say(!r.AgeSaid && len(r.When) == 0 && (len(r.Catch) < 2 || len(r.Pass) < 1), "catch", "it needs two examples to catch and one to pass")
	c.say(r.AgeSaid && len(r.When) == 0, "when", "it needs examples of an age")
	c.say(r.to > 0 && r.from >= r.to, "to", "nobody is of the ages that it is for")
	for _, g := range r.Near {
		c.say(len(g.Words) < 2, "together", "a group of one list is what any is for")
	}
	return c.out
}

// againKnown checks that the rules beside which one says nothing new are
// there, and not below it: what is graver is never left out for what is less.
func (b *book) againKnown(r Rule) (out []Problem) {
	for _, id := range r.Again {
		known := id == "*" || slices.ContainsFunc(b.rules, func(c compiled) bool { return c.ID == id && id != r.ID })
		if !known {
			out = append(out, r.problem("again", fmt.Sprintf("there is no other rule %q", id)))
		}
	}
	return out
}

// bare names phrases of several words of which only one counts, the others
// being passed over: "scared of her" is any "scared", "been to" any "to".
func (b *book) bare(r Rule) (out []Problem) {
	check := func(field string, phrases []string) {
		for _, p := range phrases {
			if n := len(strings.Fields(p)); n < 2 || strings.ContainsAny(p, "~@?!") {
				continue
			}
			if steps, err := b.phrase(p); err == nil && len(steps) == 1 {
				out = append(out, r.problem(field, fmt.Sprintf("%q is only one word that counts", p)))
			}
		}
	}
	check("any", r.Any)
	for _, g := range r.Near {
		for _, list := range g.Words {
			check("together", list)
		}
	}
	return out
}

// shadowed names phrases that can never matter, because a shorter one of the
// same list is met wherever they are.
func (b *book) shadowed(n int) []Problem {
	r := b.rules[n].Rule
	seen := map[string]bool{}
	var out []Problem
	for _, p := range r.Any {
		key := strings.Join(strings.Fields(p), " ")
		if seen[key] {
			out = append(out, r.problem("any", fmt.Sprintf("%q is there twice", p)))
		}
		seen[key] = true
	}
	for p := range seen {
		for end := strings.LastIndex(p, " "); end > 0; end = strings.LastIndex(p[:end], " ") {
			short := strings.TrimRight(p[:end], " .")
			if seen[short] {
				out = append(out, r.problem("any", fmt.Sprintf("%q hides %q", short, p)))
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b Problem) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// unused names sets, facts and advice that no rule uses.
func (b *book) unused() []Problem {
	var all strings.Builder
	advice := map[string]bool{}
	for _, r := range b.rules {
		advice[r.Advice] = true
		all.WriteString(strings.Join(r.Any, "\n") + "\n")
		for _, g := range r.Near {
			for _, l := range g.Words {
				all.WriteString(strings.Join(l, "\n") + "\n")
			}
		}
	}
	for _, f := range b.facts {
		all.WriteString(strings.Join(f.Words, "\n") + "\n")
	}
	all.WriteString(strings.Join(b.passed, "\n"))
	text := all.String()
	var out []Problem
	for _, k := range slices.Sorted(maps.Keys(b.sets)) {
		if !strings.Contains(text, "{"+k+"}") {
			out = append(out, Problem{Field: "set " + k, Text: "no rule uses it"})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.facts)) {
		if !strings.Contains(text, "@"+k+"\n") {
			out = append(out, Problem{Field: "fact " + k, Text: "no rule uses it"})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.advice)) {
		if !advice[k] && k != "urgent" {
			out = append(out, Problem{Field: "advice " + k, Text: "no rule uses it"})
		}
	}
	return out
}

// test tries the examples.
func (b *book) test() []Problem {
	var out []Problem
	for _, r := range b.rules {
		for _, s := range r.Catch {
			if !(Known{Text: s}).met(r.ID, b) {
				out = append(out, r.problem("catch", fmt.Sprintf("it does not find %q", s)))
			}
		}
		for _, s := range r.Pass {
			if (Known{Text: s}).met(r.ID, b) {
				out = append(out, r.problem("pass", fmt.Sprintf("it finds %q", s)))
			}
		}
		for _, k := range r.When {
			if k.met(r.ID, b) == k.Not {
				out = append(out, r.problem("when", fmt.Sprintf("it is wrong about %q with what is known", k.Text)))
			}
		}
	}
	return out
}

// met tells whether a rule finds an example.
func (k Known) met(rule string, b *book) bool {
	in := Input{Texts: []string{k.Text}, Record: k.Record, Sex: k.Sex}
	if days, ok := parseAge(k.Age); ok && k.Age != "" {
		in.Age = Age{Days: days, Known: true}
	}
	if len(k.Answers) > 0 {
		in.Answers = Answers{}
	}
	for _, a := range k.Answers {
		link, value, _ := strings.Cut(a, "=")
		in.Answers[link] = append(in.Answers[link], value)
	}
	for _, f := range b.every(in) {
		if f.Rule == rule {
			return true
		}
	}
	return false
}
