package booking

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// FillGaps takes back slots that were kept for an answer that did not come,
// and offers what is free to those who wait, in their order. A slot is kept
// for one at a time: who gets it is decided by the slot's version.
func (s *Service) FillGaps(ctx context.Context, p *record.Practice) error {
	if err := s.lapse(ctx, p); err != nil {
		return err
	}
	set, err := LoadSettings(ctx, p)
	if err != nil {
		return err
	}
	all, err := waitingList(ctx, p)
	if err != nil {
		return err
	}
	given := map[ident.Ref]bool{}
	for _, w := range all {
		if !w.view.Earlier.IsZero() {
			if done, err := over(ctx, p, w); err != nil {
				return err
			} else if done {
				continue
			}
		}
		if u := w.view.Offer.Until; !u.IsZero() && !u.After(p.Now()) {
			err = inVain(ctx, p, w)
		} else {
			_, err = s.offerNext(ctx, p, w, set, given)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// OfferNow looks for a time for one who waits, out of their turn if a person
// says so; found is false when nothing suits.
func (s *Service) OfferNow(ctx context.Context, p *record.Practice, ref ident.Ref) (found bool, err error) {
	set, err := LoadSettings(ctx, p)
	if err != nil {
		return false, err
	}
	v, err := p.Read(ctx, ref)
	if err != nil {
		return false, err
	}
	w, err := readWaiting(v)
	if err != nil {
		return false, err
	}
	if w.view.Status != "waitlist" {
		return false, fault.New(fault.Conflict, "They do not wait any more. Look at the list again.")
	}
	return s.offerNext(ctx, p, w, set, map[ident.Ref]bool{})
}

// inVain makes a job, once, for somebody who waited until their last day.
func inVain(ctx context.Context, p *record.Practice, w waiting) error {
	b := begin(record.System, "job asked for: waited in vain", "waited "+w.v.Ref.ID)
	o := write.Job(record.System, "On the waiting list, and no time came free by "+sayWhen(w.view.Offer.Until)+". Find them a time, or tell them what to do.", "urgent", p.Now())
	o["for"], o["reasonReference"] = write.Ref(w.view.Patient), write.Ref(w.v.Ref)
	b.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, o)
	c, err := b.Change()
	if err == nil {
		_, err = p.Commit(ctx, c)
	}
	return err
}

// offerNext keeps the first suitable slot for one who waits.
func (s *Service) offerNext(ctx context.Context, p *record.Practice, w waiting, set Settings, given map[ident.Ref]bool) (found bool, err error) {
	q := w.view.Offer.Query(len(given) + 1)
	if soonest := p.Now().Add(minutes(set.Soonest)); q.From.Before(soonest) {
		q.From = soonest
	}
	q.Via = ByLink
	free, err := s.Free(ctx, p, q)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(free, func(f SlotView) bool { return !given[f.Slot] && f.Places == 1 })
	if i < 0 {
		return false, nil
	}
	given[free[i].Slot] = true
	v, err := p.Read(ctx, free[i].Slot)
	if err != nil {
		return false, err
	}
	sl, err := readSlot(v)
	if err != nil || sl.status != "free" {
		return false, err
	}
	c, err := keep(scene{now: p.Now(), slot: sl, ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}, w, free[i], minutes(set.Keep))
	if err == nil {
		_, err = p.Commit(ctx, c)
	}
	if fault.Is(err, fault.Conflict) {
		return false, nil // somebody was quicker: the next round looks again
	}
	return err == nil, err
}

// keep decides an offer of one slot for a while.
func keep(s scene, w waiting, f SlotView, long time.Duration) (record.Change, error) {
	until := s.now.Add(long)
	if until.After(f.Start) {
		until = f.Start
	}
	b := begin(record.System, "booking: a time that came free is offered", "")
	t := s.slot.terms
	t.held = w.v.Ref.ID
	b.Edit(s.slot.v, s.slot.res, obj{"status": "busy-tentative", "extension": s.slot.with(t)})
	b.Edit(w.v, w.res, obj{
		"status": "proposed", "slot": list{write.Ref(f.Slot)},
		"start": write.Instant(f.Start), "end": write.Instant(f.End), "comment": write.Instant(until),
	})
	v, rest := w.view, ". Please sign in and choose it if it suits you. If not, you stay on the list."
	if !v.Earlier.IsZero() {
		rest += " You keep the appointment that you have until you choose this one."
	}
	b.tell(s, record.System, v, "A time has come free: "+sayWhen(f.Start)+sayWith(f.ClinicianName)+
		". We are keeping it for you until "+sayWhen(until)+rest)
	return b.Change()
}

// lapse gives slots back that were kept long enough, and puts who did not
// answer on the list again, behind those not asked yet.
func (s *Service) lapse(ctx context.Context, p *record.Practice) error {
	return find(ctx, p, "Slot?status=busy-tentative&_count=500", func(v record.Version) (bool, error) {
		sl, err := readSlot(v)
		if err != nil || !sl.kept() {
			return err == nil, err
		}
		b := begin(record.System, "booking: the offer of a time has ended", "")
		av, err := p.Read(ctx, ident.Ref{Type: "Appointment", ID: sl.terms.held})
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone) {
			return false, err
		}
		if err == nil {
			w, err := readWaiting(av)
			if err != nil {
				return false, err
			}
			until := write.When(w.res.Get("comment"))
			open := w.view.Status == "proposed" && slices.Contains(w.slots, v.Ref)
			if open && p.Now().Before(until) {
				return true, nil
			}
			if open {
				b.back(w, w.passed+1)
			}
		}
		b.release([]slot{sl})
		c, err := b.Change()
		if err == nil {
			_, err = p.Commit(ctx, c)
		}
		if fault.Is(err, fault.Conflict) {
			err = nil
		}
		return err == nil, err
	})
}

// back puts somebody on the list again, who has now let so many offers pass.
func (b builder) back(w waiting, passed int) {
	var count obj
	if passed > 0 {
		count = obj{"url": passedURL, "valueInteger": passed}
	}
	b.Edit(w.v, w.res, obj{
		"status": "waitlist", "slot": nil, "start": nil, "end": nil, "comment": nil,
		"extension": write.Extended(w.res, passedURL, count),
	})
}
