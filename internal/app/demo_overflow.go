package app

import (
	"context"

	"heartwood/internal/care/overflow"
	"heartwood/internal/demo"
	"heartwood/internal/record"
)

// seedOverflow makes the practices of the demonstration help each other: each
// takes some of the others' routine and urgent requests.
func seedOverflow(ctx context.Context, p *record.Practice, one demo.Practice, all []demo.Practice) error {
	terms := overflow.Terms{
		Kinds: []string{"new-problem", "medicine"}, Priorities: []string{"routine", "urgent"}, PerDay: 10, From: 0, To: 24 * 60, Summary: true, Photos: true,
	}
	slots := overflow.Slots{PerDay: 6, From: 8 * 60, To: 20 * 60}
	for _, other := range all {
		if other.ODS == one.ODS {
			continue
		}
		have, err := overflow.With(ctx, p, other.ODS)
		if err != nil || have.Version != "" {
			return err
		}
		a := overflow.Agreement{Partner: other.ODS, Name: other.Name, Gives: terms, Takes: terms, Books: slots, Lets: slots}
		if err := overflow.Save(ctx, p, record.System, a); err != nil {
			return err
		}
	}
	return nil
}
