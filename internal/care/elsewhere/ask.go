package elsewhere

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// BookCommand books a time at another practice.
type BookCommand struct {
	Patient ident.Ref // of this record
	At      ident.ODS
	Slot    ident.Ref // of the other record
	Reason  string    // what it is for: the patient and the other practice read it
	Agreed  bool      // the patient agrees that the other practice is told
	Anyway  bool      // another appointment at that time was seen
	Key     string
}

// ChangeCommand moves an appointment at another practice, or cancels it.
type ChangeCommand struct {
	Appointment ident.Ref
	Version     string    // the version the person saw
	Slot        ident.Ref // where it moves to; zero: it is cancelled
	Reason      string    // why it is cancelled
	Key         string
}

// Book books. When the fault is a Conflict somebody else was first; when it is
// Busy or Internal the errand stands, and is carried by the next Round.
func (s *Service) Book(ctx context.Context, home *record.Practice, by record.Author, c BookCommand) (booking.View, error) {
	if v, done, err := s.before(ctx, home, c.Key); done || err != nil {
		return v, err
	}
	there, l, name, err := s.partner(ctx, home, c.At)
	if err != nil {
		return booking.View{}, err
	}
	slot, err := s.booking.Slot(ctx, there, c.Slot)
	if err == nil {
		err = s.fits(ctx, home, there, l, slot)
	}
	switch {
	case err != nil:
		return booking.View{}, err
	case !c.Agreed:
		return booking.View{}, fault.At(fault.Invalid, "agreed", "Ask the patient first: the other practice is told who they are and what it is for.")
	case c.Reason == "" || len(c.Reason) > 200:
		return booking.View{}, fault.At(fault.Invalid, "reason", "Say in a few words what the appointment is for.")
	}
	if err := s.clash(ctx, home, c, slot); err != nil {
		return booking.View{}, err
	}
	v := booking.View{
		Appointment: ident.Ref{Type: "Appointment", ID: ident.NewID()}, Status: "pending", Patient: c.Patient, Reason: c.Reason,
		Start: slot.Start, End: slot.End, Kind: slot.Kind, Mode: slot.Mode, ClinicianName: slot.ClinicianName,
		Away: booking.Away{At: c.At, Name: name, Slot: c.Slot, Place: slot.Location, Errand: ident.NewID()},
	}
	now := home.Now()
	b := write.New(by, "booking elsewhere: wanted at "+string(c.At), c.Key)
	o := members(v)
	o["created"], o["description"] = write.Instant(now), c.Reason
	o["supportingInformation"] = write.List{write.Ref(c.At.Organization())}
	b.Create(v.Appointment, o)
	addErrand(b, home, by, v, books, c.Slot, c.Reason)
	overflow.Permit(b, home.ODS(), c.At, name, c.Patient, now, "before the appointment was booked there", v.Appointment)
	return s.begin(ctx, home, b, v)
}

var errOutside = fault.At(fault.Refused, "slot", "That time is outside the hours that are agreed. Please choose another.")

// fits refuses a slot that what is agreed does not cover.
func (s *Service) fits(ctx context.Context, home, there *record.Practice, l limits, slot booking.SlotView) error {
	if !l.cover(slot.Start) {
		return errOutside
	}
	n, err := booked(ctx, there, home.ODS().Organization(), slot.Start)
	switch {
	case err != nil:
		return err
	case l.full(n):
		return fault.At(fault.Refused, "slot", "As many appointments as were agreed are booked on that day. Please choose another day.")
	}
	return nil
}

// clash refuses when the patient would be in two places at once.
func (s *Service) clash(ctx context.Context, home *record.Practice, c BookCommand, slot booking.SlotView) error {
	who, _, err := search.Get(ctx, home, c.Patient)
	if err != nil || who == nil {
		return fault.At(fault.Invalid, "patient", "Say who the appointment is for.")
	}
	if who.Get("deceasedBoolean").True() || who.Get("deceasedDateTime").Exists() {
		return fault.New(fault.Refused, "The record says that this patient has died.")
	}
	all, err := s.booking.OfPatient(ctx, home, c.Patient)
	if err != nil || c.Anyway {
		return err
	}
	for _, v := range all {
		if (v.Status == "booked" || v.Status == "pending") && v.Start.Before(slot.End) && slot.Start.Before(v.End) {
			return fault.At(fault.Refused, "anyway", "There is another appointment at that time: %s. Book this one as well?", booking.SayWhen(v.Start))
		}
	}
	return nil
}

