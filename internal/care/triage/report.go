package triage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Counts are how much a book of rules holds.
type Counts struct {
	Rules, Emergency, Urgent, Phrases, Examples, Reviewed, Numbered int
}

// Count counts rules, what they look for, and their examples.
func Count(rs []Rule) Counts {
	c := Counts{Rules: len(rs)}
	for _, r := range rs {
		if r.Level == Emergency.String() {
			c.Emergency++
		} else {
			c.Urgent++
		}
		if r.Reviewer != "" {
			c.Reviewed++
		}
		if r.Recommendation != "" {
			c.Numbered++
		}
		c.Phrases += r.phrases()
		c.Examples += len(r.Catch) + len(r.Pass) + len(r.When)
	}
	return c
}

func (r Rule) phrases() int {
	n := len(r.Any)
	for _, g := range r.Near {
		for _, l := range g.Words {
			n += len(l)
		}
	}
	return n
}

// Cited is the source with its recommendation, or that its number has not
// been checked.
func (r Rule) Cited() string {
	source := strings.TrimSuffix(r.Source, ".")
	switch {
	case r.Recommendation != "":
		return source + ", recommendation " + r.Recommendation + "."
	case strings.Contains(r.Source, "NICE"):
		return source + ". (The guideline is named; the number of the recommendation has not been checked.)"
	}
	return source + "."
}

// For is who a rule is for, "" for everybody.
func (r Rule) For() string {
	var out []string
	if r.Sex != "" {
		out = append(out, string(r.Sex)+" or not known")
	}
	if r.From != "" {
		out = append(out, "from "+r.From)
	}
	if r.To != "" {
		out = append(out, "under "+r.To)
	}
	if r.AgeSaid {
		out = append(out, "only when the age is known")
	}
	return strings.Join(out, ", ")
}

// Report prints every rule in plain text.
func Report(w io.Writer, rs []Rule) error {
	b := bufio.NewWriter(w)
	c := Count(rs)
	fmt.Fprintf(b, "Version %s: %d rules (%d emergency, %d urgent), %d phrases, %d examples; %d reviewed by a clinician.\n",
		Version(), c.Rules, c.Emergency, c.Urgent, c.Phrases, c.Examples, c.Reviewed)
	for _, r := range rs {
		fmt.Fprintf(b, "\n%s %s: %s\n  %s\n  Source: %s\n  Hazard: %s. File: %s. Phrases: %d.\n", r.ID, r.Title, r.Level, r.Catches, r.Cited(), r.Hazard, r.File, r.phrases())
		if who := r.For(); who != "" {
			fmt.Fprintf(b, "  For: %s.\n", who)
		}
		for _, e := range r.examples() {
			fmt.Fprintf(b, "  %s\n", e)
		}
	}
	return b.Flush()
}

// Markdown prints every rule as a page.
func Markdown(w io.Writer, rs []Rule) error {
	b := bufio.NewWriter(w)
	c := Count(rs)
	fmt.Fprintf(b, "# The red-flag rules\n\nMade by `go generate ./internal/care/triage` from `internal/care/triage/rules/`: change those, not this.\n\n")
	fmt.Fprintf(b, "Version `%s`: %d rules, %d for an emergency and %d for the same day, with %d phrases and %d examples. Of these, %d have been reviewed by a clinician, and %d name a recommendation by its number; how well they do is in `triage-evaluation.md`.\n",
		Version(), c.Rules, c.Emergency, c.Urgent, c.Phrases, c.Examples, c.Reviewed, c.Numbered)
	for _, r := range rs {
		fmt.Fprintf(b, "\n## %s %s\n\n**%s.** %s\n\nSource: %s Hazard: [%s](hazard/%s.md). File: `%s`, %d phrases.", r.ID, r.Title, capital(r.Level), r.Catches, r.Cited(), r.Hazard, r.Hazard, r.File, r.phrases())
		if who := r.For(); who != "" {
			fmt.Fprintf(b, " For: %s.", who)
		}
		fmt.Fprint(b, "\n\n")
		for _, e := range r.examples() {
			fmt.Fprintf(b, "- %s\n", e)
		}
	}
	return b.Flush()
}

// examples are the rule's own, in words.
func (r Rule) examples() []string {
	var out []string
	for _, s := range r.Catch {
		out = append(out, "finds: “"+s+"”")
	}
	for _, s := range r.Pass {
		out = append(out, "leaves: “"+s+"”")
	}
	for _, k := range r.When {
		out = append(out, k.String())
	}
	if r.Repeat != "" {
		out = append(out, "looks at contacts, not at words: "+r.Repeat)
	}
	return out
}

// String is "finds: “I have a temperature” with Capecitabine 500mg tablets".
func (k Known) String() string {
	verb := "finds"
	if k.Not {
		verb = "leaves"
	}
	s := verb + ": “" + k.Text + "”"
	known := append([]string{}, k.Record...)
	known = append(known, k.Answers...)
	for _, x := range []string{k.Age, string(k.Sex)} {
		if x != "" {
			known = append(known, x)
		}
	}
	if len(known) > 0 {
		s += " with " + strings.Join(known, ", ")
	}
	return s
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
