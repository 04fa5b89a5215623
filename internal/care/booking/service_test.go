package booking_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

var ctx = context.Background()

func TestOfferIsPickedByThePatient(t *testing.T) {
	p := newPractice(t)
	req := p.request("r1")
	nine := p.slot("gp", "s1", at("2026-03-03T09:00"), 10)
	late := p.slot("gp", "s2", at("2026-03-20T09:00"), 10)
	o := must(p.svc.Offer(ctx, p.Practice, staff, booking.OfferCommand{
		Patient: ref("Patient", "ann"), Request: req, Reason: "Blood pressure",
		Constraint: booking.Constraint{Kind: "Routine", Mode: booking.Telephone, Until: at("2026-03-09T18:00")},
	})).Appointment
	if got := p.get(req, "businessStatus", "coding", "code"); got != "with-patient" {
		t.Errorf("business status after an offer: %q", got)
	}
	choices, err := p.svc.Choices(ctx, p.Practice, o.Appointment, 10)
	if err != nil || len(choices) != 1 || choices[0].Slot != nine || choices[0].ClinicianName != "Dr Test" {
		t.Fatalf("choices: %+v, %v", choices, err)
	}
	if _, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: o.Appointment, Slot: late}); !fault.Is(err, fault.Refused) {
		t.Errorf("a slot beyond the offer: %v", err)
	}
	got, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: o.Appointment, Slot: nine, Key: "k"})
	if err != nil || got.Appointment.Status != "booked" || got.Appointment.Mode != booking.Telephone || got.Appointment.Request != req {
		t.Fatalf("picked: %+v, %v", got, err)
	}
	again, err := p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: o.Appointment, Slot: nine, Key: "k"})
	if err != nil || !again.Repeat || again.Appointment.Appointment != o.Appointment {
		t.Errorf("sent twice: %+v, %v", again, err)
	}
	if p.get(nine, "status") != "busy" || p.get(req, "businessStatus", "coding", "code") != "triaged" {
		t.Error("the slot and the request do not show the booking")
	}
	if n := p.count("Communication?status=preparation"); n != 2 { // the offer's and the booking's
		t.Errorf("%d notices are owed, want 2", n)
	}
	p.valid("Appointment", "Slot", "Communication")
	if v := must(p.svc.OfRequest(ctx, p.Practice, req)); len(v) != 1 || v[0].Slot != nine {
		t.Errorf("of the request: %+v", v)
	}
}

// An e-mail may be read by others: it says that there is a message, and no
// more, whatever happens to an appointment.
func TestNoticesSayNothing(t *testing.T) {
	p := newPractice(t)
	ann := ref("Patient", "ann")
	nine, ten := p.slot("gp", "nine", at("2026-03-04T09:00"), 10), p.slot("gp", "ten", at("2026-03-04T10:00"), 10)
	r := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ann, Slot: nine, Reason: "Chemotherapy review"}))
	must(p.svc.Rebook(ctx, p.Practice, staff, booking.RebookCommand{Appointment: r.Appointment.Appointment, Slot: ten}))
	must(p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: r.Appointment.Appointment, Reason: "ill"}))
	page, err := p.Find(ctx, "Communication?status=preparation")
	if err != nil || len(page.Matches) != 3 {
		t.Fatalf("%d notices, %v", len(page.Matches), err)
	}
	for _, v := range page.Matches {
		res := must(v.Resource())
		said := res.Get("topic", "text").Str() + " " + res.Get("payload", "contentString").Str()
		if want := words.T(words.English, "notice.subject") + " " + words.T(words.English, "notice.body"); said != want {
			t.Errorf("the e-mail says %q", said)
		}
		about, _ := ident.ParseRef(res.Get("partOf", "reference").Str())
		if told := p.get(about, "payload", "contentString"); !strings.Contains(told, "March 2026") {
			t.Errorf("the message says %q", told)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := newPractice(t)
	ann, ben := ref("Patient", "ann"), ref("Patient", "ben")
	past := p.slot("gp", "past", at("2026-03-02T07:00"), 10)
	a := p.slot("gp", "a", at("2026-03-03T23:50"), 20) // over midnight
	b := p.slot("gp", "b", at("2026-03-04T00:00"), 10)
	c := p.slot("gp", "c", at("2026-03-04T00:10"), 10)
	p.session("nurse", "Nurse Test")
	other := p.slot("nurse", "n", at("2026-03-04T00:00"), 10)
	p.put("Patient", "gone", map[string]any{"deceasedBoolean": true})
	book := func(who, slot ident.Ref) error {
		_, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: who, Slot: slot})
		return err
	}
	if err := book(ann, a); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		who, slot ident.Ref
		want      fault.Kind
	}{
		"past":                     {ann, past, fault.Refused},
		"taken":                    {ben, a, fault.Conflict},
		"overlaps across midnight": {ben, b, fault.Conflict},
		"in two places at once":    {ann, other, fault.Refused},
		"dead":                     {ref("Patient", "gone"), c, fault.Refused},
		"nobody":                   {ident.Ref{}, c, fault.Invalid},
		"no such patient":          {ref("Patient", "none"), c, fault.NotFound},
		"no such slot":             {ben, ref("Slot", "none"), fault.NotFound},
	} {
		if err := book(tt.who, tt.slot); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	wrong := booking.BookCommand{Patient: ben, Slot: c, Request: p.request("anns")}
	if _, err := p.svc.Book(ctx, p.Practice, staff, wrong); !fault.Is(err, fault.Refused) {
		t.Errorf("for another patient's request: %v", err)
	}
	free := must(p.svc.Free(ctx, p.Practice, booking.Query{}))
	if len(free) != 2 || free[0].Slot != other || free[1].Slot != c {
		t.Errorf("free: %+v", free)
	}
	if _, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ann, Slot: other, Anyway: true}); err != nil {
		t.Errorf("two places, all the same: %v", err)
	}
	if err := book(ben, c); err != nil {
		t.Errorf("touching is not overlapping: %v", err)
	}
}

