package app

import (
	"context"
	"strings"
	"time"

	"heartwood/internal/care/clocks"
	"heartwood/internal/care/request"
	"heartwood/internal/care/team"
	"heartwood/internal/demo"
	"heartwood/internal/ident"
	"heartwood/internal/record"
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
	if err != nil {
		return err
	}
	if s.Version == "" {
		s.Rules = demoClocks
		if err := clocks.Save(ctx, p, record.System, s); err != nil {
			return err
		}
	}
	return seedTeams(ctx, p)
}

// seedTeams gives the admin team what it looks after, and one of the GPs a
// week's leave that is to come.
func seedTeams(ctx context.Context, p *record.Practice) error {
	h, err := team.Load(ctx, p)
	if err != nil {
		return err
	}
	if _, done := h.Of(string(request.Registration)); done {
		return nil
	}
	for _, t := range h.Teams {
		if t.Ref != "CareTeam/"+demo.AdminTeam {
			continue
		}
		t.Kinds = []string{string(request.Registration)}
		if err := team.Save(ctx, p, record.System, t); err != nil {
			return err
		}
	}
	for _, one := range h.People {
		if !strings.Contains(one.Ref, "gp-3") {
			continue
		}
		first := p.Now().AddDate(0, 0, 9)
		a := team.Absence{Who: one.Ref, From: first.Format(time.DateOnly), To: first.AddDate(0, 0, 6).Format(time.DateOnly), Why: "leave"}
		return team.SaveAbsence(ctx, p, record.System, a)
	}
	return nil
}
