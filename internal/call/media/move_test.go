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

// TestWhoComesIntoACallThatIsPassedThroughWaitsForNothing: what a buffer held
// before packets went straight through must not delay what comes after.
func TestWhoComesIntoACallThatIsPassedThroughWaitsForNothing(t *testing.T) {
	t.Parallel()
	a, _ := still(t, nil)
	s := a.board
	c := s.clocks[0]
	b, err := s.NewLeg(Practice)
	if err != nil {
		t.Fatal(err)
	}
	x, err := s.NewLeg(Practice)
	if err != nil {
		t.Fatal(err)
	}
	m, n := s.NewMix(), 0
	step := func(frames int) {
		for range frames {
			n++
			p := rtpPacket(typePCMA, uint16(n), uint32(n*FrameSize), 5, noteFrame(g711.A, 500, n*FrameSize))
			in := x.lock()
			x.take(c.scratch, in, &udp.Packet{Data: p, From: signalled})
			in.mu.Unlock()
			for _, mix := range c.list(nil) {
				mix.beat(c, time.Duration(n)*FrameTime, 2)
			}
		}
	}
	for _, l := range []*Leg{b, x} {
		if err := l.Connect(Remote{Addr: signalled}); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = a.Join(m), b.Join(m)
	step(10) // x is alone, and fills its buffer; a and b are passed through
	_, _ = b.Leave(), x.Join(m)
	step(15)
	a.Mute(true)
	step(5)
	if d := int32(x.buf.end - x.buf.play); d > startDelay+2*FrameSize {
		t.Errorf("what x says waits %d samples", d)
	}
}

func TestANewSourceIsNotLate(t *testing.T) {
	t.Parallel()
	l, m := still(t, nil)
	s := new(scratch)
	for n := range uint16(20) {
		ssrc, ts := uint32(5), uint32(n)*FrameSize+4000
		if n >= 10 { // the other end transferred the call: another clock
			ssrc, ts = 6, uint32(n)*FrameSize
		}
		l.take(s, m, &udp.Packet{Data: rtpPacket(typePCMA, n, ts, ssrc, noteFrame(g711.A, 500, 0)), From: signalled})
		m.frame(s)
	}
	if q := l.Quality(); q.Late != 0 || q.Lost != 0 || q.Received != 20 {
		t.Errorf("a new source is %+v", q)
	}
}
