package rota_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/rota"
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
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	gp      = ident.Ref{Type: "Practitioner", ID: "gp"}
	monday  = time.Date(2026, 3, 23, 7, 0, 0, 0, words.London) // the clocks go forward on the 29th
)

func setting() rota.Setting {
	s := rota.Defaults()
	s.Weeks = 2
	s.Templates = []rota.Template{{
		ID: "am", Name: "Morning", Clinician: gp, ClinicianName: "Dr Test", Days: [7]bool{1: true, 3: true}, From: 540, To: 660,
		Breaks: []opening.Span{{From: 590, To: 610}}, Length: 10, Type: "routine", Modes: []booking.Mode{booking.Telephone, booking.FaceToFace},
		Capacity: 1, Who: []string{booking.ByLink}, OpensDays: 1, OpensAt: 420,
	}}
	return s
}

func TestWanted(t *testing.T) {
	s := setting()
	got := s.Wanted(opening.Hours{}, monday, monday.AddDate(0, 0, 1))
	if len(got) != 10 { // twelve tens of minutes, less a break of two
		t.Fatalf("%d slots: %+v", len(got), got)
	}
	x := got[5] // the first after the break
	if x.ID != "rota-am-20260323-1010" || x.Mode != booking.FaceToFace || x.Kind != "Routine appointment" {
		t.Errorf("%+v", x)
	}
	if want := time.Date(2026, 3, 22, 7, 0, 0, 0, words.London); !x.Terms.Opens.Equal(want) {
		t.Errorf("released %v", x.Terms.Opens)
	}
	s.Leave = []rota.Leave{{Clinician: gp, From: "2026-03-23", To: "2026-03-23"}}
	if n := len(s.Wanted(opening.Hours{}, monday, monday.AddDate(0, 0, 1))); n != 0 {
		t.Errorf("%d slots on leave", n)
	}
	if n := len(setting().Wanted(opening.Hours{Closed: map[string]bool{"2026-03-23": true}}, monday, monday.AddDate(0, 0, 1))); n != 0 {
		t.Errorf("%d slots on a closed day", n)
	}
	easter := time.Date(2026, 4, 6, 0, 0, 0, 0, words.London)
	if n := len(setting().Wanted(opening.Hours{Holidays: true}, easter, easter.AddDate(0, 0, 1))); n != 0 {
		t.Errorf("%d slots on a bank holiday", n)
	}
}

// Whatever the templates are, no two slots of one person meet, also when the
// clocks change in the night, no id comes twice, and what was laid once needs
// nothing more.
func TestWantedNeverMeets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rota.Defaults()
		for i := range rapid.IntRange(1, 4).Draw(rt, "templates") {
			tm := setting().Templates[0]
			tm.ID = string(rune('a' + i))
			tm.From = rapid.IntRange(0, 23*60).Draw(rt, "from")
			tm.To = rapid.IntRange(tm.From, 24*60).Draw(rt, "to")
			tm.Length = rapid.IntRange(5, 60).Draw(rt, "length")
			tm.Days = [7]bool{true, true, false, true, false, false, true}
			s.Templates = append(s.Templates, tm)
		}
		for _, from := range []time.Time{monday, time.Date(2026, 10, 24, 0, 0, 0, 0, words.London)} {
			want := s.Wanted(opening.Hours{}, from, from.AddDate(0, 0, 9))
			ids := map[string]bool{}
			for i, a := range want {
				if ids[a.ID] {
					rt.Fatalf("%s comes twice", a.ID)
				}
				ids[a.ID] = true
				if i > 0 && want[i-1].End.After(a.Start) {
					rt.Fatalf("%v meets %v", want[i-1], a)
				}
				want[i].Free = true
			}
			if c := rota.Diff(want, want, from.Add(-time.Hour)); !c.Nothing() || len(c.Move) > 0 {
				rt.Fatalf("laid twice: %+v", c)
			}
		}
	})
}

