package media

import (
	"context"
	"encoding/binary"
	"math"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"heartwood/internal/call/media/g711"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = netip.MustParseAddr("127.0.0.1")

// board makes a switchboard that runs until the test ends.
func board(t testing.TB) *Switchboard {
	t.Helper()
	s, err := New(Config{Address: loopback, Low: 42000, High: 48999, Clocks: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// phone is a telephone at the other end of a leg: it says a tone and
// remembers what it heard, at its place by the timestamp.
type phone struct {
	t    testing.TB
	conn *net.UDPConn
	leg  *Leg
	law  g711.Law

	mu     sync.Mutex // protects all fields below
	heard  []int16
	first  uint32
	events [][]byte // telephone-event packets, whole
	got    int
	seqs   map[uint16]int
	note   float64
	quit   chan struct{}
	wg     sync.WaitGroup
}

const testEvents = 101

// call makes a leg and a phone that says a note, in Hz.
func call(t testing.TB, s *Switchboard, side Side, law g711.Law, note float64) *phone {
	t.Helper()
	l, err := s.NewLeg(side)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: loopback.AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{t: t, conn: conn, leg: l, law: law, note: note, quit: make(chan struct{}), seqs: map[uint16]int{}}
	if err := l.Connect(Remote{Addr: p.addr(), Law: law, Events: testEvents}); err != nil {
		t.Fatal(err)
	}
	p.wg.Go(p.listen)
	if note > 0 {
		p.wg.Go(p.talk)
	}
	t.Cleanup(func() {
		close(p.quit)
		conn.Close()
		p.wg.Wait()
		l.Close()
	})
	return p
}

func (p *phone) addr() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (p *phone) to() netip.AddrPort { return netip.AddrPortFrom(loopback, p.leg.Port()) }

// rtpPacket makes a packet as a telephone does.
func rtpPacket(payloadType uint8, seq uint16, ts, ssrc uint32, payload []byte) []byte {
	b := make([]byte, 12, 12+len(payload))
	b[0], b[1] = 0x80, payloadType
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], ssrc)
	return append(b, payload...)
}

// noteFrame is 20 ms of a note from a sample on.
func noteFrame(law g711.Law, note float64, from int) []byte {
	pcm := make([]int16, FrameSize)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*note*float64(from+i)/Rate))
	}
	b := make([]byte, FrameSize)
	law.Encode(b, pcm)
	return b
}

func (p *phone) talk() {
	start, ssrc := time.Now(), uint32(p.leg.Port())<<8
	for n := 0; ; n++ {
		select {
		case <-p.quit:
			return
		case <-time.After(time.Until(start.Add(time.Duration(n) * FrameTime))):
		}
		_, _ = p.conn.WriteToUDPAddrPort(rtpPacket(payloadType(p.law), uint16(n), uint32(n*FrameSize), ssrc, noteFrame(p.law, p.note, n*FrameSize)), p.to())
	}
}

func (p *phone) listen() {
	b := make([]byte, 2000)
	for {
		n, _, err := p.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		p.hear(b[:n])
	}
}

func (p *phone) hear(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got++
	p.seqs[binary.BigEndian.Uint16(b[2:])]++
	if b[1]&0x7f == testEvents {
		p.events = append(p.events, append([]byte(nil), b...))
		return
	}
	ts := binary.BigEndian.Uint32(b[4:])
	if len(p.heard) == 0 {
		p.first = ts
	}
	at := int(int32(ts - p.first))
	if at < 0 || at > 600*Rate {
		p.t.Errorf("a packet is %d samples away from the first", at)
		return
	}
	for len(p.heard) < at+len(b)-12 {
		p.heard = append(p.heard, 0)
	}
	lawOf(b[1]&0x7f).Decode(p.heard[at:], b[12:])
}

// last is the last so many samples heard, once there are n more.
func (p *phone) next(n int) []int16 {
	p.t.Helper()
	p.mu.Lock()
	from := len(p.heard)
	p.mu.Unlock()
	return p.since(from, n)
}

// since waits for n samples after from.
func (p *phone) since(from, n int) []int16 {
	p.t.Helper()
	var out []int16
	until(p.t, "the phone hears enough", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.heard) < from+n {
			return false
		}
		out = append(out, p.heard[from:from+n]...)
		return true
	})
	return out
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// loud is how much of a note is in a sound: its amplitude (Goertzel).
func loud(pcm []int16, note float64) float64 {
	c := 2 * math.Cos(2*math.Pi*note/Rate)
	var a, b float64
	for _, s := range pcm {
		a, b = float64(s)+c*a-b, a
	}
	return 2 * math.Sqrt(max(a*a+b*b-c*a*b, 0)) / float64(len(pcm))
}

// hears says that a phone hears all of the notes and none of the others.
func (p *phone) hears(what string, notes, others []float64) {
	p.t.Helper()
	var pcm []int16
	defer func() {
		if p.t.Failed() {
			for _, n := range append(notes, others...) {
				p.t.Logf("%s: %g Hz at %.0f", what, n, loud(pcm, n))
			}
		}
	}()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		pcm = p.next(Rate / 5)
		ok := true
		for _, n := range notes {
			ok = ok && loud(pcm, n) > 4000
		}
		for _, n := range others {
			ok = ok && loud(pcm, n) < 200
		}
		if ok {
			return
		}
	}
	p.t.Fatalf("%s: this phone does not hear %v without %v", what, notes, others)
}
