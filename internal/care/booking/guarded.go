package booking

import (
	"context"
	"slices"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Guarded is what a door calls before it commits a change that came from
// outside. A program books by creating an Appointment, booked, that names one
// Slot: Guarded decides as for anybody else, and adds the sale of the slot to
// the same change. Nobody sells, frees or moves a sold slot by hand. What was
// looked at is expected at the commit, so nothing slips in between.
func (s *Service) Guarded(ctx context.Context, p *record.Practice, c *record.Change) error {
	g := guard{s, ctx, p, c}
	for _, w := range slices.Clone(c.Writes) {
		var err error
		switch w.Ref.Type {
		case "Slot":
			err = g.slot(w)
		case "Appointment":
			err = g.appointment(w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type guard struct {
	s   *Service
	ctx context.Context
	p   *record.Practice
	c   *record.Change
}

// current is the version that a write would replace; ok is false for none.
func (g guard) current(ref ident.Ref) (v record.Version, ok bool, err error) {
	v, err = g.p.Read(g.ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return v, false, nil
	}
	return v, err == nil, err
}

func (g guard) expect(es ...record.Expect) {
	for _, e := range es {
		if !slices.Contains(g.c.Expect, e) {
			g.c.Expect = append(g.c.Expect, e)
		}
	}
}

func (g guard) slot(w record.Write) error {
	v, ok, err := g.current(w.Ref)
	if err != nil || !ok {
		return err // a new slot is nobody's yet
	}
	old, err := readSlot(v)
	if err != nil {
		return err
	}
	var sc scene
	if err := sc.holdersOf(g.ctx, g.p, w.Ref, ident.Ref{}); err != nil {
		return err
	}
	g.expect(v.Expect())
	sold := len(sc.holders) > 0 || old.terms.taken > 0 || old.terms.held != ""
	if w.Op != record.Put {
		if sold {
			return fault.At(fault.Refused, "Slot", "Somebody has this slot: cancel or move the appointment first.")
		}
		return nil
	}
	after, err := readSlot(record.Version{Ref: w.Ref, Body: w.Body})
	if err != nil {
		return err
	}
	return old.rewritten(after, sold)
}

// rewritten decides whether a slot may become another by hand.
func (s slot) rewritten(after slot, sold bool) error {
	a, b := s.terms, after.terms
	switch {
	case a.Owner != b.Owner:
		return fault.At(fault.Refused, "Slot.extension", "Which node sells a slot is handed over by that node, not rewritten.")
	case b.taken != a.taken || b.held != a.held:
		return fault.At(fault.Refused, "Slot.extension", "How many have a slot is counted by booking.")
	case sold && (s.view.Schedule != after.view.Schedule || !s.view.Start.Equal(after.view.Start) || !s.view.End.Equal(after.view.End) || a.Places() != b.Places()):
		return fault.At(fault.Refused, "Slot.start", "Somebody has this slot: cancel or move the appointment first.")
	case sold && s.status != after.status:
		return fault.At(fault.Refused, "Slot.status", "A slot is freed by cancelling its appointment.")
	case !sold && after.status != s.status && !slices.Contains([]string{"free", "busy-unavailable", "entered-in-error"}, after.status):
		return fault.At(fault.Refused, "Slot.status", "A slot is sold by booking it: create an Appointment that names it. To keep it back, say busy-unavailable.")
	}
	return nil
}

func (g guard) appointment(w record.Write) error {
	var old, after appointment
	v, ok, err := g.current(w.Ref)
	if err == nil && ok {
		old, err = readAppointment(v)
	}
	if err == nil && w.Op == record.Put {
		after, err = readAppointment(record.Version{Ref: w.Ref, Body: w.Body})
	}
	if err != nil {
		return err
	}
	if old.view.Away.Is() || after.view.Away.Is() {
		return fault.At(fault.Refused, "Appointment.extension", "A booking at another practice is changed by booking, in both records.")
	}
	had, has := old.live() && len(old.slots) > 0, after.live() && len(after.slots) > 0
	if had || has {
		g.expect(record.Expect{Ref: w.Ref, Version: v.ID})
	}
	switch {
	case had && w.Op != record.Put:
		return fault.At(fault.Refused, "Appointment", "A booked appointment cannot be deleted. Cancel it, and say why.")
	case had && has:
		return sameTime(old, after)
	case had:
		return g.free(old)
	case has:
		return g.sell(w.Ref, after)
	case after.upcoming() && after.view.Start.After(g.p.Now()):
		return fault.At(fault.Refused, "Appointment.slot", "An appointment to come is booked in a slot: name one that is free.")
	}
	return nil
}

func sameTime(old, after appointment) error {
	switch {
	case !slices.Equal(old.slots, after.slots):
		return fault.At(fault.Refused, "Appointment.slot", "Cancel this appointment and book another to change its time.")
	case !old.view.Start.Equal(after.view.Start) || !old.view.End.Equal(after.view.End):
		return fault.At(fault.Refused, "Appointment.start", "An appointment is at the time of its slot.")
	case old.view.For != after.view.For:
		return fault.At(fault.Refused, "Appointment.supportingInformation", "Which organisation booked an appointment stays as it is.")
	case old.view.Patient != after.view.Patient:
		return fault.At(fault.Refused, "Appointment.participant", "An appointment stays with its patient. Cancel it and book another.")
	}
	return nil
}

// sell adds the sale of the slot that a new appointment names.
func (g guard) sell(ref ident.Ref, a appointment) error {
	if len(a.slots) != 1 || a.slots[0].Type != "Slot" {
		return fault.At(fault.Refused, "Appointment.slot", "An appointment has one slot.")
	}
	want := a.slots[0]
	if slices.ContainsFunc(g.c.Writes, func(w record.Write) bool { return w.Ref == want }) {
		return fault.At(fault.Refused, "Appointment.slot", "A slot is booked once in a transaction, and its sale is not written by hand.")
	}
	sc, err := g.s.scene(g.ctx, g.p, want, a.view.Patient, ident.Ref{}, ref)
	if err != nil {
		return err
	}
	if !sc.slot.view.Start.Equal(a.view.Start) || !sc.slot.view.End.Equal(a.view.End) {
		return fault.At(fault.Refused, "Appointment.start", "An appointment is at the time of its slot.")
	}
	sc.via = ByNetwork
	if err := sc.vacant(); err != nil {
		return err
	}
	b := begin(g.c.Author, "", "")
	b.Expect(sc.expects()...)
	b.sell(sc)
	return g.join(b)
}

// free adds the release of what a cancelled appointment had.
func (g guard) free(old appointment) error {
	slots, err := held(g.ctx, g.p, old)
	if err != nil {
		return err
	}
	for _, s := range slots {
		if slices.ContainsFunc(g.c.Writes, func(w record.Write) bool { return w.Ref == s.view.Slot }) {
			return fault.At(fault.Refused, "Appointment.slot", "A slot is booked or freed once in a transaction.")
		}
	}
	b := begin(g.c.Author, "", "")
	b.release(slots)
	return g.join(b)
}

func (g guard) join(b builder) error {
	c, err := b.Change()
	if err != nil {
		return err
	}
	g.expect(c.Expect...)
	g.c.Writes = append(g.c.Writes, c.Writes...)
	return nil
}
