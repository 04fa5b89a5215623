package booking_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// sooner is a patient who has an appointment on 9 March, and waits for an
// earlier one.
type sooner struct {
	*practice
	slot, appt, entry ident.Ref
}

func waitsForEarlier(t *testing.T) sooner {
	p := newPractice(t)
	s := sooner{practice: p, slot: p.offered("late", at("2026-03-09T09:00"), booking.Terms{})}
	s.appt = must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: s.slot, Reason: "Blood pressure"})).Appointment.Appointment
	s.entry = must(p.svc.Earlier(ctx, p.Practice, self, booking.TurnCommand{Appointment: s.appt, Key: "k"})).Appointment.Appointment
	return s
}

// fill opens a time and has it offered.
func (s sooner) fill(id, when string) ident.Ref {
	x := s.offered(id, at(when), booking.Terms{})
	must(0, s.svc.FillGaps(ctx, s.Practice))
	return x
}

// alone checks that the patient has one appointment, and which slot it has.
func (s sooner) alone(t *testing.T, slot ident.Ref) {
	t.Helper()
	if n := s.count("Appointment?status=booked&patient=Patient/ann"); n != 1 || s.get(slot, "status") != "busy" ||
		must(s.svc.Appointment(ctx, s.Practice, s.appt)).Slot != slot {
		t.Errorf("%d appointments, and the slot is %s", n, s.get(slot, "status"))
	}
}

func TestAnEarlierTimeIsTaken(t *testing.T) {
	hazard.Covers(t, "H-004")
	s := waitsForEarlier(t)
	if later := s.fill("later", "2026-03-10T09:00"); s.get(later, "status") != "free" || s.get(s.entry, "status") != "waitlist" {
		t.Fatal("a later time was offered")
	}
	early := s.fill("early", "2026-03-04T09:00")
	if s.get(early, "status") != "busy-tentative" || s.get(s.entry, "status") != "proposed" {
		t.Fatalf("the earlier time is %s, and they %s", s.get(early, "status"), s.get(s.entry, "status"))
	}
	s.alone(t, s.slot)
	var wg sync.WaitGroup
	for range 3 { // pressed more than once
		wg.Go(func() {
			_, _ = s.svc.Pick(ctx, s.Practice, self, booking.PickCommand{Appointment: s.entry, Slot: early, Key: "take"})
		})
	}
	wg.Wait()
	s.alone(t, early)
	if s.get(s.slot, "status") != "free" || s.get(s.entry, "status") != "cancelled" {
		t.Errorf("the later time is %s, the wait %s", s.get(s.slot, "status"), s.get(s.entry, "status"))
	}
	if got := must(s.svc.Appointment(ctx, s.Practice, s.appt)); got.Reason != "Blood pressure" {
		t.Errorf("it is another appointment: %+v", got)
	}
	again := must(s.svc.Earlier(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.appt, Key: "again"})).Appointment
	if again.Appointment != s.entry || s.get(s.entry, "status") != "waitlist" {
		t.Errorf("it cannot be asked for again: %+v", again)
	}
	s.valid("Slot", "Appointment", "Communication")
}

func TestAnEarlierTimeIsLetGo(t *testing.T) {
	for name, pass := range map[string]func(s sooner) error{
		"let go": func(s sooner) error {
			_, err := s.svc.Decline(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.entry})
			return err
		},
		"no answer": func(s sooner) error {
			s.set(s.Now().Add(2*time.Hour + time.Minute))
			return s.svc.FillGaps(ctx, s.Practice)
		},
		"left": func(s sooner) error {
			_, err := s.svc.Cancel(ctx, s.Practice, self, booking.CancelCommand{Appointment: s.entry, Reason: "left"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := waitsForEarlier(t)
			early := s.fill("early", "2026-03-04T09:00")
			must(0, pass(s))
			s.alone(t, s.slot)
			if name != "no answer" && s.get(early, "status") != "free" {
				t.Errorf("the time is %s", s.get(early, "status"))
			}
			for _, v := range must(s.Find(ctx, "Communication?recipient=Patient/ann&_count=50")).Matches {
				if strings.Contains(string(v.JSON()), "has been cancelled") {
					t.Errorf("they are told that an appointment is cancelled: %s", v.JSON())
				}
			}
		})
	}
}

