package booking_test

import (
	"errors"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// A wrong mark is taken back step by step; somebody who was written to that
// they did not come is told that it was a mistake, and nobody goes on looking
// for them.
func TestAWrongMarkIsTakenBack(t *testing.T) {
	hazard.Covers(t, "H-029")
	hazard.Covers(t, "H-030")
	p := newPractice(t)
	p.put("Patient", "kid", write.Obj{"birthDate": "2019-05-01"})
	start := at("2026-03-03T09:00")
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "kid"), Slot: p.slot("gp", "s", start, 10)})).Appointment
	mark := func(status string) error {
		_, err := p.svc.Mark(ctx, p.Practice, staff, booking.MarkCommand{Appointment: a.Appointment, Status: status})
		return err
	}
	if err := mark(booking.Arrived); !fault.Is(err, fault.Refused) {
		t.Errorf("arrived the day before: %v", err)
	}
	p.set(start.Add(5 * time.Minute))
	if err := mark(booking.Back); !fault.Is(err, fault.Conflict) {
		t.Errorf("nothing to take back: %v", err)
	}
	told := p.count("Communication?recipient=Patient/kid")
	for _, s := range []struct{ mark, is string }{
		{booking.Missed, "noshow"},
		{booking.Back, "booked"},
		{booking.Arrived, "arrived"},
		{booking.BeingSeen, "checked-in"},
		{booking.Left, "fulfilled"},
		{booking.Back, "checked-in"},
		{booking.Back, "arrived"},
		{booking.Back, "booked"},
	} {
		if err := mark(s.mark); err != nil || p.get(a.Appointment, "status") != s.is {
			t.Fatalf("%s: %v, %s", s.mark, err, p.get(a.Appointment, "status"))
		}
	}
	if n := p.count("Communication?recipient=Patient/kid"); n != told+4 {
		t.Errorf("%d messages: of being missed and of the mistake", n-told)
	}
	if p.count("Task?patient=Patient/kid&status=requested") != 0 || p.count("Task?patient=Patient/kid&status=cancelled") != 1 {
		t.Error("somebody still looks for a child who came")
	}
	_ = mark(booking.Missed)
	if missed, of, err := p.svc.MissedBy(ctx, p.Practice, ref("Patient", "kid"), start.AddDate(-1, 0, 0)); missed != 1 || of != 1 || err != nil {
		t.Errorf("missed %d of %d, %v", missed, of, err)
	}
	p.valid("Appointment", "Task", "Communication")
}

// Somebody who came and left before they were seen has come, is asked after,
// and is not counted among those who did not come.
func TestLeavingUnseen(t *testing.T) {
	hazard.Covers(t, "H-029")
	p := newPractice(t)
	p.put("Patient", "kid", write.Obj{"birthDate": "2019-05-01"})
	for _, tt := range []struct{ patient, priority string }{{"ann", "routine"}, {"kid", "urgent"}} {
		start := p.Now().Add(24 * time.Hour)
		a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", tt.patient), Slot: p.slot("gp", "s-"+tt.patient, start, 10)})).Appointment
		mark := func(status string) (booking.View, error) {
			r, err := p.svc.Mark(ctx, p.Practice, staff, booking.MarkCommand{Appointment: a.Appointment, Status: status})
			return r.Appointment, err
		}
		jobs := func(status string) int {
			return p.count("Task?patient=Patient/" + tt.patient + "&priority=" + tt.priority + "&status=" + status)
		}
		p.set(start.Add(40 * time.Minute))
		if _, err := mark(booking.Unseen); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s never came: %v", tt.patient, err)
		}
		must(mark(booking.Arrived))
		for range 2 { // and once taken back in between
			v := must(mark(booking.Unseen))
			if v.Status != booking.Left || !v.Attendance.Unseen || jobs("requested") != 1 {
				t.Errorf("%s: %+v, %d jobs", tt.patient, v, jobs("requested"))
			}
			if v = must(mark(booking.Back)); v.Status != booking.Arrived || v.Attendance.Unseen || jobs("requested") != 0 {
				t.Errorf("%s taken back: %+v, %d jobs", tt.patient, v, jobs("requested"))
			}
		}
		must(mark(booking.Unseen))
		if missed, _, err := p.svc.MissedBy(ctx, p.Practice, ref("Patient", tt.patient), start.AddDate(-1, 0, 0)); missed != 0 || err != nil {
			t.Errorf("%s missed %d, %v", tt.patient, missed, err)
		}
	}
	p.valid("Appointment", "Task")
}

