package app

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// seedBooking fills the names into today's diary: who has been, who has come
// and waits, who did not come and who is still expected; a session that runs
// late, and people on the waiting list.
func (a *App) seedBooking(ctx context.Context, ods ident.ODS) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	page, err := p.Find(ctx, "Patient?birthdate=le"+p.Now().AddDate(-18, 0, 0).Format(time.DateOnly)+"&_count=100")
	if err != nil || len(page.Matches) < 10 {
		return err
	}
	if err := bookToday(ctx, p, page.Matches); err != nil {
		return fmt.Errorf("demo: diary: %w", err)
	}
	svc := booking.New()
	for i, c := range []booking.WaitCommand{
		{Constraint: booking.Constraint{Mode: booking.HomeVisit}, Urgent: true, Reason: "Dressing at home"},
		{Constraint: booking.Constraint{Mode: booking.Video, Kind: "Medicines review", Until: p.Now().AddDate(0, 0, 10)}},
		{Constraint: booking.Constraint{Kind: "Clinic"}, Reason: "Asthma check"},
	} {
		c.Patient, c.Key = page.Matches[len(page.Matches)-1-i].Ref, fmt.Sprint("demo wait ", i)
		if _, err := svc.Wait(ctx, p, record.System, c); err != nil {
			return fmt.Errorf("demo: waiting list: %w", err)
		}
	}
	return nil
}

// bookToday gives every third of today's sold slots to somebody by name.
func bookToday(ctx context.Context, p *record.Practice, who []record.Version) error {
	y, m, d := p.Now().In(words.London).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, words.London)
	const form = "2006-01-02T15:04:05Z"
	q := "Slot?status=busy&start=ge" + from.UTC().Format(form) + "&start=lt" + from.AddDate(0, 0, 1).UTC().Format(form) + "&_count=300"
	b := write.New(record.System, "demo: today's diary", "demo today's diary")
	n, late := 0, ident.Ref{}
	err := search.Each(ctx, p, q, func(v record.Version, res *fhir.Resource) error {
		if n++; n%3 != 0 || n/3 >= len(who) {
			return nil
		}
		schedule := write.Target(res.Get("schedule"))
		late = schedule
		clinician, name, err := actorOf(ctx, p, schedule)
		if err != nil || clinician.IsZero() {
			return err
		}
		b.Create(ident.Ref{Type: "Appointment", ID: "today-" + v.Ref.ID}, appointmentOf(res, v.Ref, who[n/3].Ref, clinician, name, p.Now(), n))
		return nil
	})
	if err != nil {
		return err
	}
	c, err := b.Change()
	if err != nil || len(c.Writes) == 0 {
		return err
	}
	if _, err = p.Commit(ctx, c); err != nil {
		return err
	}
	return booking.New().RunLate(ctx, p, record.System, late, booking.Session(p.Now()), 15)
}

func actorOf(ctx context.Context, p *record.Practice, schedule ident.Ref) (who ident.Ref, name string, err error) {
	res, _, err := search.Get(ctx, p, schedule)
	if err != nil || res == nil {
		return who, "", err
	}
	for n := range res.Get("actor").Items() {
		if r := write.Target(n); r.Type == "Practitioner" {
			return r, n.Get("display").Str(), nil
		}
	}
	return who, "", nil
}

// appointmentOf is an appointment that has gone as far as the time of day lets
// it: most have been, now and then somebody did not come.
func appointmentOf(slot *fhir.Resource, ref, patient, clinician ident.Ref, name string, now time.Time, n int) write.Obj {
	start := write.When(slot.Get("start"))
	status := "booked"
	switch since := now.Sub(start); {
	case since > 20*time.Minute && n%33 == 0:
		status = booking.Missed
	case since > 20*time.Minute:
		status = booking.Left
	case since > 0:
		status = booking.BeingSeen
	case since > -15*time.Minute:
		status = booking.Arrived
	}
	o := write.Obj{
		"serviceCategory": booking.Category(booking.CategoryOf(slot)),
		"status":          status, "start": slot.Get("start").Str(), "end": slot.Get("end").Str(), "created": write.Instant(now.AddDate(0, 0, -5)),
		"slot": write.List{write.Ref(ref)}, "extension": write.List{booking.Channel(booking.ModeOf(slot))},
		"participant": write.List{
			write.Obj{"actor": write.Ref(patient), "required": "required", "status": "accepted"},
			write.Obj{"actor": write.Named(clinician, name), "required": "required", "status": "accepted"},
		},
	}
	if t := slot.Get("serviceType").At(0).Get("text").Str(); t != "" {
		o["serviceType"] = write.List{write.Obj{"text": t}}
	}
	return o
}
