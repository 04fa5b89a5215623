package booking_test

import (
	"sync"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// A slot that is free is kept for one of those who wait, for a while, in
// order; and whoever else asks meanwhile does not get it.
func TestWaitingListOffersOneAtATime(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	wait := func(who string, urgent bool) ident.Ref {
		p.set(p.Now().Add(time.Second))
		return must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", who), Urgent: urgent})).Appointment.Appointment
	}
	first, second := wait("ann", false), wait("ben", true)
	slot := p.offered("s", at("2026-03-03T09:00"), booking.Terms{})
	var wg sync.WaitGroup
	for range 3 { // two processes and more
		wg.Go(func() { _ = p.svc.FillGaps(ctx, p.Practice) })
	}
	wg.Wait()
	if p.get(second, "status") != "proposed" || p.get(first, "status") != "waitlist" || p.get(slot, "status") != "busy-tentative" {
		t.Fatalf("urgent %s, routine %s, slot %s", p.get(second, "status"), p.get(first, "status"), p.get(slot, "status"))
	}
	if n := p.count("Communication?recipient=Patient/ben"); n != 4 {
		t.Errorf("%d messages: of the list and of the time, each with its notice", n)
	}
	if _, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: slot}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a kept slot was sold: %v", err)
	}
	p.set(p.Now().Add(2*time.Hour + time.Minute)) // nobody answers
	must(0, p.svc.FillGaps(ctx, p.Practice))
	if p.get(second, "status") != "waitlist" || p.get(first, "status") != "proposed" {
		t.Fatalf("after the first let it pass: %s, %s", p.get(second, "status"), p.get(first, "status"))
	}
	if got := must(p.svc.Choices(ctx, p.Practice, first, 5)); len(got) != 1 || got[0].Slot != slot {
		t.Errorf("choices: %+v", got)
	}
	if _, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: first, Slot: slot}); err != nil {
		t.Fatalf("choosing what is kept: %v", err)
	}
	if p.get(first, "status") != "booked" || p.get(slot, "status") != "busy" {
		t.Errorf("%s, slot %s", p.get(first, "status"), p.get(slot, "status"))
	}
	p.valid("Slot", "Appointment", "Communication")
}

func TestReminders(t *testing.T) {
	hazard.Covers(t, "H-028")
	p := newPractice(t)
	start := at("2026-03-09T09:00")
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: p.offered("s", start, booking.Terms{})})).Appointment
	b := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ben"), Slot: p.offered("s2", start.Add(time.Hour), booking.Terms{})})).Appointment
	round := func(now time.Time) int {
		p.set(now)
		must(0, p.svc.Remind(ctx, p.Practice))
		must(0, p.svc.Remind(ctx, p.Practice)) // twice: by two processes
		return p.count("Communication?recipient=Patient/ann")
	}
	told := p.count("Communication?recipient=Patient/ann")
	if n := round(start.Add(-49 * time.Hour)); n != told {
		t.Errorf("too soon: %d", n)
	}
	if n := round(start.Add(-47 * time.Hour)); n != told+2 { // the message and its notice
		t.Errorf("two days before: %d", n)
	}
	must(p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: b.Appointment, Reason: "better"}))
	before := p.count("Communication?recipient=Patient/ben")
	if n := round(start.Add(-2 * time.Hour)); n != told+4 || p.count("Communication?recipient=Patient/ben") != before {
		t.Errorf("on the day: %d, or somebody was reminded of what is cancelled", n)
	}
	_ = a
}

func TestWhoDidNotComeIsLookedFor(t *testing.T) {
	hazard.Covers(t, "H-029")
	p := newPractice(t)
	p.put("Patient", "kid", write.Obj{"birthDate": "2019-05-01"})
	p.put("Flag", "f", write.Obj{"status": "active", "code": write.Obj{"text": "At risk"}, "subject": write.Obj{"reference": "Patient/ben"}})
	for i, tt := range []struct {
		who  string
		jobs int
	}{{"ann", 0}, {"ben", 1}, {"kid", 1}} {
		start := at("2026-03-03T09:00").Add(time.Duration(i) * time.Hour)
		p.set(start.Add(-time.Hour))
		a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", tt.who), Slot: p.offered("s"+tt.who, start, booking.Terms{})})).Appointment
		p.set(start.Add(time.Hour))
		for range 2 {
			_, _ = p.svc.Mark(ctx, p.Practice, staff, booking.MarkCommand{Appointment: a.Appointment, Status: "noshow"})
		}
		if n := p.count("Task?patient=Patient/" + tt.who); n != tt.jobs {
			t.Errorf("%s: %d jobs", tt.who, n)
		}
		if n := p.count("Communication?recipient=Patient/" + tt.who); n != 4 {
			t.Errorf("%s: %d messages, of the booking and of being missed", tt.who, n)
		}
	}
	p.valid("Task", "Communication")
}

