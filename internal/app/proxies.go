package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/online"
	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// proxies has acting for a child end on the birthdays that the practice's
// policy names, for what was given before there was a policy too, and gives
// staff a job when it has ended or is to be looked at again. The end is put
// into what was given well before it comes, so that it holds to the minute.
func (a *App) proxies(ctx context.Context, p *record.Practice) error {
	s, err := online.Load(ctx, p)
	if err != nil {
		return err
	}
	all, err := a.Accounts.List(ctx, p.ODS(), access.Patient, access.Proxy)
	if err != nil {
		return err
	}
	var errs []error
	for _, acc := range all {
		for _, c := range acc.Charges {
			if !acc.Disabled {
				errs = append(errs, a.grown(ctx, p, s, acc, c))
			}
		}
	}
	return errors.Join(errs...)
}

// grown looks at one charge.
func (a *App) grown(ctx context.Context, p *record.Practice, s online.Setting, acc access.Account, c access.Charge) error {
	ref, _ := ident.ParseRef(c.Patient)
	res, _, err := search.Get(ctx, p, ref)
	if err != nil || res == nil {
		return err
	}
	born, ok := words.Birth(res.Get("birthDate").Str())
	if !ok {
		return nil
	}
	now, given := p.Now(), c.Since
	if given.IsZero() {
		given = acc.Created // not before it
	}
	end := s.End(born, given)
	switch {
	case end.IsZero(): // it was given to act for somebody grown up
		return nil
	case c.Since.IsZero() && !now.Before(end):
		// Nobody knows when it was given: it may be of an adult's carer.
		return a.look(ctx, p, acc, c, "unknown", "It is not known since when "+acc.Name+" acts for this patient, who is older than the age at which acting for a child ends. Look whether it is still right.")
	case !c.Until.IsZero() && c.Until.Before(end): // it ended, or ends, before
		return nil
	}
	if _, err := a.Accounts.LimitCharge(ctx, record.System, p.ODS(), acc.ID, c.Patient, end); err != nil {
		return err
	}
	why, about := "ended", fmt.Sprintf("%s could act for this patient online, and that ended on a birthday, %s. Ask the patient alone who may act for them now.", acc.Name, words.Date(end))
	if now.Before(end) {
		if !s.Review(born, now, given) {
			return nil
		}
		why, about = "ask", fmt.Sprintf("This patient is %d or older now, and %s acts for them online. Ask the patient alone whether that is right.", s.Ask, acc.Name)
	}
	return a.look(ctx, p, acc, c, why, about)
}

// look gives the front desk a job about a charge, once.
func (a *App) look(ctx context.Context, p *record.Practice, acc access.Account, c access.Charge, why, about string) error {
	_, err := task.NewService(a.Store).Create(ctx, p.ODS(), record.System, task.New{
		What: about, Owner: care.Triage, Patient: c.Patient,
	}, "proxy-"+why+":"+acc.ID+":"+c.Patient+":"+c.Since.Format(time.RFC3339))
	return err
}
