package triage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Counts are how much a book of rules holds.
type Counts struct {
	Rules, Emergency, Urgent, Phrases, Examples, Reviewed int

	// How far the sources were looked up; the four make up Rules.
	ToRecommendation, ToGuideline, Own, Unconfirmed int
}

// Sources says in a sentence how far the sources were looked up.
func (c Counts) Sources() string {
	return fmt.Sprintf("Sources: %d confirmed to the recommendation, %d to the guideline, %d not confirmed; %d rules are our own and have none.",
		c.ToRecommendation, c.ToGuideline, c.Unconfirmed, c.Own)
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
		switch {
		case r.Confirmed == ToRecommendation:
			c.ToRecommendation++
		case r.Confirmed == ToGuideline:
			c.ToGuideline++
		case r.Own():
			c.Own++
		default:
			c.Unconfirmed++
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
	fmt.Fprintf(b, "Version %s: %d rules (%d emergency, %d urgent), %d phrases, %d examples; %d reviewed by a clinician.\n%s\n",
		Version(), c.Rules, c.Emergency, c.Urgent, c.Phrases, c.Examples, c.Reviewed, c.Sources())
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
	fmt.Fprintf(b, "Version `%s`: %d rules, %d for an emergency and %d for the same day, with %d phrases and %d examples. Of these, %d have been reviewed by a clinician; how well they do is in `triage-evaluation.md`. %s\n",
		Version(), c.Rules, c.Emergency, c.Urgent, c.Phrases, c.Examples, c.Reviewed, c.Sources())
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
