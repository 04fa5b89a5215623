package media

import (
	"net/netip"
	"testing"

	"github.com/pion/rtcp"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
	"heartwood/internal/hazard"
)

func addrPort(port uint16) netip.AddrPort { return netip.AddrPortFrom(loopback, port) }

// still is a leg that no clock moves, and its other end's address.
func still(t testing.TB, keys *Keys) (*Leg, *Mix) {
	t.Helper()
	s, err := New(Config{Address: loopback, Low: 40000, High: 40999, Clocks: 1})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.NewLeg(Outside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	if err := l.Connect(Remote{Addr: signalled, Events: testEvents, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	return l, l.alone
}

// state is what a packet that is refused must not change.
type state struct {
	latch   latch
	in      source
	buf     buffer
	ear     ear
	told    reports
	waiting int
}

func stateOf(l *Leg) state {
	in := l.in
	in.total.refused, in.jumping, in.jumped = 0, false, 0
	la := l.latch
	la.other = candidate{}
	return state{la, in, l.buf, l.ear, l.told, len(l.digits)}
}

// FuzzPacket throws packets at a leg in a call: from a stranger nothing
// changes; from the other end only what is well formed does.
func FuzzPacket(f *testing.F) {
	good := rtpPacket(typePCMA, 11, 11*FrameSize, 5, noteFrame(g711.A, 500, 0))
	f.Add(good, false)
	f.Add(good, true)
	f.Add(good[:12], false)
	f.Add(rtpPacket(testEvents, 11, 1600, 5, []byte{1, 10, 0, 160}), false)
	f.Add(rtpPacket(testEvents, 11, 1600, 5, []byte{1, 10, 0}), false)
	f.Add(append([]byte{0xb0}, good[1:]...), false) // padding and extension
	f.Add(append([]byte{0x8f}, good[1:]...), false) // fifteen contributors
	f.Add(rtpPacket(typeNoise, 11, 0, 5, []byte{40}), false)
	report, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: 5}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(report, false)
	l, m := still(f, nil)
	s := new(scratch)
	n := uint16(10)
	f.Fuzz(func(t *testing.T, b []byte, strange bool) {
		n++
		l.take(s, m, &udp.Packet{Data: rtpPacket(typePCMA, n, uint32(n)*FrameSize, 5, good[12:]), From: signalled})
		before, from := stateOf(l), signalled
		if strange {
			from = attacker
		}
		whole := append([]byte(nil), b...)
		l.take(s, m, &udp.Packet{Data: whole, From: from})
		l.reported(&udp.Packet{Data: whole, From: attacker}, 0)
		l.said = Frame{}
		bad := len(b) < 12 || b[0]>>6 != 2
		if (strange || bad) && stateOf(l) != before {
			t.Fatalf("a packet that is not the other end's changed the leg")
		}
		l.reported(&udp.Packet{Data: whole, From: from}, 0)
		l.buf.pop(&l.said)
		for len(l.digits) > 0 {
			<-l.digits
		}
	})
}

func TestMalformedPacketsChangeNothing(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-053")
	l, m := still(t, nil)
	s := new(scratch)
	voice := noteFrame(g711.A, 500, 0)
	good := rtpPacket(typePCMA, 1, 160, 5, voice)
	l.take(s, m, &udp.Packet{Data: good, From: signalled})
	before := stateOf(l)
	with := func(i int, v byte) []byte {
		b := rtpPacket(typePCMA, 2, 320, 5, voice)
		b[i] = v
		return b
	}
	bad := [][]byte{
		nil,
		{0x80},
		good[:11], good[:12],
		with(0, 0x00), with(0, 0x40), with(0, 0xc0), // versions
		with(1, 3), with(1, 96), // payload types that were not agreed
		with(0, 0x8f)[:40],         // contributors beyond its end
		append(with(0, 0xa0), 0),   // padding of nothing
		append(with(0, 0xa0), 255), // padding longer than the packet
		with(0, 0x90)[:14],         // an extension that is not there
		rtpPacket(typePCMA, 2, 320, 5, make([]byte, maxPayload+1)),
		rtpPacket(testEvents, 2, 320, 5, []byte{1, 0, 0}),
	}
	for i, b := range bad {
		l.take(s, m, &udp.Packet{Data: b, From: signalled})
		if stateOf(l) != before {
			t.Fatalf("malformed packet %d changed the leg", i)
		}
	}
	if q := l.Quality(); q.Refused != uint64(len(bad)) || q.Received != 1 {
		t.Errorf("of %d malformed packets %d were counted", len(bad), q.Refused)
	}
}

func TestKeysAreHeardOnce(t *testing.T) {
	t.Parallel()
	var e ear
	for i, step := range []struct {
		ts       uint32
		code     byte
		duration uint16
		want     Digit
	}{
		{1000, 1, 160, '1'}, {1000, 1, 320, 0}, {1000, 1, 480, 0}, // one key
		{9000, 1, 160, '1'},                                  // the same again
		{1000, 1, 800, 0},                                    // a straggler of the first
		{20000, 11, 65535, '#'}, {20000 + 65535, 11, 160, 0}, // held for 8 s
		{200000, 16, 160, 0}, {200000, 255, 160, 0}, // no keys: flash, and none
		{300000, 0, 800, '0'}, // only its end came
	} {
		got, _ := e.hear(5, step.ts, []byte{step.code, 10, byte(step.duration >> 8), byte(step.duration)})
		if got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestAPacketAllocatesNothing(t *testing.T) {
	l, m := still(t, nil)
	s := new(scratch)
	voice := noteFrame(g711.A, 500, 0)
	n, p := uint16(0), udp.Packet{From: signalled}
	p.Data = rtpPacket(typePCMA, 0, 0, 5, voice)
	l.Repeat(noteSound(700, Rate))
	if a := testing.AllocsPerRun(1000, func() {
		n++
		p.Data[2], p.Data[3] = byte(n>>8), byte(n)
		l.take(s, m, &p)
		m.frame(s)
	}); a != 0 {
		t.Fatalf("%v allocations a packet", a)
	}
}