// Whoever finds nothing that suits waits, sees their place, may give back what
// is kept for them, choose after all, or leave.
func TestJoinAndLeaveTheList(t *testing.T) {
	hazard.Covers(t, "H-030")
	p := newPractice(t)
	offer := must(p.svc.Offer(ctx, p.Practice, staff, booking.OfferCommand{Patient: ref("Patient", "ann")})).Appointment.Appointment
	must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ben"), Urgent: true}))
	turn := booking.TurnCommand{Appointment: offer}
	must(p.svc.Join(ctx, p.Practice, self, turn))
	if n := must(p.svc.Place(ctx, p.Practice, offer)); n != 1 {
		t.Errorf("%d before", n)
	}
	if _, err := p.svc.Join(ctx, p.Practice, self, turn); !fault.Is(err, fault.Conflict) {
		t.Errorf("joined twice: %v", err)
	}
	slot := p.offered("s", at("2026-03-03T09:00"), booking.Terms{})
	if found := must(p.svc.OfferNow(ctx, p.Practice, offer)); !found || p.get(slot, "status") != "busy-tentative" {
		t.Fatalf("offered now: %v, %s", found, p.get(slot, "status"))
	}
	all := must(p.svc.Waiting(ctx, p.Practice))
	if len(all) != 2 || !all[0].Urgent || !all[1].KeptUntil.Equal(p.Now().Add(2*time.Hour)) {
		t.Errorf("the list: %+v", all)
	}
	must(p.svc.Decline(ctx, p.Practice, self, turn))
	if p.get(slot, "status") != "free" || p.get(offer, "status") != "waitlist" {
		t.Errorf("declined: slot %s, %s", p.get(slot, "status"), p.get(offer, "status"))
	}
	must(p.svc.OfferNow(ctx, p.Practice, offer))
	if _, err := p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: offer, Reason: "seen elsewhere"}); err != nil || p.get(slot, "status") != "free" {
		t.Errorf("taken off while a time was kept: %v, slot %s", err, p.get(slot, "status"))
	}
	p.valid("Slot", "Appointment")
}

// Who waits until their last day in vain is somebody's job, once.
func TestWaitedInVain(t *testing.T) {
	hazard.Covers(t, "H-030")
	p := newPractice(t)
	must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ann"), Constraint: booking.Constraint{Until: p.Now().Add(time.Hour)}}))
	p.set(p.Now().Add(2 * time.Hour))
	for range 2 {
		must(0, p.svc.FillGaps(ctx, p.Practice))
	}
	if n := p.count("Task?patient=Patient/ann&status=requested"); n != 1 {
		t.Errorf("%d jobs", n)
	}
	p.valid("Task")
}

func TestSettings(t *testing.T) {
	hazard.Covers(t, "H-028")
	p := newPractice(t)
	s := must(booking.LoadSettings(ctx, p.Practice))
	if s.Hours() != "48, 3" || s.Keep != 120 {
		t.Errorf("defaults: %+v", s)
	}
	s.Reminders, s.Keep = []int{24}, 30
	must(0, booking.SaveSettings(ctx, p.Practice, staff, s))
	if err := booking.SaveSettings(ctx, p.Practice, staff, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("saved over what somebody else saved: %v", err)
	}
	s = must(booking.LoadSettings(ctx, p.Practice))
	if s.Hours() != "24" || s.Keep != 30 || s.Screen != 1 {
		t.Errorf("saved: %+v", s)
	}
	for _, bad := range []booking.Settings{
		{Reminders: []int{3, 48}, Keep: 30, Soonest: 60, HereFrom: 30}, {Keep: 1, Soonest: 60, HereFrom: 30}, {Reminders: []int{0}, Keep: 30, Soonest: 60, HereFrom: 30},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ann")}))
	p.offered("s", at("2026-03-09T09:00"), booking.Terms{})
	must(0, p.svc.FillGaps(ctx, p.Practice))
	if all := must(p.svc.Waiting(ctx, p.Practice)); !all[0].KeptUntil.Equal(p.Now().Add(30 * time.Minute)) {
		t.Errorf("kept until %s", all[0].KeptUntil)
	}
	p.valid("Basic")
}
