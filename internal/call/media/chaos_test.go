package media

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"heartwood/internal/call/media/g711"
)

// TestEverythingAtOnce has many goroutines do whatever they may to a few legs
// and mixes that are in use. What it looks for is a race, a panic, a lock
// that is never given back, and a goroutine or a port that is left.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	s := board(t)
	var legs []*Leg
	for i := range 6 {
		legs = append(legs, call(t, s, Side(i%2), g711.Law(i%2), 300+100*float64(i)).leg)
	}
	mixes := []*Mix{mix(t, s), mix(t, s), mix(t, s)}
	sound := noteSound(700, 1000)
	end := time.Now().Add(3 * time.Second)
	var wg sync.WaitGroup
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		wg.Go(func() {
			for time.Now().Before(end) {
				l, m := legs[r.IntN(len(legs))], mixes[r.IntN(len(mixes))]
				disturb(t, r.IntN(14), s, l, m, sound)
			}
		})
	}
	wg.Wait()
	for _, l := range legs {
		if err := l.Join(mixes[0]); err != nil {
			t.Errorf("after all that a leg cannot join: %v", err)
		}
		l.Close()
	}
	if n := len(mixes[0].legs); n != 0 {
		t.Errorf("%d closed legs are left in a mix", n)
	}
}

type tapeless struct{}

func (tapeless) Frame(_, _ *Frame) {}

func disturb(t *testing.T, what int, s *Switchboard, l *Leg, m *Mix, sound Sound) {
	switch what {
	case 0, 1, 2, 3:
		_ = l.Join(m)
	case 4:
		_ = l.Leave()
	case 5:
		l.Hold(sound)
	case 6:
		l.Resume()
	case 7:
		l.Mute(true)
		l.Mute(false)
	case 8:
		l.Play(sound)
	case 9:
		l.Repeat(sound).Stop()
	case 10:
		_ = l.Press("1")
		l.Quality()
	case 11:
		m.Record(tapeless{})
	case 12:
		m.Record(nil)
	default:
		g, err := s.NewLeg(Outside)
		if err != nil {
			t.Error(err)
			return
		}
		_ = g.Join(m)
		g.Close()
	}
}
