package hours_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/hours"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/words"
)

var (
	ctx = context.Background()
	by  = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
)

type fatal interface {
	Helper()
	Fatal(args ...any)
}

func practice(t fatal) (p *record.Practice, done func()) {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 3, 10, 0, 0, 0, words.London) // a Tuesday
	s, err := record.Open(ctx, record.Config{Log: log, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.Practice("Z99901"); err != nil {
		t.Fatal(err)
	}
	return p, func() { _, _ = s.Close(), log.Close() }
}

func TestSavingMakesVersionsThatPromisesGoBy(t *testing.T) {
	p, done := practice(t)
	defer done()
	s, err := hours.Load(ctx, p)
	if err != nil || s.Version != "" || len(s.Week[time.Monday]) != 1 || len(s.Week[time.Sunday]) != 0 {
		t.Fatalf("before anything is set: %+v, %v", s, err)
	}
	s.Week[time.Tuesday] = []opening.Span{{From: 8 * 60, To: 12*60 + 30}, {From: 14 * 60, To: 20 * 60}}
	s.Week[time.Wednesday] = nil
	s.Closures = []hours.Closure{{From: "2026-03-05", To: "2026-03-06", Why: "Training"}}
	s.BankHolidays = true
	if err := hours.Save(ctx, p, by, s); err != nil {
		t.Fatal(err)
	}
	promised := s.Promises(p.Now())
	if want := time.Date(2026, 3, 3, 20, 0, 0, 0, words.London); !promised.Open || !promised.Day.Equal(want) {
		t.Errorf("promised %+v", promised)
	}
	// Wednesday is closed, Thursday and Friday too: the next day is Monday.
	if want := time.Date(2026, 3, 9, 18, 30, 0, 0, words.London); !promised.Later.Equal(want) {
		t.Errorf("routine by %v", promised.Later)
	}
	if h := request.HoursOf(ctx, p); !h.NextDay(p.Now()).Equal(promised.Later) || h.Holidays {
		t.Errorf("promises go by %+v", h)
	}
	again, err := hours.Load(ctx, p)
	if err != nil || again.Version == "" {
		t.Fatal(err)
	}
	s.Version = again.Version
	if d := cmp.Diff(s, again); d != "" {
		t.Error(d)
	}
	again.Closures = nil
	if err := hours.Save(ctx, p, by, again); err != nil {
		t.Fatal(err)
	}
	if err := hours.Save(ctx, p, by, again); !fault.Is(err, fault.Conflict) {
		t.Errorf("over somebody else's change: %v", err)
	}
	s.Version = ""
	if err := hours.Save(ctx, p, by, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("as if there were none: %v", err)
	}
	vs, err := p.History(ctx, ident.Ref{Type: "HealthcareService", ID: opening.ID}, "", 10)
	if err != nil || len(vs) != 2 {
		t.Errorf("%d versions, %v", len(vs), err)
	}
	for _, v := range vs {
		res, err := v.Resource()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range fhir.Validate(res) {
			t.Errorf("%+v", i)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	good := func() hours.Setting { return hours.Setting{Week: opening.Core().Week} }
	for name, tt := range map[string]struct {
		where  string
		change func(*hours.Setting)
	}{
		"never open":      {"mon", func(s *hours.Setting) { s.Week = [7][]opening.Span{} }},
		"closes first":    {"mon", func(s *hours.Setting) { s.Week[1] = []opening.Span{{From: 600, To: 500}} }},
		"overlap":         {"fri", func(s *hours.Setting) { s.Week[5] = []opening.Span{{From: 480, To: 800}, {From: 700, To: 900}} }},
		"no such day":     {"closures", func(s *hours.Setting) { s.Closures = []hours.Closure{{From: "2026-02-30", To: "2026-02-30", Why: "x"}} }},
		"a month":         {"closures", func(s *hours.Setting) { s.Closures = []hours.Closure{{From: "2026-02", To: "2026-02", Why: "x"}} }},
		"back in time":    {"closures", func(s *hours.Setting) { s.Closures = []hours.Closure{{From: "2026-03-02", To: "2026-03-01", Why: "x"}} }},
		"for no reason":   {"closures", func(s *hours.Setting) { s.Closures = []hours.Closure{{From: "2026-03-02", To: "2026-03-02"}} }},
		"for ever closed": {"closures", func(s *hours.Setting) { s.Closures = []hours.Closure{{From: "2026-03-02", To: "2036-03-02", Why: "x"}} }},
	} {
		s := good()
		tt.change(&s)
		err := s.Check()
		if !fault.Is(care.Fields(err)[0], fault.Invalid) || care.Fields(err)[0].Where != tt.where {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever passes the check is read again as it was kept.
func TestWhatIsKeptIsReadAgain(t *testing.T) {
	p, done := practice(t)
	defer done()
	rapid.Check(t, func(t *rapid.T) {
		now, err := hours.Load(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		s := hours.Setting{BankHolidays: rapid.Bool().Draw(t, "holidays"), Version: now.Version}
		for d := range s.Week {
			from := rapid.IntRange(0, 700).Draw(t, "from")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				s.Week[d] = []opening.Span{{From: from, To: rapid.IntRange(from+1, 1439).Draw(t, "to")}}
			case 1:
				s.Week[d] = []opening.Span{{From: from, To: 800}, {From: 800, To: 1439}}
			case 2:
				s.Week[d] = []opening.Span{{From: 0, To: 1440}}
			}
		}
		if s.Check() != nil {
			return
		}
		if err := hours.Save(ctx, p, by, s); err != nil {
			t.Fatal(err)
		}
		got, err := hours.Load(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		got.Version, s.Version = "", ""
		if d := cmp.Diff(s, got); d != "" {
			t.Fatal(d)
		}
	})
}