func TestLastSlotGoesToOne(t *testing.T) {
	p := newPractice(t)
	last := p.slot("gp", "last", at("2026-03-03T09:00"), 10)
	over := p.slot("gp", "over", at("2026-03-03T09:05"), 10)
	next := p.slot("gp", "next", at("2026-03-03T10:00"), 10)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			slot := last
			if i%2 == 1 {
				slot = over
			}
			_, errs[i] = p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: slot, Anyway: true})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		var taken *booking.Taken
		switch {
		case err == nil:
			won++
		case !errors.As(err, &taken):
			t.Errorf("loser: %v", err)
		case len(taken.Next) != 1 || taken.Next[0].Slot != next:
			t.Errorf("alternatives: %+v", taken.Next)
		}
	}
	if won != 1 {
		t.Errorf("%d people got the time", won)
	}
}

func TestCancelAndRebook(t *testing.T) {
	p := newPractice(t)
	one := p.slot("gp", "one", at("2026-03-03T09:00"), 15)
	two := p.slot("gp", "two", at("2026-03-03T09:10"), 15) // shares time with one
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: one})).Appointment
	moved, err := p.svc.Rebook(ctx, p.Practice, staff, booking.RebookCommand{Appointment: a.Appointment, Version: a.Version, Slot: two})
	if err != nil || p.get(one, "status") != "free" || p.get(two, "status") != "busy" {
		t.Fatalf("moved: %v", err)
	}
	if _, err := p.svc.Cancel(ctx, p.Practice, self, booking.CancelCommand{Appointment: a.Appointment, Version: a.Version, Reason: "x"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("cancelled what had changed: %v", err)
	}
	if _, err := p.svc.Cancel(ctx, p.Practice, self, booking.CancelCommand{Appointment: a.Appointment}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	p.valid("Appointment", "Slot", "Communication")
	res, err := p.svc.Cancel(ctx, p.Practice, self, booking.CancelCommand{Appointment: a.Appointment, Version: moved.Appointment.Version, Reason: "No longer needed"})
	p.valid("Appointment", "Slot", "Communication")
	if err != nil || res.Appointment.Status != "cancelled" || p.get(two, "status") != "free" {
		t.Fatalf("cancelled: %+v, %v", res, err)
	}
	if _, err := p.svc.Rebook(ctx, p.Practice, staff, booking.RebookCommand{Appointment: a.Appointment, Slot: one}); !fault.Is(err, fault.Conflict) {
		t.Errorf("moved what was cancelled: %v", err)
	}
	b := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: one})).Appointment
	p.set(at("2026-03-03T09:05"))
	if _, err := p.svc.Cancel(ctx, p.Practice, staff, booking.CancelCommand{Appointment: b.Appointment, Reason: "late"}); !fault.Is(err, fault.Refused) {
		t.Errorf("cancelled what has begun: %v", err)
	}
}

