package manage

import (
	"cmp"
	"net/http"
	"slices"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/care/triage"
	"heartwood/internal/door/web/page"
)

type rulesPage struct {
	Version, Settings    string
	Sources              string // how far the sources of the program's rules were looked up
	Days                 int
	Broken               string // which of the practice's own do not work
	Raised, Looked, Over int
	Rules                []ruleRow
}

type ruleRow struct {
	request.Tally
	ID, Title, Level, Catches, Source, Reviewed string
	Standing                                    string // how far the source was looked up
	Looked                                      int    // how many flags people looked at
	Rate                                        int    // overruled of those looked at, per cent
}

var rulesTemplate = page.New[rulesPage](files, "rules.html")

// ruleDays is how far back flags are counted.
const ruleDays = 90

// rules lists the red-flag rules in force, how often each raised a flag, and
// what people made of it. It shows counts, and nobody's words.
func (m *Manage) rules(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	tallies, err := request.Tallies(r.Context(), v.practice, v.now.AddDate(0, 0, -ruleDays))
	if err != nil {
		return err
	}
	p := rulesPage{Version: triage.Version(), Days: ruleDays, Settings: v.base() + "red-flags", Sources: triage.Count(triage.Rules()).Sources()}
	own := ruleset.Current(r.Context(), v.practice)
	p.Broken = own.Alarm()
	for _, rule := range append(triage.Rules(), own.Rules()...) {
		row := ruleRow{
			Tally: tallies[rule.ID], ID: rule.ID, Title: rule.Title, Level: rule.Level, Catches: rule.Catches, Source: rule.Source,
			Standing: rule.Standing(),
			Reviewed: "not yet reviewed by a clinician",
		}
		if rule.Reviewer != "" {
			row.Reviewed = rule.Reviewer + ", " + rule.Reviewed
		}
		if row.Looked = row.Raised - row.Waiting(); row.Looked > 0 {
			row.Rate = 100 * row.Overruled / row.Looked
			p.Looked += row.Looked
		}
		p.Raised, p.Over = p.Raised+row.Raised, p.Over+row.Overruled
		p.Rules = append(p.Rules, row)
	}
	slices.SortStableFunc(p.Rules, func(a, b ruleRow) int { return cmp.Compare(b.Raised, a.Raised) })
	return rulesTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Red-flag rules", "rules"), p)
}
