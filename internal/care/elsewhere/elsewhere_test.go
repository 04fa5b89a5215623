package elsewhere

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

var (
	ctx   = context.Background()
	staff = record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
)

const hubODS = ident.ODS("Z99909")

// town is two practices and a hub whose times both may book.
type town struct {
	t     testing.TB
	homes [2]*record.Practice
	hub   *record.Practice
	svc   *Service
	cut   atomic.Bool // the hub cannot be reached
	clock atomic.Int64
}

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{t: t}
	w.at("2026-11-24 10:00")
	s := memory.Open(t, func() time.Time { return time.Unix(0, w.clock.Load()) })
	w.svc = New(func(ods ident.ODS) (*record.Practice, error) {
		if w.cut.Load() {
			return nil, fault.New(fault.Busy, "The line is cut.")
		}
		return s.Practice(ods)
	})
	var err error
	w.hub, err = s.Practice(hubODS)
	w.must(err)
	slots := overflow.Slots{PerDay: 3, From: 8 * 60, To: 18 * 60}
	for i := range w.homes {
		ods := ident.ODS(fmt.Sprint("Z9990", i+1))
		w.homes[i], err = s.Practice(ods)
		w.must(err)
		w.put(w.homes[i], "Patient", "p", write.Obj{
			"identifier": write.List{write.Obj{"system": care.NHSNumber, "value": fmt.Sprint("999000001", i)}},
			"name":       write.List{write.Obj{"given": write.List{"Ann"}, "family": "Example"}}, "birthDate": "1980-05-01",
			"telecom": write.List{write.Obj{"system": "email", "value": "ann@patient.example.org"}},
			"address": write.List{write.Obj{"line": write.List{"1 Nowhere Street"}}},
		})
		w.must(overflow.Save(ctx, w.homes[i], staff, overflow.Agreement{Partner: hubODS, Name: "The hub", Books: slots}))
		w.must(overflow.Save(ctx, w.hub, staff, overflow.Agreement{Partner: ods, Name: "Home", Lets: slots}))
	}
	w.put(w.hub, "Practitioner", "gp", write.Obj{"name": write.List{write.Obj{"text": "Dr Hub"}}})
	w.put(w.hub, "Schedule", "s", write.Obj{"actor": write.List{
		write.Obj{"reference": "Practitioner/gp", "display": "Dr Hub"}, write.Obj{"reference": "Location/l", "display": "The hub, room 1"},
	}})
	for i, at := range []string{"09:00", "09:15", "09:30", "09:45", "19:00"} {
		w.slot(fmt.Sprint("n", i), at, booking.ByNetwork)
	}
	w.slot("own", "10:00", booking.ByLink)
	return w
}

func (w *town) slot(id, at, who string) {
	start, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-25 "+at, words.London)
	w.must(err)
	w.put(w.hub, "Slot", id, write.Obj{
		"schedule": write.Obj{"reference": "Schedule/s"}, "status": "free", "start": write.Instant(start), "end": write.Instant(start.Add(15 * time.Minute)),
		"extension": write.List{booking.Terms{Who: []string{who}}.Extension(), booking.Channel(booking.FaceToFace)},
	})
}

func (w *town) at(s string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	w.must(err)
	w.clock.Store(t.UnixNano())
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) put(p *record.Practice, typ, id string, o write.Obj) {
	w.t.Helper()
	b := write.New(staff, "test", "")
	b.Create(ident.Ref{Type: typ, ID: id}, o)
	c, err := b.Change()
	w.must(err)
	_, err = p.Commit(ctx, c)
	w.must(err)
}

var ann = ident.Ref{Type: "Patient", ID: "p"}

func slotRef(id string) ident.Ref { return ident.Ref{Type: "Slot", ID: id} }

func (w *town) book(home *record.Practice, slot, key string) (booking.View, error) {
	return w.svc.Book(ctx, home, staff, BookCommand{Patient: ann, At: hubODS, Slot: slotRef(slot), Reason: "Dressing", Agreed: true, Anyway: true, Key: key})
}

func (w *town) there(v booking.View) booking.View {
	w.t.Helper()
	got, err := w.svc.booking.Appointment(ctx, w.hub, v.Appointment)
	w.must(err)
	return got
}