// Change moves or cancels. Faults are as for Book.
func (s *Service) Change(ctx context.Context, home *record.Practice, by record.Author, c ChangeCommand) (booking.View, error) {
	if v, done, err := s.before(ctx, home, c.Key); done || err != nil {
		return v, err
	}
	res, ver, err := search.Get(ctx, home, c.Appointment)
	if err != nil || res == nil {
		return booking.View{}, fault.New(fault.NotFound, "There is no such appointment.")
	}
	v, err := booking.ViewOf(ver)
	do := moves
	if c.Slot.IsZero() {
		do = cancels
	}
	switch {
	case err != nil:
		return v, err
	case !v.Away.Is():
		return v, fault.New(fault.Refused, "This appointment is not at another practice.")
	case c.Version != "" && c.Version != ver.ID || v.Away.Errand != "":
		return v, fault.New(fault.Conflict, "This appointment is being changed, or has been. Please look at it again.")
	case v.Status != "booked" || !v.Start.After(home.Now()):
		return v, fault.New(fault.Refused, "This appointment cannot be changed any more.")
	case do == cancels && (c.Reason == "" || len(c.Reason) > 200):
		return v, fault.At(fault.Invalid, "why", "Say why it is cancelled.")
	}
	if do == moves {
		there, l, _, err := s.partner(ctx, home, v.Away.At)
		if err != nil {
			return v, err
		}
		slot, err := s.booking.Slot(ctx, there, c.Slot)
		switch {
		case err != nil:
		case slot.Start.Format(time.DateOnly) != v.Start.Format(time.DateOnly):
			err = s.fits(ctx, home, there, l, slot)
		case !l.cover(slot.Start): // on the same day it takes nobody's place
			err = errOutside
		}
		if err != nil {
			return v, err
		}
	}
	v.Away.Errand = ident.NewID()
	b := write.New(by, "booking elsewhere: to "+string(do)+" at "+string(v.Away.At), c.Key)
	b.Edit(ver, res, write.Obj{"extension": write.Extended(res, booking.AwayURL, v.Away.Extension())})
	addErrand(b, home, by, v, do, c.Slot, c.Reason)
	return s.begin(ctx, home, b, v)
}

// before answers a form that was sent already, and carries what it began.
func (s *Service) before(ctx context.Context, home *record.Practice, key string) (v booking.View, done bool, err error) {
	if key == "" {
		return v, false, nil
	}
	rec, done, err := home.Repeat(ctx, key)
	if err != nil || !done {
		return v, false, err
	}
	for _, x := range rec.Versions {
		if x.Ref.Type == "Task" {
			v, err = s.carryNow(ctx, home, x.Ref)
		}
	}
	return v, true, err
}

// begin records what is wanted, and carries it at once.
func (s *Service) begin(ctx context.Context, home *record.Practice, b *write.Builder, v booking.View) (booking.View, error) {
	c, err := b.Change()
	if err != nil {
		return v, err
	}
	if _, err := home.Commit(ctx, c); err != nil {
		return v, err
	}
	return s.carryNow(ctx, home, ident.Ref{Type: "Task", ID: v.Away.Errand})
}

// carryNow carries one errand and says what became of it.
func (s *Service) carryNow(ctx context.Context, home *record.Practice, ref ident.Ref) (booking.View, error) {
	res, ver, err := search.Get(ctx, home, ref)
	if err != nil || res == nil {
		return booking.View{}, fault.New(fault.NotFound, "There is no such errand.")
	}
	e := readErrand(ver, res)
	if e.open() {
		if err := s.carry(ctx, home, e, false); err != nil {
			return booking.View{}, err
		}
	}
	if res, _, err = search.Get(ctx, home, ref); err != nil {
		return booking.View{}, err
	}
	v, err := s.booking.Appointment(ctx, home, e.appointment)
	if err == nil && res.Get("status").Is("failed") {
		err = fault.At(fault.Conflict, "slot", "%s", res.Get("statusReason", "text").Str())
	}
	return v, err
}

func addErrand(b *write.Builder, home *record.Practice, by record.Author, v booking.View, do does, slot ident.Ref, reason string) {
	now := home.Now()
	in := write.List{write.Obj{"type": write.Coded(care.InputType, "do", ""), "valueCode": string(do)}}
	if !slot.IsZero() {
		in = append(in, write.Obj{"type": write.Coded(care.InputType, "slot", ""), "valueString": slot.String()})
	}
	if reason != "" {
		in = append(in, write.Obj{"type": write.Coded(care.InputType, "reason", ""), "valueString": reason})
	}
	b.Create(ident.Ref{Type: "Task", ID: v.Away.Errand}, write.Obj{
		"status": "requested", "intent": "order", "code": write.Coded(care.TaskCode, Code, "Booking at another practice"),
		"focus": write.Ref(v.Appointment), "for": write.Ref(v.Patient), "owner": write.Named(v.Away.At.Organization(), v.Away.Name),
		"requester": write.Obj{"reference": by.Ref}, "authoredOn": write.Instant(now), "lastModified": write.Instant(now), "input": in,
	})
}

// members are the parts of the Appointment at home that say when, where and
// with whom it is.
func members(v booking.View) write.Obj {
	o := write.Obj{
		"status": v.Status, "start": write.Instant(v.Start), "end": write.Instant(v.End), "minutesDuration": int(v.End.Sub(v.Start).Minutes()),
	}
	people := write.List{write.Obj{"actor": write.Ref(v.Patient), "required": "required", "status": "accepted"}}
	if v.ClinicianName != "" {
		people = append(people, write.Obj{"actor": write.Obj{"display": v.ClinicianName}, "required": "required", "status": "accepted"})
	}
	ext := write.List{v.Away.Extension()}
	if v.Mode != "" {
		ext = append(ext, booking.Channel(v.Mode))
	}
	o["participant"], o["extension"] = people, ext
	if v.Kind != "" {
		o["serviceType"] = write.List{write.Obj{"text": v.Kind}}
	}
	return o
}