func TestRunningLate(t *testing.T) {
	p := newPractice(t)
	start := at("2026-03-03T09:00")
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: p.slot("gp", "s", start, 10)})).Appointment
	late := func() int { return must(p.svc.LateFor(ctx, p.Practice, a)) }
	p.set(start.Add(-10 * time.Minute))
	say := func(minutes int) error {
		return p.svc.RunLate(ctx, p.Practice, staff, ref("Schedule", "gp"), booking.Session(p.Now()), minutes)
	}
	if err := say(500); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if err := say(20); err != nil || late() != 20 {
		t.Errorf("%v, %d", err, late())
	}
	p.set(at("2026-03-03T14:00"))
	if late() != 0 {
		t.Error("the afternoon is not late because the morning was")
	}
	p.set(at("2026-03-04T09:00"))
	if late() != 0 {
		t.Error("yesterday's delay is shown")
	}
	p.valid("Schedule")
}

// What is booked in a blocked time stays booked, is shown first, and then each
// has a job; free slots are not for sale until they are given back.
func TestBlockedTimeLosesNoBooking(t *testing.T) {
	hazard.Covers(t, "H-028")
	hazard.Covers(t, "H-030")
	p := newPractice(t)
	free, sold := p.slot("gp", "free", at("2026-03-03T09:00"), 10), p.slot("gp", "sold", at("2026-03-03T09:10"), 10)
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: sold})).Appointment
	c := booking.BlockCommand{Schedule: ref("Schedule", "gp"), From: at("2026-03-03T09:00"), To: at("2026-03-03T09:20"), Reason: "Meeting", Key: "k"}
	_, err := p.svc.Block(ctx, p.Practice, staff, c)
	var booked *booking.Booked
	if !errors.As(err, &booked) || len(booked.Views) != 1 || booked.Views[0].Appointment != a.Appointment || p.get(free, "status") != "free" {
		t.Fatalf("a block that meets a booking: %v", err)
	}
	c.Anyway = true
	for range 2 { // the same form twice
		if _, err := p.svc.Block(ctx, p.Practice, staff, c); err != nil {
			t.Fatal(err)
		}
	}
	if p.get(free, "status") != "busy-unavailable" || p.get(sold, "status") != "busy" || p.get(a.Appointment, "status") != "booked" || p.count("Task?patient=Patient/ann") != 1 {
		t.Errorf("free %s, sold %s, %s, %d jobs", p.get(free, "status"), p.get(sold, "status"), p.get(a.Appointment, "status"), p.count("Task?patient=Patient/ann"))
	}
	if _, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ben"), Slot: free}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a blocked slot was sold: %v", err)
	}
	c.Key = ""
	if _, err := p.svc.Unblock(ctx, p.Practice, staff, c); err != nil || p.get(free, "status") != "free" {
		t.Errorf("given back: %v", err)
	}
	if _, err := p.svc.Unblock(ctx, p.Practice, staff, c); !fault.Is(err, fault.Refused) {
		t.Errorf("nothing to give back: %v", err)
	}
	p.valid("Slot", "Task")
}

// Somebody for whom a time was kept that is then blocked hears of it, and
// keeps their place.
func TestBlockingAnOfferedTime(t *testing.T) {
	hazard.Covers(t, "H-030")
	p := newPractice(t)
	w := must(p.svc.Wait(ctx, p.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ann")})).Appointment.Appointment
	slot := p.offered("s", at("2026-03-03T09:00"), booking.Terms{})
	must(ident.Ref{}, p.svc.FillGaps(ctx, p.Practice))
	told := p.count("Communication?recipient=Patient/ann")
	must(p.svc.Block(ctx, p.Practice, staff, booking.BlockCommand{Schedule: ref("Schedule", "gp"), From: at("2026-03-03T09:00"), To: at("2026-03-03T09:10"), Reason: "Ill"}))
	if p.get(w, "status") != "waitlist" || p.get(slot, "status") != "busy-unavailable" || p.count("Communication?recipient=Patient/ann") != told+2 {
		t.Errorf("%s, %s", p.get(w, "status"), p.get(slot, "status"))
	}
	p.valid("Slot", "Appointment")
}
