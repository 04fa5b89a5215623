package triage

import (
	"testing"
)

// Every rule finds what its file says it must, and leaves what it must leave.
func TestRuleExamples(t *testing.T) {
	for _, r := range Rules() {
		for _, s := range r.Catch {
			if level(r.ID, s) == 0 {
				t.Errorf("%s does not find %q", r.ID, s)
			}
		}
		for _, s := range r.Pass {
			if level(r.ID, s) != 0 {
				t.Errorf("%s finds %q in %q", r.ID, found(r.ID, s).Words, s)
			}
		}
	}
}

func found(rule, text string) Finding {
	for _, f := range Screen(Input{Texts: []string{text}}) {
		if f.Rule == rule {
			return f
		}
	}
	return Finding{}
}

func level(rule, text string) Level { return found(rule, text).Level }
