package ruleset_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var (
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: "manager"}
)

const own = `[[rule]]
id = "LR-001"
title = "Smelter"
level = "urgent"
catches = "Fume fever."
source = "Our own."
hazard = "H-002"
any = ["smelter .. metal taste", "metal taste .. smelter"]
catch = ["I work at the smelter and have a metal taste", "metal taste since my smelter shift"]
pass = ["I work at the smelter and need a fit note"]
`

func TestSaveAndScreen(t *testing.T) {
	p := memory.Practice(t, "Z99901", nil)
	in := triage.Input{Texts: []string{"at the smelter I get a metal taste"}}
	s := ruleset.Current(ctx, p)
	if s.Window() != 14*24*time.Hour || len(s.Screen(in)) != 0 {
		t.Fatalf("before it is set: %v, %v", s.Window(), s.Screen(in))
	}
	s.Days, s.Own = 21, own
	if err := ruleset.Save(ctx, p, manager, s); err != nil {
		t.Fatal(err)
	}
	if err := ruleset.Save(ctx, p, manager, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("over a version that is gone: %v", err)
	}
	s = ruleset.Current(ctx, p)
	f := s.Screen(in)
	if s.Window() != 21*24*time.Hour || len(f) != 1 || f[0].Rule != "LR-001" || f[0].Level != triage.Urgent || f[0].Advice.Heading == "" {
		t.Errorf("%v, %+v", s.Window(), f)
	}
}

// What is wrong with what was typed is said by field, and nothing is kept.
func TestCheck(t *testing.T) {
	for what, c := range map[string]struct {
		days  int
		own   string
		field string
	}{
		"too few days":         {2, "", "days"},
		"too many":             {61, own, "days"},
		"not TOML":             {14, "rule", "own"},
		"an id of the program": {14, strings.Replace(own, "LR-001", "RF-001", 1), "own"},
		"no source":            {14, strings.Replace(own, "source", "catches_", 1), "own"},
		"an example not met":   {14, strings.Replace(own, "metal taste since", "metal smell since", 1), "own"},
		"a lookalike":          {14, own + "[lookalike]\nphrases = [\"chest pain\"]\n", "own"},
		"a set":                {14, "[set]\npain = [\"x\"]\n" + own, "own"},
		"too long":             {14, strings.Repeat("#", ruleset.MostOwn+1), "own"},
	} {
		s := ruleset.Setting{Days: c.days, Own: c.own}
		err := s.Check()
		if err == nil || care.Fields(err)[0].Where != c.field {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A rule of a practice's own can only add: what the program finds is found
// with it too, at the same level or above.
func TestOwnRulesOnlyRaise(t *testing.T) {
	hazard.Covers(t, "H-002")
	var texts []string
	for _, r := range triage.Rules() {
		texts = append(texts, r.Catch...)
	}
	s := ruleset.Setting{Days: 14, Own: strings.ReplaceAll(own, "metal taste", "chset pian")}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := triage.Input{Texts: []string{rapid.SampledFrom(texts).Draw(t, "text"), rapid.SampledFrom([]string{"", "smelter, chset pian"}).Draw(t, "own")}}
		alone, with := triage.Screen(in), s.Screen(in)
		if triage.Worst(with) < triage.Worst(alone) || len(with) < len(alone) {
			t.Fatalf("%v became %v", alone, with)
		}
	})
}

func FuzzOwn(f *testing.F) {
	f.Add(own)
	f.Add("[[rule]]\nid = \"LR-001\"\nany = [\"{pain} .. !x\", \"@pregnant\", \"?a>=1\", \"a ~ b\"]\n")
	f.Fuzz(func(t *testing.T, src string) {
		s := ruleset.Setting{Days: 14, Own: src}
		if s.Check() == nil {
			s.Screen(triage.Input{Texts: []string{"chest pain"}})
		}
	})
}
