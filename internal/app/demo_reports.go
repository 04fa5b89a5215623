package app

import (
	"context"
	"fmt"

	"heartwood/internal/access"
	"heartwood/internal/assure/returns"
	"heartwood/internal/care/batch"
	"heartwood/internal/care/delivery"
	"heartwood/internal/demo"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
)

const demoBatchPeople = 60 // at most

// demoBatch is a message to many that each practice has sent, and demoDraft one
// that nobody has approved yet.
var (
	demoBatch = batch.Batch{
		Title: "Flu clinics for people aged 65 and over",
		Text:  "Hello {given}, your flu vaccine is ready. Our clinics are on Saturday and Monday, 9am to 1pm. You do not have to book. If you cannot come to us, phone and we will find another way.",
	}
	demoDraft = batch.Batch{
		Title: "Repeat medicines before the holidays",
		Text:  "Hello {given}, we are closed for two days over the holidays. Please ask for your repeat medicines a week before you need them.",
	}
)

// seedReports sends one message to many and produces the returns of the last
// week and month, so that the manager's pages have something to show.
func (a *App) seedReports(ctx context.Context, ods ident.ODS, one demo.Practice) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	by := record.System
	for _, s := range one.Staff() {
		if s.Role == string(access.Manager) {
			by = record.Author{Ref: "Practitioner/" + s.ID, Role: s.Role}
		}
	}
	if err := a.seedBatches(ctx, p, by, one); err != nil {
		return err
	}
	b, err := measure.Read(ctx, p)
	if err != nil {
		return err
	}
	for _, k := range []returns.Kind{returns.Monthly, returns.Weekly} {
		r, err := returns.Make(ctx, a.Store, p, b, k, "")
		if err != nil {
			return fmt.Errorf("demo: %s return: %w", k, err)
		}
		if err := returns.Keep(ctx, p, by, r); err != nil {
			return fmt.Errorf("demo: %s return: %w", k, err)
		}
	}
	return nil
}

func (a *App) seedBatches(ctx context.Context, p *record.Practice, by record.Author, one demo.Practice) error {
	sent, draft := demoBatch, demoDraft
	old, err := batch.ByAge(ctx, p, 65, 120)
	if err != nil || len(old) == 0 {
		return err // a very small practice has nobody of that age
	}
	sent.People = old[:min(len(old), demoBatchPeople)]
	draft.People = sent.People[:min(len(sent.People), demoBatchPeople/2)]
	if err := seedRefusals(ctx, p, one, sent.People); err != nil {
		return err
	}
	if _, err := batch.Save(ctx, p, by, draft, "demo draft"); err != nil {
		return err
	}
	id, err := batch.Save(ctx, p, by, sent, "demo sent")
	if err != nil {
		return err
	}
	for range 2 + demoBatchPeople/100 { // a round for the people, and one that finds nobody left
		b, err := batch.Load(ctx, p, id)
		if err != nil || b.State == batch.Done {
			return err
		}
		if b.State == batch.Draft {
			if err := batch.Move(ctx, p, by, id, b.Version, batch.Approved); err != nil {
				return err
			}
		}
		if err := batch.Round(ctx, p, a.post.can); err != nil {
			return err
		}
	}
	return nil
}

// seedRefusals has three of these people want no messages to many.
func seedRefusals(ctx context.Context, p *record.Practice, one demo.Practice, people []string) error {
	known := map[string]bool{} // who can sign in is left as they are
	for _, s := range one.SamplePatients() {
		known["Patient/"+s.ID] = true
	}
	n := 0
	for i, patient := range people {
		if i%4 != 1 || known[patient] || n == 3 {
			continue
		}
		c, err := delivery.LoadContact(ctx, p, patient)
		if err != nil {
			return err
		}
		n++
		c.Patient, c.NoBulk = patient, true
		if err := delivery.Save(ctx, p, record.System, c); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}