func TestApplyKeepsWhatIsBooked(t *testing.T) {
	hazard.Covers(t, "H-028")
	clock := &atomic.Int64{}
	clock.Store(monday.UnixNano())
	p := memory.Practice(t, "Z99901", func() time.Time { return time.Unix(0, clock.Load()) })
	if err := rota.Save(ctx, p, manager, setting()); err != nil {
		t.Fatal(err)
	}
	first, err := rota.Apply(ctx, p)
	if err != nil || len(first.Add) != 40 {
		t.Fatalf("%d slots, %v", len(first.Add), err)
	}
	if again, err := rota.Apply(ctx, p); err != nil || !again.Nothing() {
		t.Fatalf("laid again: %+v, %v", again, err)
	}
	b := write.New(manager, "test", "")
	ann := ident.Ref{Type: "Patient", ID: "ann"}
	b.Create(ann, write.Obj{"active": true})
	c, _ := b.Change()
	if _, err := p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	slot := ident.Ref{Type: "Slot", ID: "rota-am-20260323-0900"}
	if _, err := booking.New().Book(ctx, p, manager, booking.BookCommand{Patient: ann, Slot: slot}); err != nil {
		t.Fatal(err)
	}
	s, err := rota.Load(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	stale := s
	stale.Version = "c.0"
	if err := rota.Save(ctx, p, manager, stale); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale rota: %v", err)
	}
	s.Leave = []rota.Leave{{Clinician: gp, Name: "Dr Test", From: "2026-03-23", To: "2026-03-23", Why: "course"}}
	s.Types[1].National = "Planned Clinics"
	will, err := rota.Preview(ctx, p, s)
	if err != nil || len(will.Move) != 1 || len(will.Withdraw) != 9 {
		t.Fatalf("preview: %+v, %v", will, err)
	}
	if err := rota.Save(ctx, p, manager, s); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := rota.Apply(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	for query, n := range map[string]int{
		"Slot?status=busy": 1, "Appointment?status=booked": 1, "Slot?status=busy-unavailable": 9,
		"Task?status=requested&patient=Patient/ann": 1, // the job to move it, once
	} {
		page, err := p.Find(ctx, query+"&_count=100")
		if err != nil || len(page.Matches) != n {
			t.Errorf("%s: %d, %v", query, len(page.Matches), err)
		}
		for _, v := range page.Matches {
			res, _ := v.Resource()
			for _, i := range fhir.Validate(res) {
				t.Errorf("%s: %+v", v.Ref, i)
			}
		}
	}
	s, _ = rota.Load(ctx, p)
	if typ, _ := s.Named("routine"); len(typ.Past) != 1 || typ.Past[0].National != "General Consultation Routine" {
		t.Errorf("what it was mapped to: %+v", typ)
	}
	s.Leave = nil
	if err := rota.Save(ctx, p, manager, s); err != nil {
		t.Fatal(err)
	}
	// What was booked keeps the category it was booked in; what is free has
	// the one that is set now.
	categories := func(query string) map[string]int {
		got := map[string]int{}
		page, err := p.Find(ctx, query+"&_count=500")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Matches {
			res, _ := v.Resource()
			got[booking.CategoryOf(res)]++
		}
		return got
	}
	if got := categories("Appointment?status=booked"); got["General Consultation Routine"] != 1 {
		t.Errorf("booked: %v", got)
	}
	if got := categories("Slot?status=free"); got["Planned Clinics"] == 0 || len(got) != 1 {
		t.Errorf("free: %v", got)
	}
	if back, err := rota.Apply(ctx, p); err != nil || len(back.Change) != 9 || len(back.Add) != 0 {
		t.Errorf("leave taken back: %+v, %v", back, err)
	}
	s, _ = rota.Load(ctx, p)
	s.Types[1].National = rota.Unmapped
	if err := rota.Save(ctx, p, manager, s); err != nil {
		t.Fatal(err)
	}
	if _, err := rota.Apply(ctx, p); err != nil {
		t.Fatal(err)
	}
	if got := categories("Slot?status=free"); got[""] == 0 || len(got) != 1 {
		t.Errorf("free, and of no category: %v", got)
	}
}