// What ends an appointment ends the wait for an earlier one, and gives back
// what is kept by it.
func TestAWaitEndsWithItsAppointment(t *testing.T) {
	for name, end := range map[string]func(s sooner) error{
		"cancelled": func(s sooner) error {
			_, err := s.svc.Cancel(ctx, s.Practice, self, booking.CancelCommand{Appointment: s.appt, Reason: "well again"})
			return err
		},
		"moved": func(s sooner) error {
			other := s.offered("other", at("2026-03-06T09:00"), booking.Terms{})
			_, err := s.svc.Rebook(ctx, s.Practice, staff, booking.RebookCommand{Appointment: s.appt, Slot: other})
			return err
		},
	} {
		for _, kept := range []bool{false, true} {
			s := waitsForEarlier(t)
			early := s.slot
			if kept {
				early = s.fill("early", "2026-03-04T09:00")
			}
			must(0, end(s))
			if s.get(s.entry, "status") != "cancelled" || s.get(early, "status") != "free" {
				t.Errorf("%s: the wait is %s, the time %s", name, s.get(s.entry, "status"), s.get(early, "status"))
			}
			if _, err := s.svc.Pick(ctx, s.Practice, self, booking.PickCommand{Appointment: s.entry, Slot: early}); name == "cancelled" && err == nil {
				t.Errorf("%s: an earlier time of nothing was taken", name)
			}
		}
	}
}

// A wait for nothing ends by itself, without a word and without a job.
func TestAWaitForAnEarlierTimeRunsOut(t *testing.T) {
	s := waitsForEarlier(t)
	s.set(at("2026-03-09T09:05"))
	must(0, s.svc.FillGaps(ctx, s.Practice))
	if s.get(s.entry, "status") != "cancelled" || s.count("Task?status=requested") != 0 || s.count("Communication?recipient=Patient/ann") != 4 {
		t.Errorf("the wait is %s; %d jobs, %d messages", s.get(s.entry, "status"), s.count("Task?status=requested"), s.count("Communication?recipient=Patient/ann"))
	}
}

func TestWhoHasNoneComesFirst(t *testing.T) {
	s := waitsForEarlier(t)
	s.set(s.Now().Add(time.Hour))
	none := must(s.svc.Wait(ctx, s.Practice, staff, booking.WaitCommand{Patient: ref("Patient", "ben"), Constraint: booking.Constraint{Kind: "Routine"}})).Appointment.Appointment
	if s.fill("early", "2026-03-04T09:00"); s.get(none, "status") != "proposed" || s.get(s.entry, "status") != "waitlist" {
		t.Errorf("who has no time: %s; who has one: %s", s.get(none, "status"), s.get(s.entry, "status"))
	}
}

func TestAnEarlierTimeIsRefused(t *testing.T) {
	s := waitsForEarlier(t)
	if _, err := s.svc.Earlier(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.appt, Key: "other"}); !fault.Is(err, fault.Refused) {
		t.Errorf("twice at once: %v", err)
	}
	if _, err := s.svc.Choose(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.entry}); !fault.Is(err, fault.Refused) {
		t.Errorf("a second appointment by the list: %v", err)
	}
	if _, err := s.svc.Earlier(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.entry}); !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict) {
		t.Errorf("of a place in the list: %v", err)
	}
	s.set(at("2026-03-09T09:01"))
	if _, err := s.svc.Earlier(ctx, s.Practice, self, booking.TurnCommand{Appointment: s.appt, Key: "late"}); err == nil {
		t.Error("of one that has begun")
	}
}
