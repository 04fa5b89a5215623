package booking

import (
	"cmp"
	"context"
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
		sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
		v := View{
			Appointment: ident.Ref{Type: "Appointment", ID: sc.ids[0]}, Status: "waitlist", Patient: c.Patient, Request: c.Request,
			Kind: c.Constraint.Kind, Mode: c.Constraint.Mode, Clinician: c.Constraint.Clinician, Offer: c.Constraint, Reason: c.Reason,
		}
		o := v.resource(p.Now(), by)
		o["priority"] = routineRank
		if c.Urgent {
			o["priority"] = urgentRank
		}
		b := begin(by, "booking: waiting for a time to come free", c.Key)
		b.Create(v.Appointment, o)
		b.tell(sc, by, v, sayWaiting)
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

// Waiter is somebody on the waiting list as people see it.
type Waiter struct {
	View
	Urgent bool
	Since  time.Time
	Passed int // offers that ended without an answer
}

// Waiting lists who waits, in the order in which they are asked, and those
// for whom a time is kept just now.
func (s *Service) Waiting(ctx context.Context, p *record.Practice) ([]Waiter, error) {
	all, err := waitingList(ctx, p)
	if err != nil {
		return nil, err
	}
	err = find(ctx, p, "Appointment?status=proposed&date=ge"+utc(p.Now().Add(-longest))+"&_count=500", func(v record.Version) (bool, error) {
		w, err := readWaiting(v)
		if err == nil && len(w.slots) == 1 {
			all = append(all, w)
		}
		return err == nil, err
	})
	names := newSessions(p)
	out := make([]Waiter, len(all))
	for i, w := range all {
		out[i] = w.seen()
		if out[i].ClinicianName == "" {
			out[i].ClinicianName = names.name(ctx, w.view.Clinician)
		}
	}
	return out, err
}

func (w waiting) seen() Waiter {
	return Waiter{View: w.view, Urgent: w.rank <= urgentRank, Since: w.since, Passed: w.passed}
}

// waitingList is who waits, in their order.
func waitingList(ctx context.Context, p *record.Practice) (all []waiting, err error) {
	err = find(ctx, p, "Appointment?status=waitlist&_count=500", func(v record.Version) (bool, error) {
		w, err := readWaiting(v)
		all = append(all, w)
		return err == nil, err
	})
	slices.SortFunc(all, waiting.before)
	return all, err
}

// Place is how many who could take the same times are asked before somebody
// who waits.
func (s *Service) Place(ctx context.Context, p *record.Practice, ref ident.Ref) (before int, err error) {
	all, err := waitingList(ctx, p)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(w waiting) bool { return w.v.Ref == ref })
	for j := range max(i, 0) {
		if all[j].view.Offer.meets(all[i].view.Offer) {
			before++
		}
	}
	return before, nil
}

// meets tells whether one slot could satisfy both.
func (c Constraint) meets(o Constraint) bool {
	return (c.Kind == "" || o.Kind == "" || c.Kind == o.Kind) && (c.Mode == "" || o.Mode == "" || c.Mode == o.Mode) &&
		(c.Clinician.IsZero() || o.Clinician.IsZero() || c.Clinician == o.Clinician)
}

// TurnCommand is what somebody who was offered times, or waits, chooses to do.
type TurnCommand struct {
	Appointment ident.Ref
	Version     string // the version the person saw; "" for whatever is current
	Key         string
}

// Join puts somebody who was offered a choice of times on the waiting list,
// because nothing suits them.
func (s *Service) Join(ctx context.Context, p *record.Practice, by record.Author, c TurnCommand) (Result, error) {
	return s.turn(ctx, p, by, c, "booking: waiting for a time to come free", "proposed", "waitlist")
}

// Choose takes somebody who waits off the list, to choose from the times that
// are free.
func (s *Service) Choose(ctx context.Context, p *record.Practice, by record.Author, c TurnCommand) (Result, error) {
	return s.turn(ctx, p, by, c, "booking: chooses rather than waits", "waitlist", "proposed")
}

func (s *Service) turn(ctx context.Context, p *record.Practice, by record.Author, c TurnCommand, why, from, to string) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		switch {
		case err != nil:
			return decision{}, err
		case c.Version != "" && c.Version != a.v.ID:
			return decision{}, stale()
		case a.view.Status != from || len(a.slots) > 0:
			return decision{}, fault.New(fault.Conflict, "This has changed meanwhile. Please look at it again.")
		case !a.view.Earlier.IsZero():
			return decision{}, fault.New(fault.Refused, "You have an appointment. You can move it to another time.")
		case !a.view.Offer.Until.IsZero() && !a.view.Offer.Until.After(p.Now()):
			return decision{}, fault.New(fault.Refused, "This offer has ended. Please contact the practice for another time.")
		}
		v := a.view
		v.Status = to
		b := begin(by, why, c.Key)
		b.Edit(a.v, a.res, obj{"status": to})
		return b.decided(v)
	})
}

// Decline gives back a time that was kept for somebody: they stay on the list.
func (s *Service) Decline(ctx context.Context, p *record.Practice, by record.Author, c TurnCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		v, err := p.Read(ctx, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		w, err := readWaiting(v)
		if err != nil {
			return decision{}, err
		}
		if w.view.Status != "proposed" || len(w.slots) != 1 {
			return decision{}, fault.New(fault.Conflict, "This has changed meanwhile. Please look at it again.")
		}
		free, err := held(ctx, p, w.appointment)
		if err != nil {
			return decision{}, err
		}
		view := w.view
		view.Status, view.Slot = "waitlist", ident.Ref{}
		b := begin(by, "booking: let a time pass", c.Key)
		b.back(w, w.passed+1)
		b.release(free)
		return b.decided(view)
	})
}
