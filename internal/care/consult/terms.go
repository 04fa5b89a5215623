package consult

import (
	_ "embed"
	"slices"
	"strings"
)

// Snomed is the system of the built-in terms.
const Snomed = "http://snomed.info/sct"

// The built-in terms are a short list for the demonstration; an installation
// loads the release that it is licensed for.

//go:embed problems.txt
var problemList string

//go:embed substances.txt
var substanceList string

var problems, substances = terms(problemList), terms(substanceList)

// terms reads lines of code, tab, term.
func terms(s string) []Concept {
	var out []Concept
	for line := range strings.Lines(s) {
		code, term, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok {
			out = append(out, Concept{System: Snomed, Code: code, Term: term})
		}
	}
	return out
}

// Pick finds terms of the built-in set that begin with or contain what was
// typed, best first, at most max. Free text is always allowed besides.
func Pick(typed string, max int) []Concept { return pick(problems, typed, max) }

// PickSubstance is Pick for what people are allergic to.
func PickSubstance(typed string, max int) []Concept { return pick(substances, typed, max) }

func pick(from []Concept, typed string, max int) []Concept {
	words := strings.Fields(strings.ToLower(typed))
	if len(words) == 0 || max <= 0 {
		return nil
	}
	type hit struct {
		c    Concept
		rank int
	}
	var hits []hit
	for _, c := range from {
		if r, ok := rank(strings.ToLower(c.Term), words); ok {
			hits = append(hits, hit{c, r})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return len(a.c.Term) - len(b.c.Term)
	})
	out := make([]Concept, 0, min(max, len(hits)))
	for _, h := range hits[:min(max, len(hits))] {
		out = append(out, h.c)
	}
	return out
}

// rank is lower for a better match: the term begins with what was typed, its
// words do, or it contains it.
func rank(term string, words []string) (int, bool) {
	worst := 0
	for i, w := range words {
		switch {
		case i == 0 && strings.HasPrefix(term, w):
		case strings.Contains(" "+term, " "+w):
			worst = max(worst, 1)
		case strings.Contains(term, w):
			worst = max(worst, 2)
		default:
			return 0, false
		}
	}
	return worst, true
}

// Known finds a built-in term by its code, for forms that send only that.
func Known(code string) (c Concept, ok bool) {
	for _, set := range [][]Concept{problems, substances} {
		if i := slices.IndexFunc(set, func(c Concept) bool { return c.Code == code }); i >= 0 {
			return set[i], true
		}
	}
	return Concept{}, false
}
