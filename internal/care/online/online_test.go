package online_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/online"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/words"
)

func TestSettingIsKeptInVersions(t *testing.T) {
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := record.Open(t.Context(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(); _ = log.Close() })
	p, err := store.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	ctx, by := context.Background(), record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	s, err := online.Load(ctx, p)
	if err != nil || s != online.Default() {
		t.Fatalf("%+v, %v", s, err)
	}
	s.Welcome, s.WelcomeCy, s.Notice = "Our flu clinics have begun.\nAsk at the desk.", "Mae ein clinigau ffliw wedi dechrau.", "Read on weekdays."
	s.Ask, s.Easy, s.BSL = 12, "https://practice.example/easy-read", ""
	if err := online.Save(ctx, p, by, s); err != nil {
		t.Fatal(err)
	}
	got, err := online.Load(ctx, p)
	if err != nil || got.Version == "" || got.Ask != 12 || got.Easy != s.Easy || got.BSL != "" || got.Exit != s.Exit {
		t.Fatalf("%+v, %v", got, err)
	}
	if o := got.WelcomeIn(words.English); len(o.Lines) != 2 || o.Lang != "" {
		t.Errorf("in English: %+v", o)
	}
	if o := got.WelcomeIn(words.Welsh); len(o.Lines) != 1 || o.Lang != "" {
		t.Errorf("in Welsh: %+v", o)
	}
	if o := got.NoticeIn(words.Welsh); len(o.Lines) != 1 || o.Lang != "en" {
		t.Errorf("in English on a Welsh page: %+v", o)
	}
	if err := online.Save(ctx, p, by, s); !fault.Is(err, fault.Conflict) { // s was read before
		t.Errorf("a stale setting: %v", err)
	}
	got.Stop = 11
	got.Notice = strings.Repeat("x", online.MostOwn+1)
	got.Exit = "http://insecure.example"
	if err := online.Save(ctx, p, by, got); len(care.Fields(err)) != 3 {
		t.Errorf("%v", err)
	}
}

// Acting for a child never goes on past the birthday by itself, whatever end
// was asked for; given to somebody grown up it has the end that was asked for.
func TestActingForAChildEnds(t *testing.T) {
	hazard.Covers(t, "H-014")
	s := online.Default()
	rapid.Check(t, func(rt *rapid.T) {
		born := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 9000).Draw(rt, "born"))
		now := born.AddDate(0, 0, rapid.IntRange(0, 9000).Draw(rt, "now"))
		var asked time.Time
		if rapid.Bool().Draw(rt, "an end") {
			asked = now.AddDate(0, 0, rapid.IntRange(1, 9000).Draw(rt, "asked"))
		}
		stop := born.AddDate(16, 0, 0)
		got := s.Until(born, now, asked)
		switch {
		case now.Before(stop) && (got.IsZero() || got.After(stop)):
			rt.Fatalf("born %v, given %v: until %v", born, now, got)
		case !now.Before(stop) && !got.Equal(asked):
			rt.Fatalf("a grown-up: asked %v, got %v", asked, got)
		case !asked.IsZero() && got.After(asked):
			rt.Fatal("longer than was asked for")
		}
	})
}

func TestAChildIsAsked(t *testing.T) {
	s, born := online.Default(), time.Date(2015, 3, 4, 0, 0, 0, 0, time.UTC)
	at := func(y int) time.Time { return born.AddDate(y, 0, 0) }
	for _, c := range []struct {
		now, given time.Time
		want       bool
	}{
		{at(10), at(2), false}, {at(11), at(2), true}, {at(12), at(11), false}, {at(16), at(2), false},
	} {
		if got := s.Review(born, c.now, c.given); got != c.want {
			t.Errorf("%v, given %v: %v", c.now, c.given, got)
		}
	}
}
