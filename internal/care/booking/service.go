package booking

import (
	"context"
	"errors"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service carries out the commands on a practice's record.
type Service struct{ node string }

// Centre is the node that sells what names no other.
const Centre = "c"

// New makes the service of the centre.
func New() *Service { return At(Centre) }

// At makes the service of a node, which sells the slots that name it.
func At(node string) *Service { return &Service{node} }

// attempts is how often a decision is made afresh when something beside the
// slot (the request, a neighbour in the diary) changed meanwhile.
const attempts = 12

// Offer gives the patient a choice of slots: an Appointment, proposed.
func (s *Service) Offer(ctx context.Context, p *record.Practice, by record.Author, c OfferCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
		if err := alive(ctx, p, c.Patient); err != nil {
			return decision{}, err
		}
		var err error
		if sc.request, err = loadTask(ctx, p, c.Request, c.Patient); err != nil {
			return decision{}, err
		}
		d, err := offer(sc, by, c)
		d.view.ClinicianName = newSessions(p).name(ctx, d.view.Clinician)
		return d, err
	})
}

// Pick books the slot that the patient chose for an offer. When somebody else
// got it first the fault is a Conflict whose cause is *Taken.
func (s *Service) Pick(ctx context.Context, p *record.Practice, by record.Author, c PickCommand) (Result, error) {
	if move, ok, err := s.takes(ctx, p, c); ok || err != nil {
		if err != nil {
			return Result{}, err
		}
		return s.Rebook(ctx, p, by, move)
	}
	var limits Constraint
	res, err := s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		limits = a.view.Offer
		sc, err := s.scene(ctx, p, c.Slot, a.view.Patient, a.view.Request, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		return pick(sc, a, by, c)
	})
	return res, s.instead(ctx, p, err, limits)
}

// Book books a slot directly. Faults are as for Pick.
func (s *Service) Book(ctx context.Context, p *record.Practice, by record.Author, c BookCommand) (Result, error) {
	var limits Constraint
	res, err := s.do(ctx, p, c.Key, func() (decision, error) {
		sc, err := s.scene(ctx, p, c.Slot, c.Patient, c.Request, ident.Ref{})
		if err != nil {
			return decision{}, err
		}
		limits = Constraint{Kind: sc.slot.view.Kind, Mode: sc.slot.view.Mode}
		if via(by, BySelf) == BySelf {
			if err := sc.comingOf(ctx, p, c.Patient); err != nil {
				return decision{}, err
			}
		}
		return book(sc, by, c)
	})
	return res, s.instead(ctx, p, err, limits)
}

// Cancel cancels an offer or a booking and frees its slot.
func (s *Service) Cancel(ctx context.Context, p *record.Practice, by record.Author, c CancelCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
		// Whatever has become of the request, an appointment can be cancelled.
		sc.request, err = loadTask(ctx, p, a.view.Request, a.view.Patient)
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Gone, fault.Refused:
			sc.request, err = nil, nil
		}
		if err != nil {
			return decision{}, err
		}
		free, err := held(ctx, p, a)
		if err != nil {
			return decision{}, err
		}
		if sc.earlier, err = earlierOf(ctx, p, a.v.Ref); err != nil {
			return decision{}, err
		}
		return cancel(sc, a, free, by, c)
	})
}

// Rebook moves a booking to another slot. Faults are as for Pick.
func (s *Service) Rebook(ctx context.Context, p *record.Practice, by record.Author, c RebookCommand) (Result, error) {
	var limits Constraint
	res, err := s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		limits = Constraint{Kind: a.view.Kind, Mode: a.view.Mode}
		sc, err := s.scene(ctx, p, c.Slot, a.view.Patient, ident.Ref{}, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		free, err := held(ctx, p, a)
		if err != nil {
			return decision{}, err
		}
		if sc.earlier, err = earlierOf(ctx, p, a.v.Ref); err != nil {
			return decision{}, err
		}
		return rebook(sc, a, free, by, c)
	})
	return res, s.instead(ctx, p, err, limits)
}

