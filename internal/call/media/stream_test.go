package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"pgregory.net/rapid"
)

// TestNoNumberIsUsedTwice sends frames of a leg's own, passes on packets of
// two sources that come late and out of order, leaves some out, and presses
// keys: a number used twice would give SRTP's key stream away (RFC 3711, 9.1).
func TestNoNumberIsUsedTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, now := newStream(), time.Duration(0)
		var f finger
		used, came := map[uint16]bool{}, map[[2]int]bool{}
		next := [2]int{rapid.IntRange(0, 65535).Draw(t, "first"), 0}
		use := func(seq uint16) {
			if used[seq] {
				t.Fatalf("number %d is used twice", seq)
			}
			used[seq] = true
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 30).Draw(t, "ms")) * time.Millisecond
			switch from := rapid.IntRange(0, 1).Draw(t, "from"); rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				seq, _ := s.own(now)
				use(seq)
			case 1, 2:
				n := next[from] + rapid.IntRange(-5, 3).Draw(t, "ahead")
				if came[[2]int{from, n}] {
					continue // the source's account keeps duplicates out
				}
				came[[2]int{from, n}], next[from] = true, max(next[from], n+1)
				p := packet{Packet: rtp.Packet{Header: rtp.Header{SSRC: uint32(from), SequenceNumber: uint16(n), Timestamp: uint32(n * FrameSize)}}}
				if seq, _, ok := s.pass(&p, now); ok {
					use(seq)
				}
			case 3:
				s.swallow()
			default:
				if !f.busy() {
					_ = f.press([]byte{1})
				}
				b := make([]byte, 20)
				if f.next(b, &s, testEvents, now) > 0 {
					use(uint16(b[2])<<8 | uint16(b[3]))
				}
			}
		}
	})
}

// TestTimeGoesOnWithTheClock: however long was silence, the timestamp says so.
func TestTimeGoesOnWithTheClock(t *testing.T) {
	t.Parallel()
	s := newStream()
	_, first := s.own(0)
	for _, at := range []time.Duration{20, 40, 60, 1060, 1080, 61_080} {
		if _, ts := s.own(at * time.Millisecond); ts-first != uint32(at)*Rate/1000 {
			t.Errorf("after %d ms the timestamp is %d samples on", at, ts-first)
		}
	}
	p := packet{Packet: rtp.Packet{Header: rtp.Header{SSRC: 7, SequenceNumber: 9, Timestamp: 12345}}}
	if _, ts, _ := s.pass(&p, 62_000*time.Millisecond); ts-first != 62*Rate {
		t.Errorf("what is passed on after 62 s is %d samples on", ts-first)
	}
}
