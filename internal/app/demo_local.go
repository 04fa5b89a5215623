package app

import (
	"context"

	"heartwood/internal/access"
	"heartwood/internal/care/clocks"
	"heartwood/internal/care/request"
	"heartwood/internal/ident"
)

// demoClocks are what each practice of the demonstration answers sooner than
// the contract asks.
var demoClocks = []clocks.Rule{
	{What: clocks.Kind, Of: string(request.Contraception), Name: request.Contraception.Label(), Minutes: clocks.SameDay},
	{What: clocks.Kind, Of: string(request.MentalHealth), Name: request.MentalHealth.Label(), Minutes: clocks.SameDay},
}

// seedLocal saves the practice's own rules, if it has none yet.
func (a *App) seedLocal(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	s, err := clocks.Load(ctx, p)
	if err != nil || s.Version != "" {
		return err
	}
	s.Rules = demoClocks
	return clocks.Save(ctx, p, access.System, s)
}