// A patient moves a booking to another time of the same sort, with the same
// clinician, and no later than the practice said; staff wherever they decide.
func TestPatientsMoveWithinWhatWasDecided(t *testing.T) {
	p := newPractice(t)
	p.session("nurse", "Nurse Test")
	p.slot("gp", "one", at("2026-03-03T09:00"), 15)
	p.slot("gp", "same", at("2026-03-03T10:00"), 15)
	p.slot("gp", "late", at("2026-03-20T10:00"), 15)
	p.slot("nurse", "other", at("2026-03-03T11:00"), 15)
	o := must(p.svc.Offer(ctx, p.Practice, staff, booking.OfferCommand{
		Patient: ref("Patient", "ann"), Constraint: booking.Constraint{Until: at("2026-03-10T18:30")},
	})).Appointment
	a := must(p.svc.Pick(ctx, p.Practice, self, booking.PickCommand{Appointment: o.Appointment, Slot: ref("Slot", "one")})).Appointment
	for _, slot := range []string{"other", "late"} {
		_, err := p.svc.Rebook(ctx, p.Practice, self, booking.RebookCommand{Appointment: a.Appointment, Slot: ref("Slot", slot)})
		if !fault.Is(err, fault.Refused) {
			t.Errorf("moved to %s: %v", slot, err)
		}
	}
	must(p.svc.Rebook(ctx, p.Practice, self, booking.RebookCommand{Appointment: a.Appointment, Slot: ref("Slot", "same")}))
	must(p.svc.Rebook(ctx, p.Practice, staff, booking.RebookCommand{Appointment: a.Appointment, Slot: ref("Slot", "other")}))
}

// The night the clocks go back has two times called 01:30; both can be booked,
// by one person each.
func TestClocksGoBack(t *testing.T) {
	p := newPractice(t)
	p.set(at("2026-10-24T12:00"))
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	p.slot("gp", "bst", first, 60)
	p.slot("gp", "gmt", first.Add(time.Hour), 60)
	for _, id := range []string{"bst", "gmt"} {
		v, err := p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: ref("Slot", id)})
		if err != nil || v.Appointment.Start.Format("15:04") != "01:30" {
			t.Errorf("%s: %v at %v", id, err, v.Appointment.Start)
		}
	}
}

func TestCalendar(t *testing.T) {
	v := booking.View{Appointment: ref("Appointment", "a1"), Start: at("2026-07-03T09:00"), End: at("2026-07-03T09:10"), Mode: booking.Telephone, Reason: "secret"}
	got := string(booking.Calendar(v, "The Heath; Surgery\r\nATTENDEE:x, "+strings.Repeat("é", 60)))
	for _, want := range []string{"DTSTART:20260703T080000Z\r\n", "UID:a1@heartwood.example\r\n", `SUMMARY:Appointment\, The Heath\; Surgery\nATTENDEE:x`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "secret") || strings.Contains(got, "\nATTENDEE") {
		t.Error("the reason, or a line that was smuggled in, is there")
	}
	for _, l := range strings.Split(got, "\r\n") {
		if len(l) > 75 {
			t.Errorf("a line of %d octets", len(l))
		}
	}
}

func TestMark(t *testing.T) {
	p := newPractice(t)
	slot := p.slot("gp", "s", at("2026-03-03T09:00"), 10)
	a := must(p.svc.Book(ctx, p.Practice, staff, booking.BookCommand{Patient: ref("Patient", "ann"), Slot: slot})).Appointment
	mark := func(status string) error {
		_, err := p.svc.Mark(ctx, p.Practice, staff, booking.MarkCommand{Appointment: a.Appointment, Status: status})
		return err
	}
	if err := mark("noshow"); !fault.Is(err, fault.Refused) {
		t.Errorf("did not come before it began: %v", err)
	}
	if err := mark("cancelled"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a status of its own: %v", err)
	}
	p.set(at("2026-03-03T09:20"))
	if err := mark("noshow"); err != nil || p.get(slot, "status") != "busy" {
		t.Errorf("did not come: %v", err)
	}
	if err := mark("arrived"); err != nil { // late, but here
		t.Errorf("arrived after all: %v", err)
	}
}
