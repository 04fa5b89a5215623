// Package elsewhere books a time at another practice of the network for a
// patient of this one, moves it and cancels it.
//
// What comes in: what the two practices have agreed, and what a member of
// staff wants for their own patient. What goes out: an appointment in the
// other record, sold by the version of its slot like any other, and the same
// appointment at home, which the patient is told of. The two records are never
// written together: what is wanted is recorded at home first, as an errand,
// and is carried as often as need be, once. It must never sell a slot twice,
// sell one that is not for the network, leave an appointment that only one of
// the two knows, or let more of a patient go along than the appointment needs.
package elsewhere

import (
	"context"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Code is the Task code of an errand in the record of the practice that books.
const Code = "booking-elsewhere"

// Service books at other practices of one installation.
type Service struct {
	// Practice opens a practice's record.
	Practice func(ident.ODS) (*record.Practice, error)
	booking  *booking.Service
}

// New makes the service.
func New(practice func(ident.ODS) (*record.Practice, error)) *Service {
	return &Service{Practice: practice, booking: booking.New()}
}

// does are what an errand does over there.
type does string

const (
	books   does = "book"
	moves   does = "move"
	cancels does = "cancel"
)

// errand is something that is wanted of the other practice, and not done yet.
type errand struct {
	v           record.Version
	res         *fhir.Resource
	id          string
	do          does
	appointment ident.Ref
	at          ident.ODS
	slot        ident.Ref
	reason      string
}

func readErrand(v record.Version, res *fhir.Resource) errand {
	e := errand{v: v, res: res, id: v.Ref.ID, appointment: write.Target(res.Get("focus")), at: ident.ODS(write.Target(res.Get("owner")).ID)}
	for in := range res.Get("input").Items() {
		s := in.Get("valueString").Str()
		switch in.Get("type", "coding", "code").Str() {
		case "do":
			e.do = does(in.Get("valueCode").Str())
		case "slot":
			e.slot, _ = ident.ParseRef(s)
		case "reason":
			e.reason = s
		}
	}
	return e
}

func (e errand) open() bool { return e.res.Get("status").Is("requested") }

// key makes what is done over there happen once.
func (e errand) key(home ident.ODS) string { return "errand " + string(home) + " " + e.id }

// Partners are the practices at which times may be booked from here, by our
// side of what is agreed.
func Partners(ctx context.Context, home *record.Practice) (out []overflow.Agreement, err error) {
	all, err := overflow.Agreements(ctx, home)
	for _, a := range all {
		if a.Books.PerDay > 0 {
			out = append(out, a)
		}
	}
	return out, err
}

// limits are both sides of what is agreed between two practices.
type limits struct{ books, lets overflow.Slots }

// cover tells whether a time lies in the hours that both have agreed.
func (l limits) cover(t time.Time) bool { return l.books.Fit(t) && l.lets.Fit(t) }

// full tells whether as many as were agreed are booked on a day already.
func (l limits) full(n int) bool { return n >= l.books.PerDay || n >= l.lets.PerDay }

var errNotAgreed = fault.At(fault.Refused, "at", "That practice has not agreed to be booked from here. A manager can look at the network settings.")

// Free are the times at another practice that may be booked from here, the
// earliest first.
func (s *Service) Free(ctx context.Context, home *record.Practice, at ident.ODS, most int) ([]booking.SlotView, error) {
	there, l, _, err := s.partner(ctx, home, at)
	if err != nil {
		return nil, err
	}
	all, err := s.booking.Free(ctx, there, booking.Query{Via: booking.ByNetwork, Limit: 4 * most})
	if err != nil {
		return nil, err
	}
	days := map[string]int{}
	var out []booking.SlotView
	for _, f := range all {
		if !l.cover(f.Start) || len(out) == most {
			continue
		}
		day := f.Start.Format(time.DateOnly)
		n, known := days[day]
		if !known {
			if n, err = booked(ctx, there, home.ODS().Organization(), f.Start); err != nil {
				return nil, err
			}
			days[day] = n
		}
		if !l.full(n) {
			out = append(out, f)
		}
	}
	return out, nil
}

// partner opens the record of a practice with which booking is agreed.
func (s *Service) partner(ctx context.Context, home *record.Practice, at ident.ODS) (there *record.Practice, l limits, name string, err error) {
	ours, err := overflow.With(ctx, home, at)
	if err != nil {
		return nil, l, "", err
	}
	if ours.Books.PerDay == 0 || at == home.ODS() {
		return nil, l, "", errNotAgreed
	}
	if there, err = s.Practice(at); err != nil {
		return nil, l, "", err
	}
	theirs, err := overflow.With(ctx, there, home.ODS())
	if err == nil && theirs.Lets.PerDay == 0 {
		err = errNotAgreed
	}
	return there, limits{ours.Books, theirs.Lets}, ours.Name, err
}

// booked counts what an organisation has booked here for one day.
func booked(ctx context.Context, there *record.Practice, org ident.Ref, day time.Time) (n int, err error) {
	y, m, d := day.Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, day.Location())
	q := "Appointment?supporting-info=" + org.String() + "&date=ge" + utc(from) + "&date=lt" + utc(from.AddDate(0, 0, 1)) + "&_count=500"
	err = search.Each(ctx, there, q, func(v record.Version, _ *fhir.Resource) error {
		a, err := booking.ViewOf(v)
		if err == nil && a.For == org && a.Status != "cancelled" && a.Status != "entered-in-error" {
			n++
		}
		return err
	})
	return n, err
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Of lists a patient's appointments at other practices.
func (s *Service) Of(ctx context.Context, home *record.Practice, patient ident.Ref) (out []booking.View, err error) {
	all, err := s.booking.OfPatient(ctx, home, patient)
	for _, v := range all {
		if v.Away.Is() {
			out = append(out, v)
		}
	}
	return out, err
}