func (w *town) home(v booking.View) booking.View {
	w.t.Helper()
	got, err := w.svc.booking.Appointment(ctx, w.homes[0], v.Appointment)
	w.must(err)
	return got
}

func (w *town) count(p *record.Practice, query string) int {
	w.t.Helper()
	page, err := p.Find(ctx, query+"&_total=accurate&_count=1")
	w.must(err)
	return page.Total
}

func (w *town) status(slot string) string {
	w.t.Helper()
	v, err := w.hub.Read(ctx, slotRef(slot))
	w.must(err)
	res, err := v.Resource()
	w.must(err)
	return res.Get("status").Str()
}

func TestBookMoveCancel(t *testing.T) {
	hazard.Covers(t, "H-040")
	w := newTown(t)
	free, err := w.svc.Free(ctx, w.homes[0], hubODS, 20)
	w.must(err)
	if len(free) != 4 { // not their own, and none after hours
		t.Fatalf("%d times are offered to the network, want 4", len(free))
	}
	v, err := w.book(w.homes[0], "n0", "k1")
	w.must(err)
	if v.Status != "booked" || v.Away.Name != "The hub" || v.ClinicianName != "Dr Hub" || v.Away.Place != "The hub, room 1" || v.Away.Errand != "" {
		t.Fatalf("at home it is %+v", v)
	}
	theirs := w.there(v)
	if theirs.Status != "booked" || theirs.For.ID != "Z99901" || theirs.Reason != "Dressing" || !theirs.Start.Equal(v.Start) {
		t.Fatalf("over there it is %+v", theirs)
	}
	guest, err := w.hub.Read(ctx, theirs.Patient)
	w.must(err)
	res, err := guest.Resource()
	w.must(err)
	if res.Get("telecom").Exists() || res.Get("address").Exists() || !res.Get("birthDate").Is("1980-05-01") {
		t.Error("more than who they are went along, or less")
	}
	if w.count(w.homes[0], "Consent?patient="+ann.String()) != 1 {
		t.Error("that they agreed is not in the record")
	}
	if w.count(w.hub, "Communication?") != 0 || w.count(w.homes[0], "Communication?category=message") != 1 {
		t.Error("the patient hears of it once, from their own practice")
	}
	again, err := w.book(w.homes[0], "n0", "k1")
	if err != nil || again.Appointment != v.Appointment {
		t.Fatalf("the same form again: %+v, %v", again, err)
	}

	moved, err := w.svc.Change(ctx, w.homes[0], staff, ChangeCommand{Appointment: v.Appointment, Version: w.home(v).Version, Slot: slotRef("n1"), Key: "k2"})
	w.must(err)
	if theirs = w.there(v); theirs.Slot != slotRef("n1") || !moved.Start.Equal(theirs.Start) || w.status("n0") != "free" || w.status("n1") != "busy" {
		t.Fatalf("moved to %+v, there %+v", moved, theirs)
	}
	if _, err = w.svc.Change(ctx, w.homes[0], staff, ChangeCommand{Appointment: v.Appointment, Version: v.Version, Reason: "x", Key: "k3"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale version: %v", err)
	}
	gone, err := w.svc.Change(ctx, w.homes[0], staff, ChangeCommand{Appointment: v.Appointment, Version: w.home(v).Version, Reason: "is better", Key: "k4"})
	w.must(err)
	if gone.Status != "cancelled" || w.there(v).Status != "cancelled" || w.status("n1") != "free" {
		t.Fatalf("cancelled: %+v", gone)
	}
}

func TestRefusals(t *testing.T) {
	w := newTown(t)
	for name, slot := range map[string]string{"not for the network": "own", "out of hours": "n4"} {
		if _, err := w.book(w.homes[0], slot, "r "+slot); !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
		if w.status(slot) != "free" {
			t.Errorf("%s: it was sold", name)
		}
	}
	if n := w.count(w.hub, "Patient?"); n != 0 {
		t.Errorf("a refused booking left %d patients over there", n)
	}
	for i := range 3 {
		_, err := w.book(w.homes[0], fmt.Sprint("n", i), fmt.Sprint("d", i))
		w.must(err)
	}
	if _, err := w.book(w.homes[0], "n3", "d3"); !fault.Is(err, fault.Refused) {
		t.Errorf("more than were agreed for a day: %v", err)
	}
	a, err := overflow.With(ctx, w.hub, w.homes[1].ODS())
	w.must(err)
	a.Lets = overflow.Slots{}
	w.must(overflow.Save(ctx, w.hub, staff, a))
	if _, err := w.book(w.homes[1], "n3", "e"); !fault.Is(err, fault.Refused) {
		t.Errorf("they do not let us any more: %v", err)
	}
}

// One slot, wanted by two practices at once and by the hub's own desk: one has
// it, and each of the others knows that it has not.
func TestOneWins(t *testing.T) {
	hazard.Covers(t, "H-040")
	for round := range 8 {
		w := newTown(t)
		w.put(w.hub, "Patient", "p", write.Obj{"name": write.List{write.Obj{"family": "Own"}}})
		var wg sync.WaitGroup
		var won atomic.Int32
		for i := range 3 {
			wg.Go(func() {
				var err error
				if i < 2 {
					_, err = w.book(w.homes[i], "n0", fmt.Sprint("k", i))
				} else {
					_, err = booking.New().Book(ctx, w.hub, staff, booking.BookCommand{Patient: ann, Slot: slotRef("n0"), Key: "own"})
				}
				if err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || w.count(w.hub, "Appointment?status=booked") != 1 {
			t.Fatalf("round %d: %d won, %d are booked", round, won.Load(), w.count(w.hub, "Appointment?status=booked"))
		}
		sold := w.count(w.homes[0], "Appointment?status=booked") + w.count(w.homes[1], "Appointment?status=booked")
		if theirs := w.count(w.hub, "Appointment?supporting-info=Organization/Z99901") + w.count(w.hub, "Appointment?supporting-info=Organization/Z99902"); theirs != sold {
			t.Fatalf("round %d: %d are booked at home and %d over there", round, sold, theirs)
		}
	}
}

// Several book at once, and no more are sold on a day than were agreed.
func TestNoMoreThanAgreed(t *testing.T) {
	hazard.Covers(t, "H-040")
	for round := range 8 {
		w := newTown(t)
		for i := range 6 {
			w.slot(fmt.Sprint("m", i), fmt.Sprintf("1%d:15", i), booking.ByNetwork)
		}
		var wg sync.WaitGroup
		var won atomic.Int32
		for i := range 6 {
			wg.Go(func() {
				_, err := w.book(w.homes[0], fmt.Sprint("m", i), fmt.Sprint("k", i))
				if err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict) {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if n := w.count(w.hub, "Appointment?status=booked"); won.Load() != 3 || n != 3 {
			t.Fatalf("round %d: %d won and %d are booked, of 3 that were agreed", round, won.Load(), n)
		}
	}
}

// Cut off at each step, and carried on by the chore, twice at once.
func TestCutAnywhere(t *testing.T) {
	hazard.Covers(t, "H-040")
	for _, after := range []string{"home", "there", "tombstone"} {
		for _, do := range []does{books, moves, cancels} {
			t.Run(string(do)+" after "+after, func(t *testing.T) {
				w := newTown(t)
				v := booking.View{}
				if do != books {
					var err error
					v, err = w.book(w.homes[0], "n0", "first")
					w.must(err)
				}
				w.cut.Store(true)
				w.wish(do, v)
				e := w.errand()
				w.cut.Store(false)
				there, home := w.hub, w.homes[0]
				switch view := w.home(booking.View{Appointment: e.appointment}); after {
				case "there":
					_, _, err := w.svc.done(ctx, home, there, e, view)
					w.must(err)
				case "tombstone":
					_, _, err := w.svc.refused(ctx, home, there, e, "They said no.")
					w.must(err)
				}
				w.twice()
				w.agree(e.appointment, do, after)
			})
		}
	}
}

func (w *town) wish(do does, v booking.View) {
	w.t.Helper()
	var err error
	b := write.New(staff, "test", "wish")
	switch do { // what a form records before anything goes over
	case books:
		v = booking.View{
			Appointment: ident.Ref{Type: "Appointment", ID: "wish"}, Status: "pending", Patient: ann, Start: w.homes[0].Now().Add(23 * time.Hour), End: w.homes[0].Now().Add(24 * time.Hour),
			Away: booking.Away{At: hubODS, Name: "The hub", Slot: slotRef("n1"), Errand: "e"},
		}
		b.Create(v.Appointment, members(v))
		addErrand(b, w.homes[0], staff, v, books, slotRef("n1"), "Dressing")
		c, err := b.Change()
		w.must(err)
		_, err = w.homes[0].Commit(ctx, c)
		w.must(err)
		return
	case moves:
		// The agreement is asked before anything is recorded: the line goes down after that.
		n := 0
		svc := New(func(ods ident.ODS) (*record.Practice, error) {
			if n++; n > 1 {
				return nil, errors.New("the line is cut")
			}
			return w.hub, nil
		})
		_, err = svc.Change(ctx, w.homes[0], staff, ChangeCommand{Appointment: v.Appointment, Version: w.home(v).Version, Slot: slotRef("n1"), Key: "wish"})
	case cancels:
		_, err = w.svc.Change(ctx, w.homes[0], staff, ChangeCommand{Appointment: v.Appointment, Version: w.home(v).Version, Reason: "is better", Key: "wish"})
	}
	if err == nil {
		w.t.Fatal("the line was not cut")
	}
}

func (w *town) errand() errand {
	w.t.Helper()
	page, err := w.homes[0].Find(ctx, "Task?code="+care.TaskCode+"%7C"+Code+"&status=requested&_count=5")
	w.must(err)
	if len(page.Matches) != 1 {
		w.t.Fatalf("%d errands are open, want 1", len(page.Matches))
	}
	res, err := page.Matches[0].Resource()
	w.must(err)
	return readErrand(page.Matches[0], res)
}

// twice runs the chore in two processes at once, and then once more.
func (w *town) twice() {
	w.t.Helper()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := w.svc.Round(ctx, w.homes[0]); err != nil && !strings.Contains(err.Error(), "busy") {
				w.t.Error(err)
			}
		})
	}
	wg.Wait()
	w.must(w.svc.Round(ctx, w.homes[0]))
}

// agree looks that both records say the same, and that nothing is open.
func (w *town) agree(ref ident.Ref, do does, after string) {
	w.t.Helper()
	home := w.home(booking.View{Appointment: ref})
	if n := w.count(w.homes[0], "Task?code="+care.TaskCode+"%7C"+Code+"&status=requested"); n != 0 || home.Away.Errand != "" {
		w.t.Fatalf("%d errands are still open", n)
	}
	theirs, err := w.svc.booking.Appointment(ctx, w.hub, ref)
	switch {
	case do == books && after == "tombstone":
		if !fault.Is(err, fault.NotFound) || home.Status != "cancelled" || w.status("n1") != "free" || w.count(w.homes[0], "Task?code="+care.TaskCode+"%7Cjob") != 1 {
			w.t.Fatalf("refused for good, and at home it is %+v; %v", home, err)
		}
		return
	case err != nil:
		w.t.Fatal(err)
	case theirs.Status != home.Status || !theirs.Start.Equal(home.Start):
		w.t.Fatalf("at home %+v, over there %+v", home, theirs)
	}
	want, slot := map[does]string{books: "booked", moves: "booked", cancels: "cancelled"}[do], map[does]string{books: "n1", moves: "n1", cancels: ""}[do]
	if after == "tombstone" {
		want, slot = "booked", "n0"
	}
	if home.Status != want {
		w.t.Fatalf("it is %s, want %s", home.Status, want)
	}
	for _, id := range []string{"n0", "n1"} {
		if busy := w.status(id) == "busy"; busy != (id == slot) {
			w.t.Fatalf("slot %s is %s", id, w.status(id))
		}
	}
}

// What the other practice does to it comes home, and the patient is told.
func TestTheyChangeIt(t *testing.T) {
	hazard.Covers(t, "H-040")
	w := newTown(t)
	v, err := w.book(w.homes[0], "n0", "k1")
	w.must(err)
	_, err = w.svc.booking.Rebook(ctx, w.hub, staff, booking.RebookCommand{Appointment: v.Appointment, Slot: slotRef("own"), Key: "there"})
	w.must(err)
	w.twice()
	if got := w.home(v); !got.Start.Equal(w.there(v).Start) || got.Start.Equal(v.Start) {
		t.Fatalf("they moved it, and at home it is %+v", got)
	}
	_, err = w.svc.booking.Cancel(ctx, w.hub, staff, booking.CancelCommand{Appointment: v.Appointment, Reason: "ill", Key: "there 2"})
	w.must(err)
	w.twice()
	if got := w.home(v); got.Status != "cancelled" {
		t.Fatalf("they cancelled it, and at home it is %+v", got)
	}
	if n := w.count(w.homes[0], "Communication?category=message"); n != 3 {
		t.Errorf("the patient was told %d times, want 3", n)
	}
	if n := w.count(w.homes[0], "Task?code="+care.TaskCode+"%7Cjob"); n != 1 {
		t.Errorf("%d jobs to find another time, want 1", n)
	}
	if n := w.count(w.hub, "Communication?"); n != 0 {
		t.Errorf("the other practice wrote %d messages to a patient who is not theirs", n)
	}
	u, err := w.book(w.homes[0], "n1", "k2")
	w.must(err)
	w.at("2026-11-25 09:20")
	_, err = w.svc.booking.Mark(ctx, w.hub, staff, booking.MarkCommand{Appointment: u.Appointment, Status: booking.Missed, Key: "there 3"})
	w.must(err)
	w.twice()
	if got := w.home(u); got.Status != booking.Missed {
		t.Errorf("they did not come, and at home it is %s", got.Status)
	}
}

// At home nothing but this package changes what is elsewhere.
func TestOnlyHere(t *testing.T) {
	hazard.Covers(t, "H-040")
	w := newTown(t)
	v, err := w.book(w.homes[0], "n0", "k1")
	w.must(err)
	svc := booking.New()
	if _, err := svc.Cancel(ctx, w.homes[0], staff, booking.CancelCommand{Appointment: v.Appointment, Reason: "x", Key: "c"}); !fault.Is(err, fault.Refused) {
		t.Errorf("cancelled at home only: %v", err)
	}
	if _, err := svc.Mark(ctx, w.homes[0], staff, booking.MarkCommand{Appointment: v.Appointment, Status: booking.Arrived, Key: "m"}); !fault.Is(err, fault.Refused) {
		t.Errorf("marked at home only: %v", err)
	}
	old, err := w.homes[0].Read(ctx, v.Appointment)
	w.must(err)
	x, err := record.Prepare(v.Appointment, []byte(`{"resourceType":"Appointment","id":"`+v.Appointment.ID+`","status":"cancelled","participant":[{"actor":{"reference":"Patient/p"},"status":"accepted"}]}`))
	w.must(err)
	c := record.Change{Author: staff, Expect: []record.Expect{old.Expect()}, Writes: []record.Write{x}}
	if err := svc.Guarded(ctx, w.homes[0], &c); !fault.Is(err, fault.Refused) {
		t.Errorf("cancelled by a program at home only: %v", err)
	}
}

// The reminder says where it is, and asks for nothing the patient cannot do.
func TestReminder(t *testing.T) {
	w := newTown(t)
	v, err := w.book(w.homes[0], "n0", "k1")
	w.must(err)
	w.clock.Store(v.Start.Add(-2 * time.Hour).UnixNano())
	w.must(booking.New().Remind(ctx, w.homes[0]))
	found := false
	w.must(search.Each(ctx, w.homes[0], "Communication?category=message", func(_ record.Version, res *fhir.Resource) error {
		for x := range res.Get("payload").Items() {
			text := x.Get("contentString").Str()
			if !strings.HasPrefix(text, "A reminder") {
				continue
			}
			found = true
			if !strings.Contains(text, "at The hub. Please go there, not to us.") || strings.Contains(text, "sign in") {
				t.Error(text)
			}
		}
		return nil
	}))
	if !found {
		t.Error("no reminder was written")
	}
}
