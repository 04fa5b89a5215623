package triage

import (
	"regexp"
	"slices"
	"sort"
	"sync"
)

// Book is a set of rules beside those of the program: a practice's own. It is
// compiled apart, so that its words can never change what the program's rules
// find.
type Book struct{ b *book }

// LocalName is the name of a practice's own rule file in what is wrong with it.
const LocalName = "own rules"

// mostLocal is how many rules of its own a practice may have.
const mostLocal = 100

var (
	localID    = regexp.MustCompile(`^LR-\d{3}$`)
	hazardForm = regexp.MustCompile(`^H-\d{3}$`)
)

// Local compiles a practice's own rules: a rule file with nothing but rules,
// which may use the sets, facts and advice of the program. The book is nil
// when anything is wrong.
func Local(src string) (*Book, []Problem) {
	own, wrong := parse([]File{{LocalName, []byte(src)}})
	if len(wrong) > 0 {
		return nil, wrong
	}
	if out := own.onlyRules(); len(out) > 0 {
		return nil, out
	}
	b, wrong := compileOwn(own.Rule)
	if len(wrong) > 0 {
		return nil, wrong
	}
	if wrong = b.faults(); len(wrong) > 0 {
		return nil, wrong
	}
	return &Book{b}, nil
}

// compileOwn compiles rules with the sets, facts and advice of the program.
func compileOwn(rules []Rule) (*book, []Problem) {
	base := program()
	return compileSource(source{
		Rule: rules, Set: base.Set, Fact: base.Fact, Advice: base.Advice, Spelling: base.Spelling, Lookalike: base.Lookalike,
	})
}

// program is what the program's own files say, read once. Nobody changes it.
var program = sync.OnceValue(func() source {
	all, _ := parse(Files()) // they are part of the program, and a test reads them
	return all
})

// faults are what is wrong with rules that compile: what they do not say of
// themselves, and examples that are not met.
func (b *book) faults() (wrong []Problem) {
	for i := range b.rules {
		wrong = append(wrong, b.rules[i].lint(hazardForm.MatchString)...)
		wrong = append(wrong, b.bare(b.rules[i].Rule)...)
	}
	return append(wrong, b.test()...)
}

// onlyRules refuses what could change what other rules find.
func (all *source) onlyRules() (out []Problem) {
	if len(all.Set)+len(all.Fact)+len(all.Advice)+len(all.Spelling)+len(all.Problem)+len(all.Lookalike.Phrases) > 0 {
		out = append(out, Problem{File: LocalName, Text: "only rules can be added, not sets, facts, advice, spellings, problems or lookalikes"})
	}
	if len(all.Rule) > mostLocal {
		out = append(out, Problem{File: LocalName, Text: "there are more than 100 rules"})
	}
	for _, r := range all.Rule {
		if !localID.MatchString(r.ID) {
			out = append(out, r.problem("id", "the id of a rule of your own is LR- and three digits"))
		}
		if r.Repeat != "" || len(r.Again) > 0 {
			out = append(out, r.problem("again", "a rule of your own looks at words, and is always shown"))
		}
	}
	return out
}

// Screen finds the rules of the book that are met. A nil book has none.
func (k *Book) Screen(in Input) []Finding {
	if k == nil {
		return nil
	}
	return k.b.screen(in)
}

// Rules lists the rules of the book, by id.
func (k *Book) Rules() []Rule {
	if k == nil {
		return nil
	}
	out := make([]Rule, len(k.b.rules))
	for i, r := range k.b.rules {
		out[i] = r.Rule
	}
	return out
}

// ScreenAlso finds the program's rules and those of a practice's own book
// that are met, worst first. The book can only add.
func ScreenAlso(in Input, own *Book) []Finding {
	out := append(Screen(in), own.Screen(in)...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].Level > out[j].Level })
	return slices.Clip(out)
}
