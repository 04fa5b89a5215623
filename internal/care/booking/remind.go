package booking

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// stillUseful is how late a reminder may be sent; after it the moment has gone.
const stillUseful = 2 * time.Hour

// Remind owes a message for each appointment whose time to be reminded has
// come, once for each time: an appointment that has been moved is reminded of
// afresh, and one that has been cancelled never.
func (s *Service) Remind(ctx context.Context, p *record.Practice) error {
	set, err := LoadSettings(ctx, p)
	reminders := set.reminders()
	if err != nil || len(reminders) == 0 {
		return err
	}
	now := p.Now()
	q := "Appointment?status=booked&date=ge" + utc(now) + "&date=le" + utc(now.Add(reminders[0])) + "&_count=500"
	return find(ctx, p, q, func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err != nil {
			return false, err
		}
		for _, before := range reminders {
			if a.remindable(now, before) {
				if err := remindOf(ctx, p, a, before); err != nil {
					return false, err
				}
			}
		}
		return true, nil
	})
}

// remindable is pure: is the reminder due now?
func (a appointment) remindable(now time.Time, before time.Duration) bool {
	due := a.view.Start.Add(-before)
	booked := a.v.Time // the version: booked, moved or changed then
	return a.view.For.IsZero() && a.upcoming() && a.view.Start.After(now) && !now.Before(due) && now.Sub(due) <= stillUseful && booked.Before(due)
}

func remindOf(ctx context.Context, p *record.Practice, a appointment, before time.Duration) error {
	key := fmt.Sprintf("remind %s %d %s", a.v.Ref.ID, a.view.Start.Unix(), before)
	b := begin(record.System, "booking: reminder", key)
	b.Expect(a.v.Expect()) // cancelled or moved meanwhile: nothing is sent
	sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
	b.tell(sc, record.System, a.view, sayReminder(a.view))
	c, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = p.Commit(ctx, c); fault.Is(err, fault.Conflict) {
		return nil // the next round looks again
	}
	return err
}

func sayReminder(v View) string {
	where, how, cancel := "", sayHow(v.Mode), "sign in and cancel it"
	if v.Away.Is() { // which they cannot cancel themselves
		where, cancel = " at "+v.Away.Name, "tell us"
		if v.Mode == FaceToFace {
			how = " Please go there, not to us."
		}
	}
	return "A reminder: you have an appointment on " + sayWhen(v.Start) + sayWith(v.ClinicianName) + where + "." + how +
		" If you cannot make it, please " + cancel + " so that someone else can have the time."
}

// missed adds what follows when somebody did not come: a message to them, and
// for a child or somebody flagged as at risk a job to make sure that they are
// safe. Not coming is never all that is recorded of them.
func (b builder) missed(s scene, v View, risk string, who string) {
	text := "You had an appointment on " + sayWhen(v.Start) + " and we did not see you. If you still need help, please tell us or book again."
	b.tell(s, record.System, v, text)
	if risk == "" {
		return
	}
	b.look(s, v, "Did not come to an appointment on "+sayWhen(v.Start)+": "+risk+". Make sure that they are safe.", "urgent", who)
}

// unseen makes the job to ask after somebody who came and left before they
// were seen: whatever they came for is not answered.
func (b builder) unseen(s scene, v View, risk string, who string) {
	what, priority := "Left before being seen, of an appointment on "+sayWhen(v.Start)+". Ask after them: do they still need help?", "routine"
	if risk != "" {
		what, priority = what+" At risk: "+risk+".", "urgent"
	}
	b.look(s, v, what, priority, who)
}

// look makes the job to look for the person of an appointment.
func (b builder) look(s scene, v View, what, priority, who string) {
	o := write.Job(record.Author{Ref: who}, what, priority, s.now)
	o["for"], o["reasonReference"] = write.Ref(v.Patient), write.Ref(v.Appointment)
	b.Create(ident.Ref{Type: "Task", ID: s.ids[0]}, o)
}

// risk says why somebody who did not come is looked for, "" for no reason: a
// child does not bring itself, and a Flag of the record that is active says
// that somebody is at risk.
func risk(ctx context.Context, p *record.Practice, patient ident.Ref) (string, error) {
	v, err := p.Read(ctx, patient)
	if err != nil {
		return "", err
	}
	res, err := v.Resource()
	if err != nil {
		return "", err
	}
	if b, err := time.Parse(time.DateOnly, res.Get("birthDate").Str()); err == nil && b.AddDate(18, 0, 0).After(p.Now()) {
		return "a child who was not brought", nil
	}
	page, err := p.Find(ctx, "Flag?patient="+patient.String()+"&_count=20")
	if err != nil {
		return "", err
	}
	for _, v := range page.Matches {
		res, err := v.Resource()
		if err != nil {
			return "", err
		}
		if res.Get("status").Is("active") {
			return "the record has a warning about them", nil
		}
	}
	return "", nil
}
