package ruleset_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/triage"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// leave puts rules into the record as an earlier version of the program, or
// another program, may have left them there: unchecked.
func leave(t *testing.T, p *record.Practice, own string) {
	t.Helper()
	at := ident.Ref{Type: "Basic", ID: "red-flags"}
	body := fmt.Sprintf(`{"resourceType":"Basic","id":"red-flags","code":{"text":"rules"},"extension":[{"url":%q,"valueString":%q}]}`,
		care.Base+"StructureDefinition/red-flags-own", own)
	w, err := record.Prepare(at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: manager, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
}

// numbered is the good rule under another id, which finds a word of its own.
func numbered(n int) (rule, text string) {
	word := "metal" + strings.Repeat("lic", n)
	return strings.ReplaceAll(strings.Replace(own, "LR-001", fmt.Sprintf("LR-%03d", n), 1), "metal", word), "at the smelter I get a " + word + " taste"
}

// faulty are ways in which a rule that was saved may no longer be in order,
// and whether it is looked for all the same.
var faulty = []struct {
	name, old, with string
	works           bool
	say             string
}{
	{"a set that is gone", `any = [`, `any = ["{gone} .. taste", `, false, "there is no set {gone}"},
	{"a fact that is gone", `any = [`, `any = ["@gone", `, false, `there is no fact "gone"`},
	{"advice that is gone", `level =`, "advice = \"gone\"\nlevel =", false, `there is no advice "gone"`},
	{"a level that is gone", `"urgent"`, `"soon"`, false, "the level is emergency or urgent"},
	{"a field that is gone", `title =`, "heading = \"x\"\ntitle =", false, "the field rule.heading is not known"},
	{"not TOML", `title =`, `title`, false, "expected"},
	{"an id of the program", `"LR-`, `"RF-`, false, "three digits"},
	{"an example that is not met any more", `catch = [`, `catch = ["nothing of it", `, true, `it does not find "nothing of it"`},
	{"no source", `source = "Our own."`, ``, true, "source"},
}

// A rule of its own that no longer compiles is named, with why, whatever is
// wrong with it; the others go on finding what they found.
func TestABrokenRuleIsNeverSilent(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-039")
	good, text := numbered(2)
	for _, c := range faulty {
		bad, badText := numbered(1)
		bad = strings.Replace(bad, c.old, c.with, 1)
		for _, src := range []string{bad + good, good + bad, "# ours\n" + bad + "\n\n" + good} {
			p := memory.Practice(t, "Z99901", nil)
			leave(t, p, src)
			s, err := ruleset.Load(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Broken) != 1 || s.Broken[0].Works != c.works || len(s.Broken[0].Why) == 0 {
				t.Fatalf("%s: broken are %+v", c.name, s.Broken)
			}
			b := s.Broken[0]
			if !strings.Contains(b.Why[0].String(), c.say) || !strings.HasSuffix(b.ID, "R-001") && !strings.HasSuffix(b.ID, "F-001") {
				t.Errorf("%s: %q says %v", c.name, b.ID, b.Why)
			}
			if a := s.Alarm(); !strings.Contains(a, b.ID) || strings.Contains(a, "not in force") == c.works {
				t.Errorf("%s: the alarm says %q", c.name, a)
			}
			if f := s.Screen(triage.Input{Texts: []string{text}}); len(f) != 1 || f[0].Rule != "LR-002" {
				t.Errorf("%s: the other rule finds %+v", c.name, f)
			}
			if f := s.Screen(triage.Input{Texts: []string{badText}}); (len(f) == 1) != c.works {
				t.Errorf("%s: it finds %+v", c.name, f)
			}
		}
	}
}

// However many rules break, in whatever way: each is in force or named as not,
// and what is in force finds what it did.
func TestEveryRuleIsInForceOrNamed(t *testing.T) {
	hazard.Covers(t, "H-039")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "rules")
		var src string
		texts := map[string]string{}
		for i := 1; i <= n; i++ {
			rule, text := numbered(i)
			if k := rapid.IntRange(-3, len(faulty)-1).Draw(t, "fault"); k >= 0 && faulty[k].name != "an id of the program" {
				rule = strings.Replace(rule, faulty[k].old, faulty[k].with, 1)
			}
			src += rule
			texts[fmt.Sprintf("LR-%03d", i)] = text
		}
		book, broken := triage.Kept(src)
		not := map[string]bool{}
		for _, b := range broken {
			not[b.ID] = !b.Works
		}
		for id, text := range texts {
			found := book.Screen(triage.Input{Texts: []string{text}})
			if not[id] == (len(found) == 1 && found[0].Rule == id) {
				t.Fatalf("%s is named as not in force: %v, and finds %+v\n%s", id, not[id], found, src)
			}
		}
	})
}

// A rule twice, or something beside rules, is named too.
func TestWhatElseMayBeWrong(t *testing.T) {
	hazard.Covers(t, "H-039")
	good, text := numbered(1)
	for what, src := range map[string]string{
		"twice":        good + good,
		"a set before": "[set]\npain = [\"x\"]\n" + good,
		"a set after":  good + "\n[set]\npain = [\"x\"]\n",
		"not TOML":     "what is this\n" + good,
	} {
		book, broken := triage.Kept(src)
		if len(broken) != 1 {
			t.Errorf("%s: %+v", what, broken)
		}
		if f := book.Screen(triage.Input{Texts: []string{text}}); (len(f) == 1) == (what == "a set after") {
			t.Errorf("%s: finds %+v", what, f)
		}
	}
	if _, broken := triage.Kept(good); len(broken) != 0 {
		t.Errorf("nothing is wrong: %+v", broken)
	}
}

func FuzzKept(f *testing.F) {
	f.Add(own)
	for _, c := range faulty {
		f.Add(strings.Replace(own, c.old, c.with, 1) + own)
	}
	f.Fuzz(func(t *testing.T, src string) {
		book, broken := triage.Kept(src)
		if _, wrong := triage.Local(src); (len(wrong) > 0) != (len(broken) > 0) {
			t.Errorf("wrong is %v, and broken %+v", wrong, broken)
		}
		book.Screen(triage.Input{Texts: []string{"chest pain"}})
	})
}
