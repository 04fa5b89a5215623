package elsewhere

import (
	"context"
	"errors"
	"slices"
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

// back is how long after its time an appointment over there is still looked
// at, for what became of it.
const back = 3 * 24 * time.Hour

// look compares the appointments that are elsewhere with the other records,
// and brings home what was done to them there.
func (s *Service) look(ctx context.Context, home *record.Practice) error {
	partners, err := overflow.Agreements(ctx, home)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range partners {
		q := "Appointment?supporting-info=" + a.Partner.Organization().String() + "&status=booked,arrived,checked-in&date=ge" + utc(home.Now().Add(-back)) + "&_count=200"
		err := search.Each(ctx, home, q, func(v record.Version, res *fhir.Resource) error {
			errs = append(errs, s.lookAt(ctx, home, v, res))
			return nil
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Service) lookAt(ctx context.Context, home *record.Practice, ver record.Version, res *fhir.Resource) error {
	v, err := booking.ViewOf(ver)
	if err != nil || !v.Away.Is() || v.Away.Errand != "" {
		return err
	}
	there, err := s.Practice(v.Away.At)
	if err != nil {
		return err
	}
	theirs, err := s.booking.Appointment(ctx, there, v.Appointment)
	if err != nil {
		return err
	}
	moved := !theirs.Start.Equal(v.Start) || !theirs.End.Equal(v.End) || theirs.ClinicianName != v.ClinicianName
	if theirs.Status == v.Status && (!moved || theirs.Status == "cancelled") {
		return nil
	}
	b := write.New(record.System, "booking elsewhere: "+theirs.Status+" there", "look "+v.Appointment.ID+" "+theirs.Version)
	bring(b, home, ver, res, v, s.dressed(ctx, there, theirs))
	c, err := b.Change()
	if err != nil {
		return err
	}
	if _, err = home.Commit(ctx, c); fault.Is(err, fault.Conflict) {
		return nil // the next round looks again
	}
	return err
}

// bring makes the appointment at home what it is over there. Of a time that
// was taken away or moved the patient is told, and a colleague is asked.
func bring(b *write.Builder, home *record.Practice, ver record.Version, res *fhir.Resource, v, theirs booking.View) {
	job := "away-" + ver.Ref.ID + "-" + ident.NewID()[:8]
	switch {
	case theirs.Status == "cancelled":
		b.Edit(ver, res, write.Obj{
			"status": "cancelled", "cancelationReason": write.Obj{"text": v.Away.Name + " has cancelled it."},
			"extension": write.Extended(res, booking.AwayURL, v.Away.Extension()),
		})
		booking.Tell(b, home.Now(), record.System, v, v.Away.Name+" has had to cancel your appointment on "+booking.SayWhen(v.Start)+". We are sorry. We will be in touch about another.")
		addJob(b, home, v, job, v.Away.Name+" has cancelled the appointment on "+booking.SayWhen(v.Start)+". Find the patient another.")
	case theirs.Start.Equal(v.Start) || !slices.Contains([]string{"booked", "pending"}, theirs.Status):
		b.Edit(ver, res, members(with(v, theirs)))
	default:
		v = with(v, theirs)
		b.Edit(ver, res, members(v))
		booking.Tell(b, home.Now(), record.System, v, say(moves, v))
	}
}
