package opening

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/words"
)

func TestBetween(t *testing.T) {
	at := func(s string) time.Time {
		m, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-11-23 09:00", "2026-11-23 10:30", 90 * time.Minute},
		{"2026-11-23 18:00", "2026-11-24 08:30", time.Hour},        // a night
		{"2026-11-20 18:00", "2026-11-23 09:00", 90 * time.Minute}, // a weekend
		{"2026-12-24 18:00", "2026-12-29 09:00", 90 * time.Minute}, // Christmas
		{"2026-11-21 09:00", "2026-11-22 09:00", 0},                // shut
		{"2026-11-23 10:00", "2026-11-23 09:00", 0},                // the wrong way round
		{"2026-03-27 18:00", "2026-03-30 09:00", 90 * time.Minute}, // the clocks go forward
		{"2026-11-23 00:00", "2026-11-28 00:00", 5 * 630 * time.Minute},
	} {
		if got := Core().Between(at(c.from), at(c.to)); got != c.want {
			t.Errorf("%s to %s: %v, not %v", c.from, c.to, got, c.want)
		}
	}
}

// Two parts add up to the whole, and no part is longer than the clock says.
func TestBetweenAddsUp(t *testing.T) {
	base := time.Date(2026, 3, 20, 0, 0, 0, 0, words.London)
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(0, 20*24*60)
		a := base.Add(time.Duration(minutes.Draw(t, "a")) * time.Minute)
		b := a.Add(time.Duration(minutes.Draw(t, "b")) * time.Minute)
		c := b.Add(time.Duration(minutes.Draw(t, "c")) * time.Minute)
		h := Core()
		if h.Between(a, b)+h.Between(b, c) != h.Between(a, c) || h.Between(a, b) > b.Sub(a) {
			t.Fatalf("%v %v %v", a, b, c)
		}
	})
}

func TestShut(t *testing.T) {
	from := time.Date(2026, 11, 23, 0, 0, 0, 0, words.London)
	h := Core()
	h.Week[time.Wednesday] = []Span{{8 * 60, 13 * 60}} // half-day closing
	h.Closed = map[string]bool{"2026-11-26": true}
	if got := h.Shut(Core(), from, from.AddDate(0, 0, 7)); got != (330+630)*time.Minute {
		t.Errorf("%v", got)
	}
	if got := Core().Shut(h, from, from.AddDate(0, 0, 7)); got != 0 {
		t.Errorf("%v", got)
	}
}
