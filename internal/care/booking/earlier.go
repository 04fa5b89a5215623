package booking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Who has an appointment can wait for an earlier time of the same sort. That
// is an entry of the waiting list of its own, which names the appointment: who
// takes a time that is kept by it moves the appointment there, so that they
// never have two, and the later time goes back in the same change. An entry
// ends with its appointment, and when that is moved.

// afterThose is the place in the list of who has a time already: after
// everybody who has none.
const afterThose = 6

// earlierRef is where the entry of an appointment is: always the same, so that
// an appointment has one however often it is asked for.
func earlierRef(appt ident.Ref) ident.Ref {
	sum := sha256.Sum256([]byte(appt.String()))
	return ident.Ref{Type: "Appointment", ID: "earlier-" + hex.EncodeToString(sum[:12])}
}

// entry is a place in the waiting list for an earlier time, and what is kept by it.
type entry struct {
	appointment
	free []slot
}

func (e entry) open() bool { return e.view.Status == "waitlist" || e.view.Status == "proposed" }

// earlierOf is the entry of an appointment, open or ended; nil for none.
func earlierOf(ctx context.Context, p *record.Practice, appt ident.Ref) (*entry, error) {
	a, err := look(ctx, p, earlierRef(appt))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := &entry{appointment: a}
	e.free, err = held(ctx, p, a)
	return e, err
}

// Earlier has somebody who has an appointment told when an earlier time of the
// same sort comes free. c names the appointment.
func (s *Service) Earlier(ctx context.Context, p *record.Practice, by record.Author, c TurnCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		was, err := earlierOf(ctx, p, a.v.Ref)
		if err != nil {
			return decision{}, err
		}
		sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
		return earlier(sc, a, was, by, c)
	})
}

// earlier decides that somebody waits for an earlier time.
func earlier(s scene, a appointment, was *entry, by record.Author, c TurnCommand) (decision, error) {
	if err := a.changeable(s.now, c.Version); err != nil {
		return decision{}, err
	}
	if was != nil && was.open() {
		return decision{}, fault.New(fault.Refused, "You are on the list to be seen sooner already.")
	}
	limits := a.movesTo()
	limits.Until = a.view.Start.Add(-time.Minute)
	v := View{
		Appointment: earlierRef(a.v.Ref), Status: "waitlist", Patient: a.view.Patient, Earlier: a.v.Ref,
		Kind: limits.Kind, Mode: limits.Mode, Clinician: limits.Clinician, Offer: limits, Reason: a.view.Reason,
	}
	o := v.resource(s.now, by)
	o["priority"] = afterThose
	b := begin(by, "booking: waiting for an earlier time", c.Key)
	b.Expect(a.v.Expect()) // it is as it was looked at
	if was == nil {
		b.Create(v.Appointment, o)
	} else {
		b.Replace(was.v, o)
	}
	b.tell(s, by, v, sayEarlier(a.view))
	return b.decided(v)
}

// end ends the wait for an earlier time, with whatever ends it: what is kept
// by it is given back, but not the slot that is sold in the same change.
func (b builder) end(e *entry, sold ident.Ref, why string) {
	if e == nil || !e.open() {
		return
	}
	b.Edit(e.v, e.res, obj{
		"status": "cancelled", "slot": nil, "start": nil, "end": nil, "comment": nil, "cancelationReason": obj{"text": why},
	})
	for _, f := range e.free {
		if f.view.Slot != sold {
			b.release([]slot{f})
		}
	}
}

// over ends an entry for an earlier time whose appointment has begun, moved or
// is no more; done is false while it is as it was.
func over(ctx context.Context, p *record.Practice, w waiting) (done bool, err error) {
	a, err := look(ctx, p, w.view.Earlier)
	gone := fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone)
	if err != nil && !gone {
		return false, err
	}
	if !gone && a.upcoming() && a.view.Start.After(w.view.Offer.Until) && w.view.Offer.Until.After(p.Now()) {
		return false, nil
	}
	e, err := earlierOf(ctx, p, w.view.Earlier)
	if err != nil {
		return false, err
	}
	b := begin(record.System, "booking: no wait for an earlier time any more", "")
	b.end(e, ident.Ref{}, "the appointment has changed")
	c, err := b.Change()
	if err == nil && len(c.Writes) > 0 {
		_, err = p.Commit(ctx, c)
	}
	if fault.Is(err, fault.Conflict) {
		err = nil // the next round looks again
	}
	return true, err
}

// EarlierOf is the wait for an earlier time than an appointment; ok is false
// where nobody waits.
func (s *Service) EarlierOf(ctx context.Context, p *record.Practice, appt ident.Ref) (v View, ok bool, err error) {
	e, err := earlierOf(ctx, p, appt)
	if e == nil || err != nil || !e.open() {
		return View{}, false, err
	}
	return e.view, true, nil
}

// takes tells which of an appointment's times a choice moves: where an offer
// is of an earlier time, choosing it is a move of the appointment.
func (s *Service) takes(ctx context.Context, p *record.Practice, c PickCommand) (RebookCommand, bool, error) {
	a, err := load(ctx, p, c.Appointment)
	if err != nil || a.view.Earlier.IsZero() {
		return RebookCommand{}, false, err
	}
	return RebookCommand{Appointment: a.view.Earlier, Slot: c.Slot, Anyway: c.Anyway, Key: c.Key}, true, nil
}

// earlierIn reads which appointment an entry waits for an earlier time than.
func earlierIn(a appointment) (ref ident.Ref) {
	for n := range a.res.Get("supportingInformation").Items() {
		if r := write.Target(n); r.Type == "Appointment" {
			ref = r
		}
	}
	return ref
}

func sayEarlier(v View) string {
	return "You have asked for an earlier time. When one comes free we will tell you and keep it for you for a while. " +
		"You keep your appointment on " + sayWhen(v.Start) + " until you choose another."
}
