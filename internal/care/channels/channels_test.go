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
	"heartwood/internal/ident"
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

// Each way in has its own limits while the practice is shut; none while it is
// open, and none for somebody who may not be safe.
func TestWhatIsTakenWhileShut(t *testing.T) {
	ctx, h, night, day := context.Background(), opening.Core(), at("2026-11-23 20:00"), at("2026-11-23 10:00")
	p := memory.Practice(t, "Z99901", func() time.Time { return night })
	load := func() channels.Setting {
		t.Helper()
		s, err := channels.Load(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	type limits = map[request.Channel][]request.Kind
	if s := load(); !s.Takes(request.Web, request.NewProblem, night, h) || s.Limited(request.Email) {
		t.Error("unless the practice says otherwise, all is taken")
	}
	for what, bad := range map[string]limits{
		"a kind that there is not":    {request.Web: {"poem"}},
		"a channel that there is not": {"pigeon": {request.Admin}},
		"its own letters":             {request.Practice: nil},
		"a kind of an e-mail":         {request.Email: {request.Admin}},
	} {
		if err := channels.Take(ctx, p, manager, bad, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	navigator := manager
	navigator.Role = care.RoleNavigator
	if err := channels.Take(ctx, p, navigator, limits{}, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a navigator: %v", err)
	}
	set := limits{request.Web: {request.Admin}, request.Phone: nil, request.Desk: request.Kinds, request.Email: nil}
	if err := channels.Take(ctx, p, manager, set, ""); err != nil {
		t.Fatal(err)
	}
	s := load()
	for _, tt := range []struct {
		by    request.Channel
		kind  request.Kind
		at    time.Time
		taken bool
	}{
		{request.Web, request.Admin, night, true},
		{request.Web, request.NewProblem, night, false},
		{request.Web, request.NewProblem, day, true},
		{request.Web, request.MentalHealth, night, true},
		{request.Phone, request.Admin, night, false},
		{request.Phone, request.MentalHealth, night, true},
		{request.Desk, request.NewProblem, night, true},
		{request.Email, request.Admin, night, false},
		{request.Email, request.Admin, day, true},
		{request.SMS, request.Admin, night, true},
	} {
		if s.Takes(tt.by, tt.kind, tt.at, h) != tt.taken {
			t.Errorf("%s by %s at %s: %v", tt.kind, tt.by, tt.at, !tt.taken)
		}
	}
	if s.Limited(request.Desk) {
		t.Error("all kinds are no limit")
	}
	if err := channels.Take(ctx, p, manager, limits{}, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("over what somebody else did: %v", err)
	}
}

// What a practice set before each channel had its own holds for online.
func TestWhatWasSetForOnlineOnly(t *testing.T) {
	p := memory.Practice(t, "Z99901", nil)
	w, err := record.Prepare(ident.Ref{Type: "Basic", ID: "channels"}, []byte(`{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"`+care.Base+`taken-while-shut","valueCode":"admin"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(context.Background(), record.Change{Author: manager, Reason: "as it was", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	s, err := channels.Load(context.Background(), p)
	if err != nil || !s.While(request.Web, request.Admin) || s.While(request.Web, request.NewProblem) || s.Limited(request.Phone) {
		t.Errorf("%+v, %v", s, err)
	}
}
