package media

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
)

// TestCounting sends a stream over a line that loses, doubles and disorders,
// and compares with a count that keeps everything.
func TestCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s source
		seq := rapid.Uint16().Draw(t, "start")
		s.accept(1, seq)
		came, low, top, doubled := map[int]bool{0: true}, 0, 0, uint64(0)
		for range rapid.IntRange(0, 300).Draw(t, "packets") {
			n := top + rapid.IntRange(-20, 40).Draw(t, "step")
			v := s.accept(1, seq+uint16(n))
			switch {
			case came[n]:
				doubled++
				if v != duplicate {
					t.Fatalf("packet %d came twice and is %d", n, v)
				}
			case n > top:
				if v != fresh {
					t.Fatalf("packet %d is %d, and the highest was %d", n, v, top)
				}
			case v != displaced:
				t.Fatalf("packet %d is %d after %d", n, v, top)
			}
			came[n], low, top = true, min(low, n), max(top, n)
		}
		if s.expected() != uint64(top-low)+1 || s.total.received != uint64(len(came)) || s.total.duplicated != doubled {
			t.Fatalf("%d of %d came and %d twice; it counts %d of %d and %d", len(came), top-low+1, doubled, s.total.received, s.expected(), s.total.duplicated)
		}
		if s.lost() != s.expected()-uint64(len(came)) {
			t.Fatalf("it counts %d lost", s.lost())
		}
	})
}

func TestJumps(t *testing.T) {
	t.Parallel()
	var s source
	for _, step := range []struct {
		ssrc uint32
		seq  uint16
		want verdict
	}{
		{1, 100, fresh}, {1, 101, fresh}, {1, 30000, unusable}, {1, 102, fresh}, // one stray packet changes nothing
		{1, 30000, unusable}, {1, 30001, fresh}, {1, 30002, fresh}, // two in a row do
		{1, 29900, unusable}, {2, 7, fresh}, {2, 8, fresh}, {2, 8, duplicate}, // a new source
		{2, 5, displaced}, {2, 5, duplicate}, // overtaken by the first
	} {
		if got := s.accept(step.ssrc, step.seq); got != step.want {
			t.Errorf("%d/%d is %d, want %d", step.ssrc, step.seq, got, step.want)
		}
	}
	if s.lost() != 1 { // the one between 5 and 7
		t.Errorf("%d were lost", s.lost())
	}
}

// TestJitter holds the estimate to the definition: for gaps that differ from
// the sender's by ±d it tends to the mean of |D|.
func TestJitter(t *testing.T) {
	t.Parallel()
	var s source
	s.accept(1, 0)
	for n := range 1000 {
		at := time.Duration(n) * FrameTime
		if n%2 == 1 {
			at += 5 * time.Millisecond
		}
		s.arrived(uint32(n*FrameSize), at)
	}
	if got := samples(s.jitter); math.Abs(float64(got-5*time.Millisecond)) > float64(time.Millisecond)/10 {
		t.Errorf("5 ms from one packet to the next are a jitter of %v", got)
	}
}

func TestQuality(t *testing.T) {
	t.Parallel()
	if best := mos(0, 20*time.Millisecond); best < 4.3 || best > 4.5 { // G.107: R 93.2 is 4.41
		t.Errorf("a perfect line has %.2f", best)
	}
	if got := mos(0.05, 50*time.Millisecond); got < 3.2 || got > 4.0 {
		t.Errorf("5 %% lost give %.2f", got)
	}
	if got := mos(1, 5*time.Second); got != 1 {
		t.Errorf("nothing heard gives %.2f", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		loss, ms := rapid.Float64Range(0, 1).Draw(t, "loss"), rapid.IntRange(0, 2000).Draw(t, "ms")
		v := mos(loss, time.Duration(ms)*time.Millisecond)
		if v < 1 || v > 4.5 || mos(min(1, loss+0.01), time.Duration(ms)*time.Millisecond) > v || mos(loss, time.Duration(ms+20)*time.Millisecond) > v {
			t.Fatalf("%.2f lost, %d ms: %.3f, and worse is better", loss, ms, v)
		}
	})
}

// TestQualityIsAboutNow loses half of the packets for ten seconds, and then
// none.
func TestQualityIsAboutNow(t *testing.T) {
	t.Parallel()
	l, m := still(t, nil)
	c := l.board.clocks[0]
	say := func(from, to int, lose bool) Quality {
		for n := from; n < to; n++ {
			if !lose || n%2 == 0 {
				p := rtpPacket(typePCMA, uint16(n), uint32(n*FrameSize), 5, noteFrame(g711.A, 500, 0))
				l.take(c.scratch, m, &udp.Packet{Data: p, From: signalled})
			}
			for i := range beatsPerFrame {
				m.beat(c, time.Duration(n)*FrameTime, beatsPerFrame*int64(n)+i)
			}
		}
		return l.Quality()
	}
	if q := say(1, 500, true); q.Loss < 0.45 || q.Loss > 0.55 || q.MOS > 2 {
		t.Errorf("while half is lost: %+v", q)
	}
	if q := say(500, 1100, false); q.Loss > 0.01 || q.MOS < 4.3 || q.Lost < 240 {
		t.Errorf("when nothing is lost any more: %+v", q)
	}
}
