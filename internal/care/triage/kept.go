package triage

import (
	"regexp"
	"slices"
	"strings"
)

// Broken is a rule of a practice's own that was in order when it was saved and
// is not now: after a change of what rules are made of, perhaps.
type Broken struct {
	ID, Title string // as far as they can be read; "" where not
	Works     bool   // it is still looked for: only its examples, or what it says of itself, are at fault
	Why       []Problem
}

var (
	// ruleStart begins a rule in a file.
	ruleStart = regexp.MustCompile(`(?m)^[ \t]*\[\[[ \t]*rule[ \t]*\]\]`)
	idLine    = regexp.MustCompile(`(?m)^[ \t]*id[ \t]*=[ \t]*"([^"\n]*)"`)
	titleLine = regexp.MustCompile(`(?m)^[ \t]*title[ \t]*=[ \t]*"([^"\n]*)"`)
)

// Kept compiles a practice's own rules that were saved earlier, as far as they
// can still be used, and names every one that cannot, or not as it was meant:
// one that is broken never takes the others away, and is never let go of in
// silence. The book is nil when no rule is left.
func Kept(src string) (*Book, []Broken) {
	if b, wrong := Local(src); len(wrong) == 0 {
		return b, nil
	}
	rules, broken := readEach(src)
	_, wrong := compileOwn(rules)
	rules = slices.DeleteFunc(rules, func(r Rule) bool {
		why := of(wrong, r.ID)
		if len(why) > 0 {
			broken = append(broken, Broken{ID: r.ID, Title: r.Title, Why: why})
		}
		return len(why) > 0
	})
	if len(rules) == 0 {
		return nil, broken
	}
	b, wrong := compileOwn(rules)
	if len(wrong) > 0 { // what is not of one rule: nothing of the file can be trusted
		return nil, append(broken, Broken{Why: wrong})
	}
	wrong = b.faults()
	for _, r := range b.rules {
		if why := of(wrong, r.ID); len(why) > 0 {
			broken = append(broken, Broken{ID: r.ID, Title: r.Title, Works: true, Why: why})
		}
	}
	return &Book{b}, broken
}

// readEach reads each rule of a file by itself, and gives those that can be.
func readEach(src string) (rules []Rule, broken []Broken) {
	seen := map[string]bool{}
	for _, block := range blocks(src) {
		own, wrong := parse([]File{{LocalName, []byte(block)}})
		if len(wrong) == 0 {
			wrong = own.onlyRules()
		}
		if len(wrong) == 0 && len(own.Rule) == 1 && seen[own.Rule[0].ID] {
			wrong = append(wrong, own.Rule[0].problem("id", "there are two of this id"))
		}
		if len(wrong) > 0 {
			broken = append(broken, Broken{ID: first(idLine, block), Title: first(titleLine, block), Why: wrong})
			continue
		}
		for _, r := range own.Rule {
			seen[r.ID] = true
			rules = append(rules, r)
		}
	}
	return rules, broken
}

// blocks are the rules of a file as text, and what stands before the first.
func blocks(src string) (out []string) {
	from := 0
	for _, at := range ruleStart.FindAllStringIndex(src, -1) {
		out = append(out, src[from:at[0]])
		from = at[0]
	}
	return slices.DeleteFunc(append(out, src[from:]), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func first(form *regexp.Regexp, in string) string {
	if m := form.FindStringSubmatch(in); m != nil {
		return m[1]
	}
	return ""
}

// of are the problems of one rule.
func of(wrong []Problem, id string) (out []Problem) {
	for _, p := range wrong {
		if p.Rule == id {
			out = append(out, p)
		}
	}
	return out
}
