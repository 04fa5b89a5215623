package triage

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Problem is something wrong with a rule file.
type Problem struct {
	Rule string // "RF-001", or "" when it is of a file
	Text string
}

// String is "RF-001: it has no source".
func (p Problem) String() string {
	if p.Rule == "" {
		return p.Text
	}
	return p.Rule + ": " + p.Text
}

// Lint reads a folder of rule files (rules/*.toml) and says all that is wrong
// with them; nothing, when they may be used. hazard tells whether a hazard is
// known.
func Lint(from fs.FS, hazard func(id string) bool) []Problem {
	b, err := compile(from)
	if err != nil {
		return []Problem{{"", err.Error()}}
	}
	var out []Problem
	for i := range b.rules {
		out = append(out, b.rules[i].lint(hazard)...)
		out = append(out, b.shadowed(i)...)
	}
	return append(append(out, b.unused()...), b.test()...)
}

// Test tries every example of the rules in a folder, and counts them.
func Test(from fs.FS) (examples int, wrong []Problem) {
	b, err := compile(from)
	if err != nil {
		return 0, []Problem{{"", err.Error()}}
	}
	for _, r := range b.rules {
		examples += len(r.Catch) + len(r.Pass) + len(r.When)
	}
	return examples, b.test()
}

func (r *compiled) lint(hazard func(string) bool) []Problem {
	var out []Problem
	say := func(bad bool, text string) {
		if bad {
			out = append(out, Problem{r.ID, text})
		}
	}
	say(r.Title == "", "it has no title")
	say(!strings.HasSuffix(r.Catches, "."), "what it catches is not a sentence")
	say(r.Source == "", "it has no source")
	say(!hazard(r.Hazard), fmt.Sprintf("there is no hazard %q", r.Hazard))
	say(r.level == Emergency && r.Advice == "urgent", "an emergency needs advice of its own")
	say(!r.AgeSaid && len(r.When) == 0 && (len(r.Catch) < 2 || len(r.Pass) < 1), "it needs two examples to catch and one to pass")
	say(r.to > 0 && r.from >= r.to, "nobody is of the ages that it is for")
	say((r.Reviewed == "") != (r.Reviewer == ""), "a review has a day and a reviewer")
	for _, g := range r.Near {
		say(len(g.Words) < 2, "a group of one list is what any is for")
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
			out = append(out, Problem{r.ID, fmt.Sprintf("%q is there twice", p)})
		}
		seen[key] = true
	}
	for p := range seen {
		for end := strings.LastIndex(p, " "); end > 0; end = strings.LastIndex(p[:end], " ") {
			short := strings.TrimRight(p[:end], " .")
			if seen[short] {
				out = append(out, Problem{r.ID, fmt.Sprintf("%q hides %q", short, p)})
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
	text := all.String()
	var out []Problem
	for _, k := range slices.Sorted(maps.Keys(b.sets)) {
		if !strings.Contains(text, "{"+k+"}") {
			out = append(out, Problem{"", "no rule uses the set " + k})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.facts)) {
		if !strings.Contains(text, "@"+k+"\n") {
			out = append(out, Problem{"", "no rule uses the fact " + k})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b.advice)) {
		if !advice[k] && k != "urgent" {
			out = append(out, Problem{"", "no rule uses the advice " + k})
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
				out = append(out, Problem{r.ID, fmt.Sprintf("does not find %q", s)})
			}
		}
		for _, s := range r.Pass {
			if (Known{Text: s}).met(r.ID, b) {
				out = append(out, Problem{r.ID, fmt.Sprintf("finds %q", s)})
			}
		}
		for _, k := range r.When {
			if k.met(r.ID, b) == k.Not {
				out = append(out, Problem{r.ID, fmt.Sprintf("is wrong about %q with what is known", k.Text)})
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
	for _, f := range b.screen(in) {
		if f.Rule == rule {
			return true
		}
	}
	return false
}
