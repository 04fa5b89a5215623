package triage

import (
	"strings"
	"testing"
)

// What a rule says of its source is whole: a number is never claimed that
// nobody has read.
func TestCheckedSources(t *testing.T) {
	known := func(string) bool { return true }
	for what, x := range map[string]struct {
		source string
		check  Check
		wrong  string // "" is nothing
	}{
		"never checked":            {source: "After NICE NG12."},
		"to the guideline":         {"After NICE NG12.", Check{"", "2026-11-26", "guideline", "NG12"}, ""},
		"to the recommendation":    {"After NICE NG12.", Check{"NG12 1.4.1, 1.4.2", "2026-11-26", "recommendation", "NG12"}, ""},
		"of two guidelines":        {"After NICE NG12 and CG95.", Check{"NG12 1.4.1; CG95 1.2.1", "2026-11-26", "recommendation", "both"}, ""},
		"a table":                  {"After NICE NG143.", Check{"NG143 table 2", "2026-11-26", "recommendation", "NG143"}, ""},
		"a number nobody checked":  {"After NICE NG12.", Check{Recommendation: "NG12 1.4.1"}, "nobody has checked"},
		"only the guideline read":  {"After NICE NG12.", Check{"NG12 1.4.1", "2026-11-26", "guideline", "NG12"}, "nobody has checked"},
		"confirmed and no number":  {"After NICE NG12.", Check{"", "2026-11-26", "recommendation", "NG12"}, "has no number"},
		"no day":                   {"After NICE NG12.", Check{"", "", "guideline", "NG12"}, "a day"},
		"not a day":                {"After NICE NG12.", Check{"", "yesterday", "guideline", "NG12"}, "year-month-day"},
		"against nothing":          {"After NICE NG12.", Check{"", "2026-11-26", "guideline", ""}, "that was read"},
		"confirmed something else": {"After NICE NG12.", Check{"", "2026-11-26", "all", "NG12"}, "guideline or recommendation"},
		"a number of no guideline": {"After NICE NG12.", Check{"1.4.1", "2026-11-26", "recommendation", "NG12"}, "its numbers"},
		"of another guideline":     {"After NICE NG12.", Check{"NG128 1.4.1", "2026-11-26", "recommendation", "NG12"}, "does not name NG128"},
		"of part of a number":      {"After NICE NG128.", Check{"NG12 1.4.1", "2026-11-26", "recommendation", "NG12"}, "does not name NG12"},
	} {
		r := Rule{Title: "x", Catches: "x.", Source: x.source, Check: x.check}
		var got []string
		for _, p := range r.lint(known) {
			got = append(got, p.Text)
		}
		all := strings.Join(got, "; ")
		if (x.wrong == "") != (all == "") || !strings.Contains(all, x.wrong) {
			t.Errorf("%s: %q, not %q", what, all, x.wrong)
		}
	}
}

// The four counts of the sources make up the rules, and the report says them.
func TestCountOfSources(t *testing.T) {
	c := Count([]Rule{
		{Source: "After NICE NG12."},
		{Source: "Our own: x."},
		{Source: "After NICE NG12.", Check: Check{Checked: "2026-11-26", Confirmed: ToGuideline, Against: "NG12"}},
		{Source: "After NICE NG12.", Check: Check{"NG12 1.4.1", "2026-11-26", ToRecommendation, "NG12"}},
	})
	if c.ToRecommendation != 1 || c.ToGuideline != 1 || c.Own != 1 || c.Unconfirmed != 1 {
		t.Errorf("counted %+v", c)
	}
	var out strings.Builder
	if err := Report(&out, Rules()); err != nil {
		t.Fatal(err)
	}
	if c = Count(Rules()); c.ToRecommendation+c.ToGuideline+c.Own+c.Unconfirmed != c.Rules || !strings.Contains(out.String(), c.Sources()) {
		t.Errorf("the report does not say: %s", c.Sources())
	}
}

// What is shown of a source in a few words never says more than was checked.
func TestStanding(t *testing.T) {
	nice := "After NICE NG12."
	for want, r := range map[string]Rule{
		"confirmed to the recommendation, NG12 1.4.1": {ID: "RF-001", Source: nice, Check: Check{"NG12 1.4.1", "2026-11-26", ToRecommendation, "NG12"}},
		"confirmed to the guideline":                  {ID: "RF-001", Source: nice, Check: Check{"", "2026-11-26", ToGuideline, "NG12"}},
		"not confirmed":                               {ID: "RF-001", Source: nice},
		"":                                            {ID: "LR-001", Source: nice},
	} {
		if got := r.Standing(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := (Rule{ID: "RF-001", Source: "Our own: x."}).Standing(); got != "" {
		t.Errorf("our own rule has a source that is %q", got)
	}
}
