package booking

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// WaitCommand puts a patient on the waiting list, for a slot of some sort that
// may come free.
type WaitCommand struct {
	Patient    ident.Ref
	Request    ident.Ref // may be zero
	Constraint Constraint
	Urgent     bool // before those who are not
	Reason     string
	Key        string
}

// keepFor is how long a slot is kept for whom it was offered to, and soonest
// how long before it starts an offer still makes sense.
const (
	keepFor = 2 * time.Hour
	soonest = 3 * time.Hour
)

// urgentRank and routineRank are the places in the list (Appointment.priority:
// 0 is none, and a lower number comes first, as in iCalendar).
const (
	urgentRank  = 1
	routineRank = 5
)

// Wait adds a patient to the waiting list: an Appointment, waitlist.
func (s *Service) Wait(ctx context.Context, p *record.Practice, by record.Author, c WaitCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		if err := alive(ctx, p, c.Patient); err != nil {
			return decision{}, err
		}
		v := View{
			Appointment: ident.Ref{Type: "Appointment", ID: ident.NewID()}, Status: "waitlist", Patient: c.Patient, Request: c.Request,
			Kind: c.Constraint.Kind, Mode: c.Constraint.Mode, Clinician: c.Constraint.Clinician, Offer: c.Constraint, Reason: c.Reason,
		}
		o := v.resource(p.Now(), by)
		o["priority"] = routineRank
		if c.Urgent {
			o["priority"] = urgentRank
		}
		b := begin(by, "booking: waiting for a time to come free", c.Key)
		b.Create(v.Appointment, o)
		return b.decided(v)
	})
}

// waiting is one entry of the list.
type waiting struct {
	appointment
	rank   int
	since  time.Time
	passed int // offers that ended without an answer
}

// before is the order of the list: who has let the fewest offers pass, so that
// nobody who does not answer keeps a slot from the others; then the urgent;
// then who has waited longest.
func (w waiting) before(o waiting) int {
	return cmp.Or(cmp.Compare(w.passed, o.passed), cmp.Compare(w.rank, o.rank), w.since.Compare(o.since), cmp.Compare(w.v.Ref.ID, o.v.Ref.ID))
}

const passedURL = care.Base + "StructureDefinition/offers-passed"

func readWaiting(v record.Version) (waiting, error) {
	a, err := readAppointment(v)
	if err != nil {
		return waiting{}, err
	}
	w := waiting{appointment: a, rank: whole(a.res.Get("priority")), since: write.When(a.res.Get("created"))}
	if w.rank == 0 {
		w.rank = routineRank
	}
	for e := range a.res.Get("extension").Items() {
		if e.Get("url").Is(passedURL) {
			w.passed = whole(e.Get("valueInteger"))
		}
	}
	p := a.res.Get("requestedPeriod")
	w.view.Offer = Constraint{Kind: w.view.Kind, Mode: w.view.Mode, Clinician: w.view.Clinician, From: write.When(p.Get("start")), Until: write.When(p.Get("end"))}
	return w, nil
}

// FillGaps takes back slots that were kept for an answer that did not come,
// and offers what is free to those who wait, in their order. A slot is kept
// for one at a time: who gets it is decided by the slot's version.
func (s *Service) FillGaps(ctx context.Context, p *record.Practice) error {
	if err := s.lapse(ctx, p); err != nil {
		return err
	}
	var list []waiting
	err := find(ctx, p, "Appointment?status=waitlist&_count=500", func(v record.Version) (bool, error) {
		w, err := readWaiting(v)
		list = append(list, w)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(list, waiting.before)
	given := map[ident.Ref]bool{}
	for _, w := range list {
		if err := s.offerNext(ctx, p, w, given); err != nil {
			return err
		}
	}
	return nil
}

// offerNext keeps the first suitable slot for one who waits.
func (s *Service) offerNext(ctx context.Context, p *record.Practice, w waiting, given map[ident.Ref]bool) error {
	q := w.view.Offer.Query(len(given) + 1)
	if q.From.Before(p.Now().Add(soonest)) {
		q.From = p.Now().Add(soonest)
	}
	q.Via = ByLink
	free, err := s.Free(ctx, p, q)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(free, func(f SlotView) bool { return !given[f.Slot] && f.Places == 1 })
	if i < 0 {
		return nil
	}
	given[free[i].Slot] = true
	v, err := p.Read(ctx, free[i].Slot)
	if err != nil {
		return err
	}
	sl, err := readSlot(v)
	if err != nil || sl.status != "free" {
		return err
	}
	c, err := keep(scene{now: p.Now(), slot: sl, ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}, w, free[i])
	if err == nil {
		_, err = p.Commit(ctx, c)
	}
	if fault.Is(err, fault.Conflict) {
		return nil // somebody was quicker: the next round looks again
	}
	return err
}

// keep decides an offer of one slot for a while.
func keep(s scene, w waiting, f SlotView) (record.Change, error) {
	until := s.now.Add(keepFor)
	b := begin(system, "booking: a time that came free is offered", "")
	t := s.slot.terms
	t.held = w.v.Ref.ID
	b.Edit(s.slot.v, s.slot.res, obj{"status": "busy-tentative", "extension": s.slot.with(t)})
	b.Edit(w.v, w.res, obj{
		"status": "proposed", "slot": list{write.Ref(f.Slot)},
		"start": write.Instant(f.Start), "end": write.Instant(f.End), "comment": write.Instant(until),
	})
	v := w.view
	b.tell(s, system, v, "A time has come free: "+sayWhen(f.Start)+sayWith(f.ClinicianName)+
		". We are keeping it for you until "+sayWhen(until)+". Please sign in and choose it if it suits you. If not, you stay on the list.")
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
		b := begin(system, "booking: the offer of a time has ended", "")
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
	var ext list
	if passed > 0 {
		ext = append(ext, obj{"url": passedURL, "valueInteger": passed})
	}
	for e := range w.res.Get("extension").Items() {
		if !e.Get("url").Is(passedURL) {
			ext = append(ext, json.RawMessage(e.Raw()))
		}
	}
	b.Edit(w.v, w.res, obj{"status": "waitlist", "slot": nil, "start": nil, "end": nil, "comment": nil, "extension": orNil(ext)})
}

// Waiting lists who waits, in the order in which they are asked.
func (s *Service) Waiting(ctx context.Context, p *record.Practice) ([]View, error) {
	var all []waiting
	err := find(ctx, p, "Appointment?status=waitlist&_count=500", func(v record.Version) (bool, error) {
		w, err := readWaiting(v)
		all = append(all, w)
		return err == nil, err
	})
	slices.SortFunc(all, waiting.before)
	out := make([]View, len(all))
	for i, w := range all {
		out[i] = w.view
	}
	return out, err
}

// orNil is a member that is taken out when it is empty.
func orNil(l list) any {
	if len(l) == 0 {
		return nil
	}
	return l
}
