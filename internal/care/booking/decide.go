package booking

import (
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// scene is everything that a booking is decided on.
type scene struct {
	now     time.Time
	slot    slot          // the one that is wanted
	near    []slot        // others of the same schedule that share time with it
	holders []ident.Ref   // live appointments that already have the slot
	earlier *entry        // of who waits for an earlier time than what is moved or cancelled
	theirs  []appointment // the patient's own at that time, but not the one moved
	coming  []appointment // what the patient has yet to come to, where they book unasked
	request *task         // the request it answers, if any
	via     string        // how it is bought: ByLink …; "" by staff
	node    string        // which node sells
	hold    string        // id of the appointment that the slot may be kept for
	ids     [3]string     // for the appointment and the messages
}

// task is the request that an appointment answers.
type task struct {
	v   record.Version
	res *fhir.Resource
}

// decision is a change, and the appointment as it will be.
type decision struct {
	change record.Change
	view   View
}

// vacant refuses a slot that cannot be sold now. Its order matters: what is
// past is past, whoever had it.
func (s scene) vacant() error {
	switch {
	case !s.slot.view.Start.After(s.now):
		return fault.At(fault.Refused, "slot", "That time has passed. Please choose another.")
	case !s.slot.view.End.After(s.slot.view.Start):
		return fault.At(fault.Refused, "slot", "That time in the diary has no end. Please choose another.")
	case s.slot.kept() && s.slot.terms.held == s.hold:
		return nil // kept for whom it was offered to
	case s.slot.status != "free" || len(s.holders) >= s.slot.terms.Places():
		return taken()
	}
	if err := s.slot.terms.sells(s.via, s.node, s.now); err != nil {
		return err
	}
	for _, n := range s.near {
		if (n.status == "busy" || n.terms.taken > 0 || n.kept()) && n.overlaps(s.slot) {
			return taken()
		}
	}
	return nil
}

func taken() *fault.Error {
	f := fault.Wrap(&Taken{}, fault.Conflict, "Somebody has just taken that time. Please choose another.")
	f.Where = "slot"
	return f
}

// clash refuses when the patient would be in two places at once.
func (s scene) clash(anyway bool) error {
	if anyway {
		return nil
	}
	for _, a := range s.theirs {
		if a.upcoming() && a.view.Start.Before(s.slot.view.End) && s.slot.view.Start.Before(a.view.End) {
			f := fault.Wrap(&Clash{With: a.view}, fault.Refused,
				"There is another appointment at that time: %s. Book this one as well?", sayWhen(a.view.Start))
			f.Where = "slot"
			return f
		}
	}
	return nil
}

// expects are what must still be true when a slot is sold: the slot as it was,
// and every slot beside it that shares time, so that of two people who take
// overlapping slots at once only one succeeds.
func (s scene) expects() []record.Expect {
	e := []record.Expect{s.slot.v.Expect()}
	for _, n := range s.near {
		e = append(e, n.v.Expect())
	}
	return e
}

// book decides a booking made directly.
func book(s scene, by record.Author, c BookCommand) (decision, error) {
	s.via = via(by, BySelf)
	if err := s.once(); err != nil {
		return decision{}, err
	}
	if err := s.may(c.Anyway); err != nil {
		return decision{}, err
	}
	mode := c.Mode
	if mode == "" {
		mode = s.slot.view.Mode
	}
	v := s.slot.booked(View{
		Appointment: ident.Ref{Type: "Appointment", ID: s.ids[0]},
		Patient:     c.Patient, Request: c.Request, Reason: c.Reason, Note: c.Note, Mode: mode,
	})
	b := begin(by, "booking: booked", c.Key)
	b.Expect(s.expects()...)
	b.Create(v.Appointment, v.resource(s.now, by))
	b.sell(s)
	b.request(s.request, s.now, "triaged")
	b.tell(s, by, v, sayBooked(v))
	return b.decided(v)
}

// once refuses a second appointment of one sort to a patient who books unasked:
// nobody takes times that others need for fear of having none.
func (s scene) once() error {
	for _, a := range s.coming {
		if a.upcoming() && a.view.Kind == s.slot.view.Kind && a.view.Start.After(s.now) {
			return fault.At(fault.Refused, "slot", "You have an appointment like this already. You can move it to another time.")
		}
	}
	return nil
}

// pick decides a patient's choice for an offer.
func pick(s scene, offer appointment, by record.Author, c PickCommand) (decision, error) {
	if offer.view.Status != "proposed" {
		return decision{}, settled(offer)
	}
	if len(offer.slots) == 1 && offer.slots[0] != s.slot.view.Slot {
		return decision{}, fault.At(fault.Refused, "slot", "That is not the time we are keeping for you.")
	}
	if u := offer.view.Offer.Until; !u.IsZero() && s.now.After(u) {
		return decision{}, fault.New(fault.Refused, "This offer has ended. Please contact the practice for another time.")
	}
	if !offer.view.Offer.Allows(s.slot.view) {
		return decision{}, fault.At(fault.Refused, "slot", "That time is not one of those offered. Please choose another.")
	}
	s.via, s.hold = via(by, ByLink), offer.v.Ref.ID
	if err := s.may(c.Anyway); err != nil {
		return decision{}, err
	}
	v := s.slot.booked(offer.view)
	set := v.over(offer.res)
	set["comment"] = nil // until when a time was kept
	b := begin(by, "booking: patient chose a time", c.Key)
	b.Expect(s.expects()...)
	b.Edit(offer.v, offer.res, set)
	b.sell(s)
	b.request(s.request, s.now, "triaged")
	b.tell(s, by, v, sayBooked(v))
	return b.decided(v)
}

// movesTo is where a patient may move a booking.
func (a appointment) movesTo() Constraint {
	return Constraint{Kind: a.view.Kind, Mode: a.view.Mode, Clinician: a.view.Clinician, Until: a.view.Offer.Until}
}

// rebook decides a move to another slot: the new one is sold and the old one
// freed in the same change.
func rebook(s scene, old appointment, free []slot, by record.Author, c RebookCommand) (decision, error) {
	if err := old.changeable(s.now, c.Version); err != nil {
		return decision{}, err
	}
	if slices.Contains(old.slots, s.slot.view.Slot) {
		return decision{}, fault.At(fault.Refused, "slot", "The appointment is at that time already.")
	}
	// What a patient may move to is what they could have had: the practice
	// chose the sort, the clinician and the last day for a reason.
	if !care.IsStaff(by.Role) && !old.movesTo().Allows(s.slot.view) {
		return decision{}, fault.At(fault.Refused, "slot", "You cannot move this appointment to that time yourself. Please choose another, or ask the practice.")
	}
	// The time that is given up does not stand in its own way.
	if s.via = via(by, ByLink); c.Via != "" {
		s.via = c.Via
	}
	if s.earlier != nil {
		s.hold = s.earlier.v.Ref.ID // what is kept for them is theirs to take
	}
	s.near = slices.DeleteFunc(slices.Clone(s.near), func(n slot) bool { return slices.Contains(old.slots, n.view.Slot) })
	if err := s.may(c.Anyway); err != nil {
		return decision{}, err
	}
	moved := old.view
	if s.slot.view.Mode != "" {
		moved.Mode = s.slot.view.Mode
	}
	v := s.slot.booked(moved)
	b := begin(by, "booking: moved", c.Key)
	if err := c.Allow.asked(b.Builder, s); err != nil {
		return decision{}, err
	}
	b.Expect(s.expects()...)
	b.Edit(old.v, old.res, v.over(old.res))
	b.sell(s)
	b.release(free)
	b.end(s.earlier, s.slot.view.Slot, "the appointment has moved")
	b.tell(s, by, v, sayMoved(v))
	return b.decided(v)
}

// cancel decides the end of an offer or a booking.
func cancel(s scene, old appointment, free []slot, by record.Author, c CancelCommand) (decision, error) {
	if c.Reason == "" {
		return decision{}, fault.At(fault.Invalid, "reason", "Say why it is cancelled.")
	}
	if old.view.Status != "proposed" && old.view.Status != "waitlist" {
		if err := old.changeable(s.now, c.Version); err != nil {
			return decision{}, err
		}
	} else if c.Version != "" && c.Version != old.v.ID {
		return decision{}, stale()
	}
	v := old.view
	v.Status, v.Version, v.Slot = "cancelled", "", ident.Ref{}
	b := begin(by, "booking: cancelled", c.Key)
	set := obj{"status": "cancelled", "slot": nil, "cancelationReason": obj{"text": c.Reason}}
	if old.view.Status == "proposed" {
		set["comment"] = nil // until when a time was kept
	}
	if !old.view.Earlier.IsZero() {
		set["start"], set["end"] = nil, nil // that time was never theirs
	}
	b.Edit(old.v, old.res, set)
	b.release(free)
	b.end(s.earlier, ident.Ref{}, "the appointment has been cancelled")
	b.request(s.request, s.now, "triaged")
	b.tell(s, by, v, sayCancelled(v, old.view))
	return b.decided(v)
}

// offer decides a choice of times given to a patient.
func offer(s scene, by record.Author, c OfferCommand) (decision, error) {
	switch u, f := c.Constraint.Until, c.Constraint.From; {
	case !u.IsZero() && !u.After(s.now):
		return decision{}, fault.At(fault.Invalid, "until", "The last day of the offer must be in the future.")
	case !u.IsZero() && !f.IsZero() && !u.After(f):
		return decision{}, fault.At(fault.Invalid, "until", "The last day of the offer must be after its first.")
	}
	v := View{
		Appointment: ident.Ref{Type: "Appointment", ID: s.ids[0]}, Status: "proposed",
		Patient: c.Patient, Request: c.Request, Reason: c.Reason, Note: c.Note,
		Kind: c.Constraint.Kind, Mode: c.Constraint.Mode, Clinician: c.Constraint.Clinician, Offer: c.Constraint,
	}
	b := begin(by, "booking: offered a choice of times", c.Key)
	b.Create(v.Appointment, v.resource(s.now, by))
	b.request(s.request, s.now, "with-patient")
	b.tell(s, by, v, sayOffer(c.Constraint))
	return b.decided(v)
}

// via is how an author buys: patients as given, programs for the network.
func via(by record.Author, patient string) string {
	switch {
	case care.IsStaff(by.Role):
		return ""
	case by.Role == care.RolePatient || by.Role == care.RoleProxy:
		return patient
	}
	return ByNetwork
}

// may is everything that stands in the way of selling the slot.
func (s scene) may(anyway bool) error {
	if err := s.vacant(); err != nil {
		return err
	}
	return s.clash(anyway)
}

func (a appointment) changeable(now time.Time, seen string) error {
	switch {
	case seen != "" && seen != a.v.ID:
		return stale()
	case !a.upcoming():
		return settled(a)
	case !a.view.Start.After(now):
		return fault.New(fault.Refused, "This appointment has already begun.")
	}
	return nil
}

func stale() error {
	return fault.New(fault.Conflict, "Somebody else has changed this appointment. Please look at it again.")
}

func settled(a appointment) error {
	switch a.view.Status {
	case "cancelled":
		return fault.New(fault.Conflict, "This appointment has been cancelled.")
	case "booked":
		return fault.New(fault.Conflict, "This appointment is booked already.")
	case "proposed":
		return fault.New(fault.Refused, "A time has not been chosen for this appointment yet.")
	}
	return fault.New(fault.Refused, "This appointment is over.")
}

// booked is a view with the slot's time and clinician.
func (s slot) booked(v View) View {
	v.Status, v.Slot, v.Version = "booked", s.view.Slot, ""
	v.Start, v.End, v.Kind, v.Category = s.view.Start, s.view.End, s.view.Kind, s.view.Category
	v.Clinician, v.ClinicianName = s.view.Clinician, s.view.ClinicianName
	if v.Mode == "" {
		v.Mode = s.view.Mode
	}
	return v
}