// do decides and commits, afresh when something changed in between. A key
// that was used gives the first result again.
func (s *Service) do(ctx context.Context, p *record.Practice, key string, decide func() (decision, error)) (Result, error) {
	for try := 1; ; try++ {
		if res, ok, err := s.repeat(ctx, p, key); ok || err != nil {
			return res, err
		}
		d, err := decide()
		if err != nil {
			// The first of two equal submissions may have got in between.
			if res, ok, _ := s.repeat(ctx, p, key); ok {
				return res, nil
			}
			return Result{}, err
		}
		rec, err := p.Commit(ctx, d.change)
		switch {
		case err == nil && rec.Repeat:
			return s.first(ctx, p, rec)
		case err == nil:
			d.view.Version = versionOf(rec, d.view.Appointment)
			return Result{Appointment: d.view, Position: rec.Position}, nil
		case !fault.Is(err, fault.Conflict) || try == attempts:
			return Result{}, err
		}
	}
}

func (s *Service) repeat(ctx context.Context, p *record.Practice, key string) (Result, bool, error) {
	if key == "" {
		return Result{}, false, nil
	}
	rec, ok, err := p.Repeat(ctx, key)
	if !ok || err != nil {
		return Result{}, false, err
	}
	res, err := s.first(ctx, p, rec)
	return res, true, err
}

// first is the result of the change that used the key before.
func (s *Service) first(ctx context.Context, p *record.Practice, rec record.Receipt) (Result, error) {
	for _, v := range rec.Versions {
		if v.Ref.Type == "Appointment" {
			view, err := s.Appointment(ctx, p, v.Ref)
			return Result{Appointment: view, Position: rec.Position, Repeat: true}, err
		}
	}
	return Result{}, fault.New(fault.Refused, "This form has been used for something else. Please open the page again.")
}

func versionOf(rec record.Receipt, ref ident.Ref) string {
	for _, v := range rec.Versions {
		if v.Ref == ref {
			return v.ID
		}
	}
	return ""
}

// instead adds the next free times to a refusal because the slot was taken.
func (s *Service) instead(ctx context.Context, p *record.Practice, err error, c Constraint) error {
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	f := fault.From(err)
	var t *Taken
	if f.Cause != nil && !errors.As(f.Cause, &t) || f.Cause == nil && f.Where != "slot" {
		return err
	}
	q := c.Query(6)
	q.Via = ByLink
	next, ferr := s.Free(ctx, p, q)
	if ferr != nil {
		return err // the refusal is what matters
	}
	g := *f
	g.Cause = &Taken{Next: next}
	return &g
}

// load reads one appointment that is decided about here.
func load(ctx context.Context, p *record.Practice, ref ident.Ref) (appointment, error) {
	a, err := look(ctx, p, ref)
	if err == nil && a.view.Away.Is() {
		err = fault.New(fault.Refused, "This appointment is at %s. It is changed from the page of bookings elsewhere.", a.view.Away.Name)
	}
	return a, err
}

// look reads one appointment.
func look(ctx context.Context, p *record.Practice, ref ident.Ref) (appointment, error) {
	if ref.Type != "Appointment" {
		return appointment{}, fault.At(fault.Invalid, "appointment", "That is not an appointment.")
	}
	v, err := p.Read(ctx, ref)
	if err != nil {
		return appointment{}, err
	}
	return readAppointment(v)
}

// held loads the slots that an appointment has and no other live one shares,
// or that is kept for it.
func held(ctx context.Context, p *record.Practice, a appointment) ([]slot, error) {
	var out []slot
	if !a.live() && a.view.Status != "proposed" {
		return nil, nil
	}
	for _, ref := range a.slots {
		v, err := p.Read(ctx, ref)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var sc scene
		if err := sc.holdersOf(ctx, p, ref, a.v.Ref); err != nil {
			return nil, err
		}
		s, err := readSlot(v)
		if err != nil {
			return nil, err
		}
		if a.view.Status == "proposed" && (!s.kept() || s.terms.held != a.v.Ref.ID) {
			continue
		}
		if s.others = len(sc.holders); s.others < s.terms.Places() {
			out = append(out, s)
		}
	}
	return out, nil
}
