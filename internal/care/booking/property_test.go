package booking_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/write"
	"heartwood/internal/ident"
)

// Whatever many people do at once, each slot has at most one live
// appointment, a slot is busy exactly when it has one, and no two sold slots
// of one clinician share time.
func TestNoSlotIsSoldTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, done := open(t, rt)
		defer done()
		for i := range 3 {
			p.put("Patient", fmt.Sprintf("p%d", i), write.Obj{"active": true})
		}
		var slots []ident.Ref
		for s := range 2 {
			p.session(fmt.Sprintf("gp%d", s), "Dr Test")
			for i := range rapid.IntRange(1, 3).Draw(rt, "slots") {
				start := at("2026-03-03T23:40").Add(time.Duration(i) * 10 * time.Minute)
				length := rapid.SampledFrom([]int{5, 10, 15}).Draw(rt, "minutes") // 15 overlaps the next
				slots = append(slots, p.slot(fmt.Sprintf("gp%d", s), fmt.Sprintf("s%d-%d", s, i), start, length))
			}
		}
		for round := range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			p.round(rt, slots, round)
			p.consistent(rt, slots)
		}
	})
}

// round lets some people act at the same moment.
func (p *practice) round(rt *rapid.T, slots []ident.Ref, round int) {
	var held []booking.View
	for i := range 3 {
		held = append(held, must(p.svc.OfPatient(ctx, p.Practice, ref("Patient", fmt.Sprintf("p%d", i))))...)
	}
	var wg sync.WaitGroup
	for i := range rapid.IntRange(1, 5).Draw(rt, "actors") {
		slot := rapid.SampledFrom(slots).Draw(rt, "slot")
		who := ref("Patient", fmt.Sprintf("p%d", i%3))
		key := ""
		if rapid.Bool().Draw(rt, "keyed") {
			key = fmt.Sprintf("k%d-%d", round, i/2) // now and then the same form twice
		}
		act := rapid.SampledFrom([]string{"book", "cancel", "rebook", "offer and pick"}).Draw(rt, "act")
		var old booking.View
		if len(held) > 0 {
			old = rapid.SampledFrom(held).Draw(rt, "appointment")
		} else if act == "cancel" || act == "rebook" {
			act = "book"
		}
		// Most of these are refused, and should be: only the outcome matters.
		wg.Go(func() {
			switch act {
			case "book":
				_, _ = p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: who, Slot: slot, Anyway: true, Key: key})
			case "cancel":
				_, _ = p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: old.Appointment, Reason: "test", Key: key})
			case "rebook":
				_, _ = p.svc.Rebook(ctx, p.Practice, staff, booking.RebookCommand{Appointment: old.Appointment, Slot: slot, Anyway: true, Key: key})
			default:
				o, err := p.svc.Offer(ctx, p.Practice, staff, booking.OfferCommand{Patient: who})
				if err == nil {
					_, _ = p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: o.Appointment.Appointment, Slot: slot, Anyway: true})
				}
			}
		})
	}
	wg.Wait()
}

func (p *practice) consistent(rt *rapid.T, slots []ident.Ref) {
	type sold struct {
		schedule   string
		start, end time.Time
	}
	var all []sold
	for _, s := range slots {
		n := p.count("Appointment?status=booked&slot=" + s.String())
		status := p.get(s, "status")
		if n > 1 || (n == 1) != (status == "busy") {
			rt.Fatalf("%s is %s and has %d appointments", s, status, n)
		}
		if n == 0 {
			continue
		}
		x := sold{p.get(s, "schedule", "reference"), must(time.Parse(time.RFC3339, p.get(s, "start"))), must(time.Parse(time.RFC3339, p.get(s, "end")))}
		for _, y := range all {
			if x.schedule == y.schedule && x.start.Before(y.end) && y.start.Before(x.end) {
				rt.Fatalf("%s shares time with another sold slot", s)
			}
		}
		all = append(all, x)
	}
}

func TestOfferEdges(t *testing.T) {
	p := newPractice(t)
	slot := p.slot("gp", "s", at("2026-03-05T09:00"), 10)
	offer := func(c booking.Constraint) (booking.Result, error) {
		return p.svc.Offer(ctx, p.Practice, staff, booking.OfferCommand{Patient: ref("Patient", "ann"), Constraint: c})
	}
	if _, err := offer(booking.Constraint{Until: at("2026-03-01T09:00")}); err == nil {
		t.Error("an offer that has ended was made")
	}
	a := must(offer(booking.Constraint{Until: at("2026-03-05T09:00")})).Appointment
	if got := must(p.svc.Choices(ctx, p.Practice, a.Appointment, 5)); len(got) != 1 {
		t.Errorf("the last moment may be chosen: %+v", got)
	}
	if v := must(p.svc.Appointment(ctx, p.Practice, a.Appointment)); !v.Offer.Until.Equal(at("2026-03-05T09:00")) || v.Status != "proposed" {
		t.Errorf("read back: %+v", v)
	}
	if _, err := p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: a.Appointment, Reason: "not needed"}); err != nil {
		t.Errorf("withdraw an offer: %v", err)
	}
	if _, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: a.Appointment, Slot: slot}); err == nil {
		t.Error("a withdrawn offer was picked")
	}
	video := must(offer(booking.Constraint{Mode: booking.Video})).Appointment
	if _, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: video.Appointment, Slot: slot}); err == nil {
		t.Error("a telephone slot was picked for a video offer")
	}
}
