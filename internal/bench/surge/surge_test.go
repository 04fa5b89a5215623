package surge

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The whole window brings what England's figures say, most of it in the first
// half hour, whatever time the run takes for it.
func TestArrivals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	got := arrivals(r, 2_000_000, 1, window)
	if want := 2000 * (callsPer1000 + formsPer1000); float64(len(got)) < 0.97*want || float64(len(got)) > 1.03*want {
		t.Errorf("%d needs in two hours, want about %.0f", len(got), want)
	}
	early := 0
	for i, at := range got {
		if i > 0 && at < got[i-1] {
			t.Fatal("they are out of order")
		}
		if at < 30*time.Minute {
			early++
		}
	}
	if share := float64(early) / float64(len(got)); share < 0.43 || share > 0.47 {
		t.Errorf("%.2f of them before half past eight", share)
	}
	short := len(arrivals(r, 2_000_000, 1, window/60))
	if want := len(got) / 60; short < want*8/10 || short > want*12/10 {
		t.Errorf("%d in two minutes at the same rates, want about %d", short, want)
	}
}

func TestMixIsEnglands(t *testing.T) {
	sum := 0.0
	for i := range mixes {
		sum += mix(i)
	}
	if got := sum / float64(len(mixes)); got < england-0.005 || got > england+0.005 {
		t.Errorf("the practices' mixes have the mean %.3f, England has %.3f", got, england)
	}
	n, r := 0, rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		n += starts(r)
	}
	if n < 15_500 || n > 16_500 {
		t.Errorf("%d of 10,000 begin and leave", n)
	}
}

// However screens are fetched, a receipt stands on one when the count says so,
// never before it was given and never twice.
func TestReceiptsOnScreens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, now := newMeter(), time.Unix(1e9, 0)
		base := rapid.IntRange(0, 50).Draw(t, "open at first")
		m.shown("A", base, now)
		given := 0
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			now = now.Add(time.Second)
			if rapid.Bool().Draw(t, "receipt") {
				m.received("A", now)
				given++
			} else {
				m.shown("A", base+rapid.IntRange(0, given+1).Draw(t, "shown"), now)
			}
			if len(m.lags["A"]) > given {
				t.Fatal("more on screens than were given")
			}
		}
		m.shown("A", base+given, now.Add(time.Second))
		if !m.caught() || len(m.lags["A"]) != given {
			t.Fatalf("%d of %d on a screen", len(m.lags["A"]), given)
		}
	})
}
