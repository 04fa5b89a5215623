package app

import (
	"context"

	"heartwood/internal/care/routing"
	"heartwood/internal/demo"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// demoRules are what each practice of the demonstration begins with.
var demoRules = []string{
	"kind=fit-note,existing-problem; urgency=routine; to=usual",
	"kind=medicine; urgency=routine; to=CareTeam/" + demo.PharmacyTeam,
	"kind=admin; urgency=routine; to=CareTeam/" + demo.AdminTeam,
	"urgency=urgent; age=0-4; to=role:GP; within=120",
}

// seedRouting saves the practice's rules, if it has none yet.
func (a *App) seedRouting(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	s, err := routing.Load(ctx, p)
	if err != nil || s.Version != "" {
		return err
	}
	for _, line := range demoRules {
		r, err := routing.ParseRule(line)
		if err != nil {
			return err
		}
		s.Rules = append(s.Rules, r)
	}
	staff, err := routing.LoadStaff(ctx, p, p.Now())
	if err != nil {
		return err
	}
	return routing.Save(ctx, p, record.System, s, staff)
}
