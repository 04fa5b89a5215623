package elsewhere

import (
	"context"
	"errors"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// attempts is how often a change at home is decided afresh.
const attempts = 8

// Round carries every errand that is still open, and brings home what the
// other practices have made of the appointments there. It may run twice at
// once, late, or again after a crash.
func (s *Service) Round(ctx context.Context, home *record.Practice) error {
	var errs []error
	err := search.Each(ctx, home, "Task?code="+care.TaskCode+"%7C"+Code+"&status=requested&_count=200", func(v record.Version, res *fhir.Resource) error {
		errs = append(errs, s.carry(ctx, home, readErrand(v, res), true))
		return nil
	})
	return errors.Join(append(errs, err, s.look(ctx, home))...)
}

// carry does an errand over there, and ends it at home. late says that nobody
// is waiting for the answer, so that a colleague is asked when it fails.
func (s *Service) carry(ctx context.Context, home *record.Practice, e errand, late bool) error {
	v, err := s.booking.Appointment(ctx, home, e.appointment)
	if err != nil {
		return err
	}
	there, err := s.Practice(e.at)
	if err != nil {
		if home.Now().Before(v.Start) {
			return err // the next round tries again
		}
		return s.end(ctx, home, e, booking.View{}, "The other practice could not be reached.", late)
	}
	now, why, err := s.done(ctx, home, there, e, v)
	if err != nil {
		return err
	}
	return s.end(ctx, home, e, now, why, late)
}

// done does it over there: the appointment as it is now, or why it could not
// be done, which is final.
func (s *Service) done(ctx context.Context, home, there *record.Practice, e errand, v booking.View) (now booking.View, why string, err error) {
	by := record.Author{Ref: home.ODS().Organization().String(), Role: care.RoleSystem}
	key := e.key(home.ODS())
	var res booking.Result
	switch e.do {
	case books:
		res, err = s.booking.BookGuest(ctx, there, by, booking.GuestCommand{
			Appointment: e.appointment, Slot: e.slot, For: home.ODS().Organization(), Reason: e.reason, Key: key,
			Guest: func(b *write.Builder) (ident.Ref, error) {
				return overflow.Visitor(ctx, home, there, b, v.Patient.String())
			},
			Allow: s.within(ctx, home, there, booking.View{}),
		})
	case moves:
		res, err = s.booking.Rebook(ctx, there, by, booking.RebookCommand{Appointment: e.appointment, Slot: e.slot, Anyway: true, Via: booking.ByNetwork, Allow: s.within(ctx, home, there, v), Key: key})
	case cancels:
		res, err = s.booking.Cancel(ctx, there, by, booking.CancelCommand{Appointment: e.appointment, Reason: "Cancelled by their own practice: " + e.reason, Key: key})
	default:
		return v, "It was not understood.", nil
	}
	switch fault.KindOf(err) {
	case fault.Refused, fault.Conflict, fault.Invalid, fault.NotFound, fault.Gone:
		if err != nil {
			return s.refused(ctx, home, there, e, fault.From(err).Message)
		}
	}
	return s.dressed(ctx, there, res.Appointment), "", err
}

// within counts again, where all who book meet, what is booked on the day of a
// slot: of several who found room for one more, one has it. It lets a time on
// the day that the appointment has now.
func (s *Service) within(ctx context.Context, home, there *record.Practice, now booking.View) booking.Allow {
	return func(b *write.Builder, slot booking.SlotView) error {
		day := slot.Start.Format(time.DateOnly)
		if day == now.Start.Format(time.DateOnly) {
			return nil
		}
		_, l, _, err := s.partner(ctx, home, there.ODS())
		if err != nil {
			return err
		}
		if err := overflow.Turn(ctx, there, b, "booked-"+string(home.ODS())+"-"+day); err != nil {
			return err
		}
		return s.fits(ctx, home, there, l, slot)
	}
}

// dressed adds where an appointment is, as the other practice calls it.
func (s *Service) dressed(ctx context.Context, there *record.Practice, v booking.View) booking.View {
	if slot, err := s.booking.Slot(ctx, there, v.Slot); err == nil {
		v.Away.Place = slot.Location
	}
	return v
}

// refused makes a refusal final: the key is used up over there, so that nobody
// who carries the same errand can still do it. If somebody has, it is done.
func (s *Service) refused(ctx context.Context, home, there *record.Practice, e errand, why string) (booking.View, string, error) {
	b := write.New(record.Author{Ref: home.ODS().Organization().String(), Role: care.RoleSystem}, "booking elsewhere: refused", e.key(home.ODS()))
	mark := ident.Ref{Type: "Task", ID: "refused-" + e.id}
	b.Create(mark, write.Obj{
		"status": "rejected", "intent": "order", "code": write.Coded(care.TaskCode, Code, "Booking at another practice"),
		"statusReason": write.Obj{"text": why}, "requester": write.Ref(home.ODS().Organization()), "lastModified": write.Instant(there.Now()),
	})
	c, err := b.Change()
	if err != nil {
		return booking.View{}, "", err
	}
	rec, err := there.Commit(ctx, c)
	if err != nil {
		return booking.View{}, "", err
	}
	now, err := s.booking.Appointment(ctx, there, e.appointment)
	for _, v := range rec.Versions {
		if v.Ref.Type == "Appointment" {
			return s.dressed(ctx, there, now), "", err // it was done by whoever else carried it
		}
	}
	if err == nil && e.do == cancels && now.Status == "cancelled" {
		return now, "", nil // they have cancelled it themselves
	}
	if res, _, err := search.Get(ctx, there, mark); err == nil && res != nil {
		why = res.Get("statusReason", "text").Str()
	}
	return booking.View{}, why, nil
}

// end ends the errand at home, once: with the appointment as it now is over
// there, or with why nothing was done.
func (s *Service) end(ctx context.Context, home *record.Practice, e errand, now booking.View, why string, late bool) error {
	for range attempts {
		res, ver, err := search.Get(ctx, home, e.appointment)
		if err != nil || res == nil {
			return err
		}
		task, tv, err := search.Get(ctx, home, e.v.Ref)
		if err != nil || task == nil || !task.Get("status").Is("requested") {
			return err
		}
		b := write.New(record.System, "booking elsewhere: "+string(e.do)+" carried out", "errand "+e.id+" end")
		status := "completed"
		if why != "" {
			status = "failed"
		}
		b.Edit(tv, task, write.Obj{"status": status, "statusReason": reason(why), "lastModified": write.Instant(home.Now())})
		if err := settle(b, home, ver, res, e, now, why, late); err != nil {
			return err
		}
		c, err := b.Change()
		if err != nil {
			return err
		}
		if _, err = home.Commit(ctx, c); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Busy, "The record is very busy just now.")
}

func reason(why string) any {
	if why == "" {
		return nil
	}
	return write.Obj{"text": why}
}

// settle is what the end of an errand makes of the appointment at home, and
// what the patient is told.
func settle(b *write.Builder, home *record.Practice, ver record.Version, res *fhir.Resource, e errand, now booking.View, why string, late bool) error {
	v, err := booking.ViewOf(ver)
	if err != nil {
		return err
	}
	v.Away.Errand = ""
	switch {
	case why != "":
		set := write.Obj{"extension": write.Extended(res, booking.AwayURL, v.Away.Extension())}
		if e.do == books {
			set["status"], set["cancelationReason"] = "cancelled", write.Obj{"text": why}
		}
		b.Edit(ver, res, set)
		if late {
			addJob(b, home, v, "errand-"+e.id, "An appointment at "+v.Away.Name+" could not be "+past[e.do]+": "+why+" Look at it with the patient.")
		}
	case e.do == cancels:
		b.Edit(ver, res, write.Obj{
			"status": "cancelled", "cancelationReason": write.Obj{"text": e.reason},
			"extension": write.Extended(res, booking.AwayURL, v.Away.Extension()),
		})
		booking.Tell(b, home.Now(), record.System, v, "Your appointment at "+v.Away.Name+" on "+booking.SayWhen(v.Start)+" has been cancelled. If you still need help, please tell us.")
	case now.Status == "cancelled": // they have taken it away again meanwhile
		bring(b, home, ver, res, v, now)
	default:
		v = with(v, now)
		b.Edit(ver, res, members(v))
		booking.Tell(b, home.Now(), record.System, v, say(e.do, v))
	}
	return nil
}

var past = map[does]string{books: "booked", moves: "moved", cancels: "cancelled"}

// with is our view with the time that it has over there.
func with(v, now booking.View) booking.View {
	v.Status, v.Start, v.End, v.Kind, v.Mode, v.ClinicianName = now.Status, now.Start, now.End, now.Kind, now.Mode, now.ClinicianName
	v.Away.Slot, v.Away.Place = now.Slot, now.Away.Place
	return v
}

func say(do does, v booking.View) string {
	s := "You have an appointment at "
	if do == moves {
		s = "Your appointment has moved. It is now at "
	}
	s += v.Away.Name + ", on " + booking.SayWhen(v.Start)
	if v.ClinicianName != "" {
		s += " with " + v.ClinicianName
	}
	return s + ". This is not at your own practice. If you cannot make it, please tell us, so that someone else can have the time."
}

// addJob asks a colleague to look at it, once.
func addJob(b *write.Builder, home *record.Practice, v booking.View, id, what string) {
	o := write.Job(record.System, what, "urgent", home.Now())
	o["for"], o["reasonReference"] = write.Ref(v.Patient), write.Ref(v.Appointment)
	b.Create(ident.Ref{Type: "Task", ID: id}, o)
}
