package app

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/demo"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// seedRequests puts a first few requests into the practice's queue, by the
// way that every request takes.
func (a *App) seedRequests(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	service := request.New(a.Store)
	for i, ask := range demo.Asks() {
		patient, err := askerOf(ctx, p, ask, i)
		if err != nil {
			return err
		}
		if patient == "" {
			continue // a very small practice has nobody of that age
		}
		by, asker := record.Author{Ref: patient, Role: "patient", For: patient}, request.Self
		if ask.Channel != "web" {
			by, asker = record.Author{Ref: a.frontDesk(ctx, p), Role: "navigator", For: patient}, request.Staff
		}
		_, err = service.Receive(ctx, ods, by, request.Ask{
			Patient: patient, Asker: asker, Channel: request.Channel(ask.Channel), Kind: request.Kind(ask.Kind),
			What: ask.What, HowLong: ask.HowLong, HowBad: ask.HowBad, Hope: ask.Hope,
			Contact: request.Contact{How: "phone", Number: "07700 900123"},
		}, fmt.Sprint("demo ask ", i))
		if err != nil {
			return fmt.Errorf("demo: request %d: %w", i, err)
		}
	}
	return nil
}

// askerOf is a patient of an age that the request fits, another for each; ""
// when there is none.
func askerOf(ctx context.Context, p *record.Practice, ask demo.Ask, i int) (string, error) {
	now := p.Now()
	page, err := p.Find(ctx, fmt.Sprintf("Patient?birthdate=gt%s&birthdate=le%s&_count=200",
		now.AddDate(-ask.To-1, 0, 0).Format(time.DateOnly), now.AddDate(-ask.From, 0, 0).Format(time.DateOnly)))
	if err != nil || len(page.Matches) == 0 {
		return "", err
	}
	return page.Matches[(i*13+7)%len(page.Matches)].Ref.String(), nil
}

// frontDesk is a navigator of the practice.
func (a *App) frontDesk(ctx context.Context, p *record.Practice) string {
	all, err := a.Accounts.List(ctx, p.ODS(), "navigator")
	if err != nil || len(all) == 0 {
		return "Device/demo"
	}
	return all[0].Ref
}
