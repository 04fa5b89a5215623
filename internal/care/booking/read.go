package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Free lists slots that can be booked now, earliest first.
func (s *Service) Free(ctx context.Context, p *record.Practice, q Query) ([]SlotView, error) {
	now := p.Now()
	if q.From.Before(now) {
		q.From = now
	}
	if q.To.IsZero() {
		q.To = q.From.Add(28 * longest)
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	if !q.To.After(q.From) {
		return nil, nil
	}
	f := freeSearch{p: p, q: q, now: now, node: s.node, sessions: newSessions(p)}
	// A day at a time, then longer where little is free: most people take one
	// of the first.
	for from, days := q.From, 1; from.Before(q.To) && len(f.found) < q.Limit; {
		to := from.AddDate(0, 0, days)
		if to.After(q.To) {
			to = q.To
		}
		before := len(f.found)
		if err := f.window(ctx, from, to); err != nil {
			return nil, err
		}
		if from = to; len(f.found)-before < q.Limit/4 {
			days = min(days*2, 7)
		}
	}
	return f.found[:min(len(f.found), q.Limit)], nil
}

// freeSearch is one search for free slots.
type freeSearch struct {
	p        *record.Practice
	q        Query
	now      time.Time
	node     string
	sessions *sessions
	found    []SlotView
}

// window adds the slots that start in [from, to), earliest first.
func (f *freeSearch) window(ctx context.Context, from, to time.Time) error {
	var free []slot
	query := "Slot?status=free&start=ge" + utc(from) + "&start=lt" + utc(to) + "&_count=500"
	err := find(ctx, f.p, query, func(v record.Version) (bool, error) {
		s, err := readSlot(v)
		if err != nil || s.view.Start.Before(from) || !s.view.Start.Before(to) {
			return err == nil, err
		}
		if s.terms.sells(f.q.Via, f.node, f.now) != nil {
			return true, nil //nolint:nilerr // what cannot be read is passed over here
		}
		ok, err := f.q.wants(ctx, f.sessions, &s, f.now)
		if ok {
			free = append(free, s)
		}
		return err == nil, err
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(free, func(a, b slot) int {
		return cmp.Or(a.view.Start.Compare(b.view.Start), cmp.Compare(a.view.ClinicianName, b.view.ClinicianName))
	})
	busy, err := f.sold(ctx, free)
	if err != nil {
		return err
	}
	for _, s := range free {
		clear := !slices.ContainsFunc(busy[s.view.Schedule], func(o slot) bool { return o.overlaps(s) })
		if clear && len(f.found) < f.q.Limit {
			f.found = append(f.found, s.view)
		}
	}
	return nil
}

// sold loads the sold slots around free ones, by schedule: where two slots of
// a schedule share time, the other one cannot be sold. Slots longer than half
// a day are caught when one is booked.
func (f *freeSearch) sold(ctx context.Context, free []slot) (map[ident.Ref][]slot, error) {
	out := map[ident.Ref][]slot{}
	if len(free) == 0 {
		return out, nil
	}
	from, to := free[0].view.Start, free[0].view.End
	for _, s := range free {
		if s.view.End.After(to) {
			to = s.view.End
		}
	}
	q := "Slot?status=busy&start=ge" + utc(from.Add(-longest/2)) + "&start=lt" + utc(to) + "&_count=500"
	err := find(ctx, f.p, q, func(v record.Version) (bool, error) {
		s, err := readSlot(v)
		if err == nil && s.view.End.After(from) {
			out[s.view.Schedule] = append(out[s.view.Schedule], s)
		}
		return err == nil, err
	})
	return out, err
}

// wants tells whether a free slot is one that the query asks for.
func (q Query) wants(ctx context.Context, c *sessions, s *slot, now time.Time) (bool, error) {
	if !s.view.Start.After(now) || !s.view.End.After(s.view.Start) || s.view.Start.Before(q.From) || !s.view.Start.Before(q.To) {
		return false, nil
	}
	if q.Mode != "" && q.Mode != s.view.Mode {
		return false, nil
	}
	ss, err := c.dress(ctx, s)
	if err != nil || !ss.active {
		return false, err
	}
	return (q.Kind == "" || q.Kind == s.view.Kind) && (q.Clinician.IsZero() || q.Clinician == s.view.Clinician), nil
}

// Choices lists the slots that a patient may pick for an offer.
func (s *Service) Choices(ctx context.Context, p *record.Practice, offer ident.Ref, limit int) ([]SlotView, error) {
	a, err := load(ctx, p, offer)
	if err != nil {
		return nil, err
	}
	if a.view.Status != "proposed" {
		return nil, settled(a)
	}
	if len(a.slots) == 1 { // one time, kept for them
		return s.keptFor(ctx, p, a)
	}
	q := a.view.Offer.Query(limit)
	q.Via = ByLink
	if !q.To.IsZero() {
		q.To = q.To.Add(time.Second) // the last moment itself may be chosen
	}
	return s.Free(ctx, p, q)
}

// keptFor is the slot that is kept for an offer, while it is.
func (s *Service) keptFor(ctx context.Context, p *record.Practice, a appointment) ([]SlotView, error) {
	v, err := p.Read(ctx, a.slots[0])
	if err != nil {
		return nil, err
	}
	sl, err := readSlot(v)
	if err != nil || !sl.kept() || sl.terms.held != a.v.Ref.ID || !sl.view.Start.After(p.Now()) {
		return nil, err
	}
	_, err = newSessions(p).dress(ctx, &sl)
	return []SlotView{sl.view}, err
}

// Appointment reads one appointment.
func (s *Service) Appointment(ctx context.Context, p *record.Practice, ref ident.Ref) (View, error) {
	a, err := look(ctx, p, ref)
	if err != nil {
		return View{}, err
	}
	if a.view.ClinicianName == "" {
		a.view.ClinicianName = newSessions(p).name(ctx, a.view.Clinician)
	}
	return a.view, nil
}

// OfPatient lists a patient's appointments and open offers: offers first, then
// what is to come, soonest first, then what is past, newest first.
func (s *Service) OfPatient(ctx context.Context, p *record.Practice, patient ident.Ref) ([]View, error) {
	all, err := s.listed(ctx, p, "Appointment?patient="+patient.String()+"&_count=200")
	now := p.Now()
	rank := func(v View) int {
		switch {
		case v.Status == "proposed":
			return 0
		case v.Start.After(now):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b View) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if rank(a) == 2 {
			return b.Start.Compare(a.Start)
		}
		return a.Start.Compare(b.Start)
	})
	return all, err
}

// OfRequest lists the appointments and offers that answer a request.
func (s *Service) OfRequest(ctx context.Context, p *record.Practice, request ident.Ref) ([]View, error) {
	all, err := s.listed(ctx, p, "Appointment?supporting-info="+request.String()+"&_count=50")
	slices.SortStableFunc(all, func(a, b View) int { return a.Start.Compare(b.Start) })
	return all, err
}

func (s *Service) listed(ctx context.Context, p *record.Practice, query string) ([]View, error) {
	c := newSessions(p)
	var out []View
	err := find(ctx, p, query, func(v record.Version) (bool, error) {
		a, err := readAppointment(v)
		if err != nil {
			return false, err
		}
		if a.view.ClinicianName == "" {
			a.view.ClinicianName = c.name(ctx, a.view.Clinician)
		}
		if a.view.Status != "entered-in-error" {
			out = append(out, a.view)
		}
		return true, nil
	})
	return out, err
}
