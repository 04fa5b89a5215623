package triage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

// Every rule finds what its file says it must, and leaves what it must leave.
func TestRuleExamples(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-007")
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
		for _, k := range r.When {
			if got := k.met(r.ID, inForce()); got == k.Not {
				t.Errorf("%s: %+v: found is %v", r.ID, k, got)
			}
		}
	}
}

func found(rule, text string) Finding {
	for _, f := range inForce().every(Input{Texts: []string{text}}) {
		if f.Rule == rule {
			return f
		}
	}
	return Finding{}
}

func level(rule, text string) Level { return found(rule, text).Level }

// Every rule says what it is for, where it comes from and which hazard it
// controls, and has examples both ways.
func TestRulesAreWhole(t *testing.T) {
	for _, r := range inForce().rules {
		if r.Title == "" || r.Catches == "" || r.Source == "" || !strings.HasSuffix(r.Catches, ".") {
			t.Errorf("%s: title, catches and source must be said", r.ID)
		}
		if _, err := os.Stat(filepath.Join(hazard.Root(t), "docs", "hazard", r.Hazard+".md")); err != nil {
			t.Errorf("%s: there is no hazard %q", r.ID, r.Hazard)
		}
		if !r.AgeSaid && len(r.When) == 0 && (len(r.Catch) < 2 || len(r.Pass) < 1) {
			t.Errorf("%s: %d examples to catch, %d to pass", r.ID, len(r.Catch), len(r.Pass))
		}
		if r.level == Emergency && r.Advice == "urgent" {
			t.Errorf("%s: an emergency needs advice of its own", r.ID)
		}
	}
}

// Advice is short, plain and says what to do first.
func TestAdviceIsPlain(t *testing.T) {
	for key, a := range inForce().advice {
		if a.Heading == "" || len(a.Heading) > 60 || len(a.Lines) == 0 || len(a.Lines) > 4 {
			t.Errorf("%s: heading %q, %d lines", key, a.Heading, len(a.Lines))
		}
		for _, l := range a.Lines {
			for s := range strings.SplitSeq(l, ". ") {
				if n := len(strings.Fields(s)); n > 25 {
					t.Errorf("%s: a sentence of %d words: %s", key, n, s)
				}
			}
		}
	}
}

// A mistake in a rule file is found when it is read, and named.
func TestBadRules(t *testing.T) {
	const good = "[advice.urgent]\nheading=\"x\"\n[[rule]]\nid=\"RF-001\"\nlevel=\"urgent\"\nany=[\"x\"]\n"
	file := func(s string) []File { return []File{{"a.toml", []byte(s)}} }
	if _, wrong := compile(file(good)); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for what, s := range map[string]string{
		"no id":            strings.Replace(good, "RF-001", "RF-1", 1),
		"twice":            good + "[[rule]]\nid=\"RF-001\"\nlevel=\"urgent\"\nany=[\"x\"]\n",
		"no level":         strings.Replace(good, "urgent\"\nany", "grave\"\nany", 1),
		"no phrases":       strings.Replace(good, "any=[\"x\"]", "", 1),
		"an empty phrase":  strings.Replace(good, "[\"x\"]", "[\"the of\"]", 1),
		"no such set":      strings.Replace(good, "[\"x\"]", "[\"{x}\"]", 1),
		"no such advice":   good + "advice=\"x\"\n",
		"a bad age":        good + "to=\"soon\"\n",
		"a misspelt field": good + "cacth=[\"x\"]\n",
		"not TOML":         "rule",
	} {
		if _, wrong := compile(file(s)); len(wrong) == 0 {
			t.Errorf("%s: taken", what)
		}
	}
}
