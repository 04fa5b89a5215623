package booking_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// offered adds a free slot that is sold by terms.
func (p *practice) offered(id string, start time.Time, t booking.Terms) ident.Ref {
	o := write.Obj{
		"schedule": write.Obj{"reference": "Schedule/gp"}, "status": "free", "serviceType": write.List{write.Obj{"text": "Routine"}},
		"start": write.Instant(start), "end": write.Instant(start.Add(10 * time.Minute)),
	}
	if x := t.Extension(); x != nil {
		o["extension"] = write.List{x}
	}
	p.put("Slot", id, o)
	return ref("Slot", id)
}

// A group session takes as many as it has places, whoever comes at once.
func TestGroupIsNeverOverbooked(t *testing.T) {
	hazard.Covers(t, "H-004")
	rapid.Check(t, func(rt *rapid.T) {
		p, done := open(t, rt)
		defer done()
		p.session("gp", "Dr Test")
		places, people := rapid.IntRange(2, 4).Draw(rt, "places"), rapid.IntRange(2, 7).Draw(rt, "people")
		s := p.offered("g", at("2026-03-28T23:55"), booking.Terms{Capacity: places})
		for i := range people {
			p.put("Patient", fmt.Sprint("p", i), write.Obj{"active": true})
		}
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() {
				r, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", fmt.Sprint("p", i)), Slot: s})
				if err == nil && i%3 == 2 {
					_, _ = p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: r.Appointment.Appointment, Reason: "test"})
				}
			})
		}
		wg.Wait()
		n, status := p.count("Appointment?status=booked&slot=Slot/g"), p.get(s, "status")
		if n > places || (n == places) != (status == "busy") {
			rt.Fatalf("%d of %d places taken, and the slot is %s", n, places, status)
		}
	})
}

func TestTermsOfSale(t *testing.T) {
	p := newPractice(t)
	opens := at("2026-03-03T07:00")
	later := p.offered("later", at("2026-03-03T09:00"), booking.Terms{Opens: opens})
	late := p.offered("late", at("2026-03-03T10:00"), booking.Terms{Closes: at("2026-03-02T08:00")})
	links := p.offered("links", at("2026-03-03T11:00"), booking.Terms{})
	own := p.offered("own", at("2026-03-03T12:00"), booking.Terms{Who: []string{booking.BySelf}})
	site := p.offered("site", at("2026-03-03T13:00"), booking.Terms{Owner: "site-1"})
	book := func(by record.Author, s ident.Ref) error {
		_, err := p.svc.Book(ctx, p.Practice, by, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: s})
		return err
	}
	for name, err := range map[string]error{
		"before it opens": book(staff, later), "after it closes": book(staff, late),
		"a patient, unasked": book(self, links), "another node's": book(staff, site),
	} {
		if !fault.Is(err, fault.Refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if free := must(p.svc.Free(ctx, p.Practice, booking.Query{})); len(free) != 2 {
		t.Errorf("free for staff: %+v", free)
	}
	if err := book(self, own); err != nil {
		t.Errorf("a patient may: %v", err)
	}
	// One of a sort: times that others need are not kept to be sure of one.
	another := p.offered("another", at("2026-03-04T12:00"), booking.Terms{Who: []string{booking.BySelf}})
	if err := book(self, another); !fault.Is(err, fault.Refused) {
		t.Errorf("a second one, unasked: %v", err)
	}
	if err := book(staff, another); err != nil {
		t.Errorf("staff may, whatever they have: %v", err)
	}
	if _, err := booking.At("site-1").Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ben"), Slot: site}); err != nil {
		t.Errorf("its own node: %v", err)
	}
	p.set(opens)
	if err := book(staff, later); err != nil {
		t.Errorf("once it is open: %v", err)
	}
	p.valid("Slot", "Appointment")
}

var program = record.Author{Ref: "Device/pcn", Role: "program"}

// through commits a write as a door does for a program.
func (p *practice) through(typ, id string, o write.Obj) error {
	o["resourceType"], o["id"] = typ, id
	b := write.New(program, "through the API", "")
	if v, err := p.Read(ctx, ref(typ, id)); err == nil {
		b.Replace(v, o)
	} else {
		b.Create(ref(typ, id), o)
	}
	c := must(b.Change())
	if err := p.svc.Guarded(ctx, p.Practice, &c); err != nil {
		return err
	}
	_, err := p.Commit(ctx, c)
	return err
}

func bookedBody(slot ident.Ref, start time.Time, patient string) write.Obj {
	return write.Obj{
		"status": "booked", "slot": write.List{write.Ref(slot)}, "start": write.Instant(start), "end": write.Instant(start.Add(10 * time.Minute)),
		"participant": write.List{write.Obj{"actor": write.Obj{"reference": "Patient/" + patient}, "status": "accepted"}},
	}
}

// A program with a write token books by the same rules as everybody else.
func TestProgramCannotSellByHand(t *testing.T) {
	hazard.Covers(t, "H-004")
	p := newPractice(t)
	nine := at("2026-03-03T09:00")
	open := p.offered("open", nine, booking.Terms{Who: []string{booking.ByNetwork}})
	closed := p.offered("closed", nine.Add(time.Hour), booking.Terms{})
	if err := p.through("Appointment", "a", bookedBody(open, nine, "ann")); err != nil || p.get(open, "status") != "busy" {
		t.Fatalf("a booking: %v, slot %s", err, p.get(open, "status"))
	}
	slotBody := func(status string) write.Obj {
		return write.Obj{
			"schedule": write.Obj{"reference": "Schedule/gp"}, "status": status, "start": write.Instant(nine), "end": write.Instant(nine.Add(10 * time.Minute)),
			"extension": write.List{booking.Terms{Who: []string{booking.ByNetwork}}.Extension()},
		}
	}
	moved := bookedBody(closed, nine.Add(time.Hour), "ann")
	other := bookedBody(open, nine, "ben")
	noSlot := bookedBody(open, nine, "ben")
	delete(noSlot, "slot")
	for name, err := range map[string]error{
		"the same slot again":   p.through("Appointment", "b", bookedBody(open, nine, "ben")),
		"a slot not for them":   p.through("Appointment", "c", bookedBody(closed, nine.Add(time.Hour), "ben")),
		"freed by hand":         p.through("Slot", "open", slotBody("free")),
		"moved by hand":         p.through("Appointment", "a", moved),
		"given to another":      p.through("Appointment", "a", other),
		"no slot at all":        p.through("Appointment", "d", noSlot),
		"a time not the slot's": p.through("Appointment", "e", bookedBody(closed, nine, "ben")),
	} {
		if err == nil {
			t.Errorf("%s was let through", name)
		}
	}
	gone := bookedBody(open, nine, "ann")
	gone["status"] = "cancelled"
	if err := p.through("Appointment", "a", gone); err != nil || p.get(open, "status") != "free" {
		t.Errorf("a cancellation: %v, slot %s", err, p.get(open, "status"))
	}
	if err := p.through("Slot", "open", slotBody("busy")); err == nil {
		t.Error("a slot was sold by hand")
	}
	if err := p.through("Slot", "open", slotBody("busy-unavailable")); err != nil {
		t.Errorf("a slot may be kept back: %v", err)
	}
}
