package media

import (
	"math/rand/v2"
	"testing"
	"time"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
)

// TestAMoveLosesNothingAndRepeatsNothing moves a telephone that says a note
// between two mixes before frame after frame: each frame is heard in the one
// mix it is in, and together they are the note without a break.
func TestAMoveLosesNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	l, alone := still(t, nil)
	s := l.board
	c := s.clocks[0]
	var heard [2]Frame
	mixes := [2]*Mix{s.NewMix(), s.NewMix()}
	for i, m := range mixes {
		g, err := s.NewGuest(Practice, func(f *Frame) { heard[i] = *f })
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Join(m); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 9))
	var all []int16
	in := alone
	for n := range 300 {
		p := rtpPacket(typePCMA, uint16(n), uint32(n*FrameSize), 5, noteFrame(g711.A, 500, n*FrameSize))
		in.mu.Lock()
		l.take(c.scratch, in, &udp.Packet{Data: p, From: signalled})
		in.mu.Unlock()
		where := r.IntN(2)
		if err := l.Join(mixes[where]); err != nil {
			t.Fatal(err)
		}
		in = mixes[where]
		for _, m := range mixes {
			m.beat(c, time.Duration(n)*FrameTime, 2)
		}
		if n > 5 && (silent(&heard[where]) || !silent(&heard[1-where])) {
			t.Fatalf("frame %d is heard in the wrong mix, or in none", n)
		}
		all = append(all, heard[where][:]...)
	}
	if j := jumps(all[5*FrameSize:]); j != 0 || loud(all[5*FrameSize:], 500) < 7500 {
		t.Errorf("the note has %d breaks, and is at %.0f", j, loud(all[5*FrameSize:], 500))
	}
}

func silent(f *Frame) bool {
	for _, v := range f {
		if v > 16 || v < -16 {
			return false
		}
	}
	return true
}
