package booking

import (
	"context"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// MarkCommand says what became of an appointment.
type MarkCommand struct {
	Appointment ident.Ref
	Version     string // the version the person saw; "" for whatever is current
	Status      string // arrived, fulfilled, noshow, or booked to take it back
	Key         string
}

// Mark records that the patient arrived, was seen or did not come. The slot
// stays sold: the time has been spent.
func (s *Service) Mark(ctx context.Context, p *record.Practice, by record.Author, c MarkCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		a, err := load(ctx, p, c.Appointment)
		if err != nil {
			return decision{}, err
		}
		why := ""
		if c.Status == "noshow" {
			if why, err = risk(ctx, p, a.view.Patient); err != nil {
				return decision{}, err
			}
		}
		sc := scene{now: p.Now(), ids: [3]string{ident.NewID(), ident.NewID(), ident.NewID()}}
		return mark(sc, a, by, c, why)
	})
}

func mark(s scene, a appointment, by record.Author, c MarkCommand, risk string) (decision, error) {
	switch {
	case c.Version != "" && c.Version != a.v.ID:
		return decision{}, stale()
	case !a.live():
		return decision{}, settled(a)
	}
	switch c.Status {
	case "arrived", "fulfilled", "booked":
	case "noshow":
		if s.now.Before(a.view.Start) {
			return decision{}, fault.New(fault.Refused, "The appointment has not begun: the patient may still come.")
		}
	default:
		return decision{}, fault.At(fault.Invalid, "status", "Choose arrived, seen or did not come.")
	}
	v := a.view
	v.Status = c.Status
	b := begin(by, "booking: "+c.Status, c.Key)
	b.Edit(a.v, a.res, obj{"status": c.Status})
	if c.Status == "noshow" && a.view.Status != "noshow" {
		b.missed(s, v, risk, by.Ref)
	}
	return b.decided(v)
}
