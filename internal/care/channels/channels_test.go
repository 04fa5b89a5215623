package channels_test

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return t
}

var manager = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}

// A channel is closed only by a manager, with a reason, an end and, in core
// hours, the ICB's agreement; it opens again by itself, and it is not forgotten.
func TestClosingIsRecordedAndEnds(t *testing.T) {
	hazard.Covers(t, "H-020")
	ctx, now := context.Background(), at("2026-11-23 10:00")
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	good := channels.Closure{Channel: request.Web, To: at("2026-11-23 12:00"), Why: "power cut", Agreed: "A. Other, ICB, by phone 09:50"}
	navigator := manager
	navigator.Role = care.RoleNavigator
	for what, c := range map[string]func(c *channels.Closure) record.Author{
		"by a navigator": func(*channels.Closure) record.Author { return navigator },
		"no reason":      func(c *channels.Closure) record.Author { c.Why = " "; return manager },
		"no agreement":   func(c *channels.Closure) record.Author { c.Agreed = ""; return manager },
		"no end":         func(c *channels.Closure) record.Author { c.To = time.Time{}; return manager },
		"for a month":    func(c *channels.Closure) record.Author { c.To = now.AddDate(0, 1, 0); return manager },
		"no channel":     func(c *channels.Closure) record.Author { c.Channel = "pigeon"; return manager },
	} {
		bad := good
		if err := channels.Close(ctx, p, c(&bad), bad, ""); err == nil {
			t.Errorf("%s: closed", what)
		}
	}
	night := channels.Closure{Channel: request.Phone, From: at("2026-11-23 20:00"), To: at("2026-11-23 23:00"), Why: "line test"}
	if err := channels.Close(ctx, p, manager, night, ""); err != nil {
		t.Errorf("outside core hours nobody need agree: %v", err)
	}
	if err := channels.Close(ctx, p, manager, good, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("over what somebody else did: %v", err)
	}
	load := func() channels.Setting {
		t.Helper()
		set, err := channels.Load(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if err := channels.Close(ctx, p, manager, good, load().Version); err != nil {
		t.Fatal(err)
	}
	set := load()
	if st := set.At(request.Web, now); st.Open || st.Why != "power cut" || !st.Until.Equal(good.To) {
		t.Errorf("%+v", st)
	}
	if !set.At(request.Web, good.To).Open || !set.At(request.Desk, now).Open {
		t.Error("it does not open by itself, or closed another")
	}
	if d := set.Closures[1].CoreTime(); d != 2*time.Hour || set.Closures[0].CoreTime() != 0 {
		t.Errorf("core time %v, %v", d, set.Closures[0].CoreTime())
	}
	now = now.Add(time.Hour)
	if err := channels.Reopen(ctx, p, manager, request.Web, set.Version); err != nil {
		t.Fatal(err)
	}
	if set = load(); !set.At(request.Web, now).Open || len(set.Closures) != 2 || set.Closures[1].CoreTime() != time.Hour {
		t.Errorf("%+v", set)
	}
}

func TestWhatIsTakenWhileShut(t *testing.T) {
	h := opening.Core()
	var s channels.Setting
	night, day := at("2026-11-23 20:00"), at("2026-11-23 10:00")
	if !s.Takes(request.NewProblem, night, h) {
		t.Error("unless the practice says otherwise, all is taken")
	}
	s.Shut = []request.Kind{request.Admin}
	if !s.Takes(request.MentalHealth, night, h) {
		t.Error("somebody who may not be safe is turned away")
	}
	if s.Takes(request.NewProblem, night, h) || !s.Takes(request.Admin, night, h) || !s.Takes(request.NewProblem, day, h) {
		t.Error("the wrong kinds are taken")
	}
}
