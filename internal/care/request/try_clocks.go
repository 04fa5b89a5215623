package request

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/care/clocks"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// Trial is what stricter clocks would have made of one open request.
type Trial struct {
	View
	Rule clocks.Rule // that would have had it answered sooner; its time is AnswerBy
	Was  time.Time   // by when it is due now
	Past bool        // that time is over already
}

// TryClocks tells which of the requests that are open now would have been due
// sooner, had these clocks run when they came. It changes nothing.
func TryClocks(ctx context.Context, p *record.Practice, s clocks.Setting) (open int, out []Trial, err error) {
	all, err := views(ctx, p, ledger+"&status:not=completed")
	if err != nil {
		return 0, nil, err
	}
	hours, now := HoursOf(ctx, p), p.Now()
	for _, r := range all {
		if r.State == WithPatient || r.Urgency == Stat {
			continue
		}
		c := clocks.Case{Kind: string(r.Kind), Owner: r.Owner.Ref}
		if s.Asks(clocks.Flag) {
			if c.Flags, err = flagsOn(ctx, p, r.ID); err != nil {
				return 0, nil, err
			}
		}
		if s.Asks(clocks.Job) {
			if c.Job, err = jobOf(ctx, p, c.Owner); err != nil {
				return 0, nil, err
			}
		}
		if at, rule, ok := s.Sooner(c, r.AnswerBy, hours, r.Since); ok {
			t := Trial{View: r, Rule: rule, Was: r.AnswerBy, Past: !at.After(now)}
			t.AnswerBy = at
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Trial) int { return a.AnswerBy.Compare(b.AnswerBy) })
	return len(all), out, nil
}

// flagsOn are the rules whose flags stand on a request.
func flagsOn(ctx context.Context, p *record.Practice, id string) (out []string, err error) {
	err = search.Each(ctx, p, "DetectedIssue?implicated=Task/"+id, func(_ record.Version, res *fhir.Resource) error {
		if f, ok := flagOf(res); ok && f.Verdict != OverruleFlag {
			out = append(out, f.Rule)
		}
		return nil
	})
	return out, err
}
