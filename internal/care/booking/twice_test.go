package booking_test

import (
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// One clinician is not with a group and with somebody else at once, nor with
// two when a time is kept for one of them.
func TestATimeBesideOneThatIsHalfSold(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	book := func(who string, s ident.Ref) error {
		_, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", who), Slot: s})
		return err
	}
	nine := at("2026-03-03T09:00")
	group := p.offered("group", nine, booking.Terms{Capacity: 3})
	beside := p.slot("gp", "beside", nine.Add(5*time.Minute), 10)
	must(0, book("ann", group))
	if err := book("ben", beside); !fault.Is(err, fault.Conflict) {
		t.Errorf("beside a group that has begun to fill: %v", err)
	}
	must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ann"), Constraint: booking.Constraint{From: at("2026-03-04T00:00")}}))
	kept := p.offered("kept", at("2026-03-04T09:00"), booking.Terms{})
	by := p.slot("gp", "by", at("2026-03-04T09:05"), 10)
	must(0, p.svc.FillGaps(ctx, p.Practice))
	if p.get(kept, "status") != "busy-tentative" {
		t.Fatalf("it is %s", p.get(kept, "status"))
	}
	if err := book("ben", by); !fault.Is(err, fault.Conflict) {
		t.Errorf("beside a time that is kept for somebody: %v", err)
	}
}

// What the diary says of a slot does not outweigh who has it.
func TestASlotThatSaysFreeAndIsSomebodys(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	nine := at("2026-03-03T09:00")
	s := p.offered("s", nine, booking.Terms{})
	p.put("Appointment", "theirs", bookedBody(s, nine, "ben")) // brought in from elsewhere
	if _, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: s}); !fault.Is(err, fault.Conflict) {
		t.Errorf("sold again: %v", err)
	}
}

// Who gives up a place of a group frees that place and no other.
func TestAPlaceIsGivenBackOnce(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	s := p.offered("s", at("2026-03-03T09:00"), booking.Terms{Capacity: 3})
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: s})).Appointment
	must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ben"), Slot: s}))
	must(p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: a.Appointment, Reason: "test"}))
	if n := booking.TermsOf(must(must(p.Read(ctx, s)).Resource())).Taken(); n != 1 {
		t.Errorf("%d have a place; one has", n)
	}
}

// What a program books is decided on what it looked at: a time beside it that
// was sold meanwhile stands in the way at the commit.
func TestAProgramIsNotQuickerThanWhatItLookedAt(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	nine := at("2026-03-03T09:00")
	s := p.offered("s", nine, booking.Terms{Who: []string{booking.ByNetwork}})
	beside := p.slot("gp", "beside", nine.Add(5*time.Minute), 10)
	b := write.New(program, "through the API", "")
	o := bookedBody(s, nine, "ann")
	o["resourceType"], o["id"] = "Appointment", "a"
	b.Create(ref("Appointment", "a"), o)
	c := must(b.Change())
	must(0, p.svc.Guarded(ctx, p.Practice, &c))
	must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ben"), Slot: beside}))
	if _, err := p.Commit(ctx, c); !fault.Is(err, fault.Conflict) {
		t.Errorf("both times of one clinician were sold: %v", err)
	}
}

// An appointment does not go to another clinician's slot of the same time by
// hand: the one would stay sold, and the other be sold twice.
func TestAProgramDoesNotMoveASlotUnderAnAppointment(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	nine := at("2026-03-03T09:00")
	s := p.offered("s", nine, booking.Terms{Who: []string{booking.ByNetwork}})
	p.session("gp2", "Dr Other")
	other := p.slot("gp2", "other", nine, 10)
	must(0, p.through("Appointment", "a", bookedBody(s, nine, "ann")))
	if err := p.through("Appointment", "a", bookedBody(other, nine, "ann")); !fault.Is(err, fault.Refused) {
		t.Errorf("moved by hand: %v, %s and %s", err, p.get(s, "status"), p.get(other, "status"))
	}
}
