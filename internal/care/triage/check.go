package triage

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Check is what somebody found who looked a rule's source up. It says nothing
// of what the rule matches, and is no clinician's review.
type Check struct {
	// Recommendation is the guideline and the numbers of its recommendations,
	// or of a table, "NG12 1.4.1, 1.4.2", and only where somebody has read
	// them. Where the rule asks for more than they say, the source says so.
	Recommendation string `toml:"recommendation"`

	Checked   string `toml:"checked"`   // the day: 2026-11-26; "" is never
	Confirmed string `toml:"confirmed"` // guideline or recommendation
	Against   string `toml:"against"`   // the text that was read: "NG12 as updated on 1 May 2025"
}

const (
	// ToGuideline is a source of which every guideline named was found to be
	// there under that number or title, to be about the condition, and not known
	// to be withdrawn or replaced; save those of which the source itself says
	// that they were not looked up or found.
	ToGuideline = "guideline"

	// ToRecommendation is a source of which a recommendation was read, too: its
	// own words, or a quotation of them.
	ToRecommendation = "recommendation"
)

// numbers is "NG12 1.4.1, 1.4.2; NG143 table 2".
var numbers = regexp.MustCompile(`^` + ofOne + `(; ` + ofOne + `)*$`)

const (
	number = `(\d+(\.\d+)+|table \d+)`
	ofOne  = `(CG|NG|PH)\d+ ` + number + `(, ` + number + `)*`
)

// Own tells whether a rule has no source but ourselves: there is nothing to
// look up.
func (r Rule) Own() bool { return strings.HasPrefix(r.Source, "Our own") }

// Cited is the source, and how far it has been looked up.
func (r Rule) Cited() string {
	source := strings.TrimSuffix(r.Source, ".")
	switch {
	case r.Confirmed == ToRecommendation:
		return fmt.Sprintf("%s. (Recommendation %s: read on %s in %s.)", source, r.Recommendation, r.Checked, r.Against)
	case r.Confirmed == ToGuideline:
		return fmt.Sprintf("%s. (Confirmed to the guideline on %s by %s; no recommendation was read.)", source, r.Checked, r.Against)
	case r.Own():
		return source + "."
	}
	return source + ". (Not confirmed.)"
}

// Standing says in a few words how far the source has been looked up, "" for
// a rule that has none to look up or is a practice's own.
func (r Rule) Standing() string {
	switch {
	case r.Confirmed == ToRecommendation:
		return "confirmed to the recommendation, " + r.Recommendation
	case r.Confirmed == ToGuideline:
		return "confirmed to the guideline"
	case r.Own() || localID.MatchString(r.ID):
		return ""
	}
	return "not confirmed"
}

// lintCheck says what is wrong with what a rule says of its source.
func (c *checks) lintCheck() {
	r := c.rule
	c.say(r.Recommendation != "" && r.Confirmed != ToRecommendation, "recommendation", "a number is named that nobody has checked")
	c.say(r.Recommendation == "" && r.Confirmed == ToRecommendation, "recommendation", "it is confirmed, and has no number")
	c.say((r.Checked == "") != (r.Confirmed == ""), "checked", "a check has a day and what it confirmed")
	c.say((r.Checked == "") != (r.Against == ""), "against", "a check has a day and the text that was read")
	c.say(r.Confirmed != "" && r.Confirmed != ToGuideline && r.Confirmed != ToRecommendation, "confirmed", "it is guideline or recommendation")
	if r.Checked != "" {
		_, err := time.Parse(time.DateOnly, r.Checked)
		c.say(err != nil, "checked", "a day is year-month-day")
	}
	if r.Recommendation == "" {
		return
	}
	c.say(!numbers.MatchString(r.Recommendation), "recommendation", "it is a guideline and its numbers: NG12 1.4.1, 1.4.2")
	for part := range strings.SplitSeq(r.Recommendation, "; ") {
		guideline, _, _ := strings.Cut(part, " ")
		named := regexp.MustCompile(`\b` + regexp.QuoteMeta(guideline) + `\b`)
		c.say(!named.MatchString(r.Source), "recommendation", fmt.Sprintf("the source does not name %s", guideline))
	}
}
