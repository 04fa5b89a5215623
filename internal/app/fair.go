package app

import (
	"context"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/assure/fair"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// fairEvery is how often it is looked whether the week's look has been taken.
const fairEvery = time.Hour

// fair takes the week's look at who fares worse than others, on Monday
// morning or as soon after it as this process runs.
func (a *App) fair(ctx context.Context, p *record.Practice) error {
	now := p.Now().In(words.London)
	if now.Weekday() == time.Monday && now.Hour() < 6 {
		return nil
	}
	if done, err := fair.Done(ctx, p, now); done || err != nil {
		return err
	}
	to := fair.Owner{Ref: "Organization/" + string(p.ODS()), Name: "The practice"}
	managers, err := a.Accounts.List(ctx, p.ODS(), access.Manager)
	if err != nil {
		return err
	}
	for _, m := range managers {
		if m.Ref != "" && !m.Disabled {
			to = fair.Owner{Ref: m.Ref, Name: m.Name}
			break
		}
	}
	b, err := a.Measures(ctx, p.ODS())
	if err != nil {
		return err
	}
	if err := b.Ready(ctx); err != nil {
		return err
	}
	return fair.Take(ctx, a.Store, p, b, to, now)
}
