package media

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"heartwood/internal/call/media/g711"
)

// relay is a bad line from a telephone to a leg.
type relay struct {
	conn *net.UDPConn
	to   netip.AddrPort
	rand *rand.Rand

	loss, double float64
	jitter       time.Duration

	mu            sync.Mutex // protects the counts below
	lost, doubled uint64
	wg            sync.WaitGroup
}

// badLine puts a relay before a phone's leg: what the phone says goes through
// it from now on.
func badLine(t *testing.T, p *phone, loss, double float64, jitter time.Duration) *relay {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: loopback.AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{conn: conn, to: p.to(), rand: rand.New(rand.NewPCG(4, 5)), loss: loss, double: double, jitter: jitter}
	own := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := p.leg.Connect(Remote{Addr: own, Law: p.law, Events: testEvents}); err != nil {
		t.Fatal(err)
	}
	r.wg.Go(r.run)
	t.Cleanup(func() { conn.Close(); r.wg.Wait() })
	return r
}

func (r *relay) run() {
	b := make([]byte, 2000)
	for {
		n, from, err := r.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		if from != r.to {
			r.pass(append([]byte(nil), b[:n]...))
		}
	}
}

func (r *relay) pass(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rand.Float64() < r.loss {
		r.lost++
		return
	}
	delay := time.Duration(r.rand.Float64() * float64(r.jitter))
	again := r.rand.Float64() < r.double
	if again {
		r.doubled++
	}
	r.wg.Go(func() {
		time.Sleep(delay)
		_, _ = r.conn.WriteToUDPAddrPort(p, r.to)
		if again {
			_, _ = r.conn.WriteToUDPAddrPort(p, r.to)
		}
	})
}

// TestABadLine counts what the relay did to a call, and hears the voice all
// the same.
func TestABadLine(t *testing.T) {
	t.Parallel()
	s := board(t)
	p := call(t, s, Outside, g711.A, 0)
	r := badLine(t, p, 0.03, 0.05, 50*time.Millisecond)
	var heard listener
	g, err := s.NewGuest(Practice, heard.hear)
	if err != nil {
		t.Fatal(err)
	}
	mix(t, s, p.leg, g.Leg)
	const packets = 300
	start := time.Now()
	for n := range uint16(packets) {
		time.Sleep(time.Until(start.Add(time.Duration(n) * FrameTime)))
		_, _ = p.conn.WriteToUDPAddrPort(rtpPacket(typePCMA, n, uint32(n)*FrameSize, 5, noteFrame(g711.A, 500, int(n)*FrameSize)), r.conn.LocalAddr().(*net.UDPAddr).AddrPort())
	}
	var q Quality
	until(t, "all that was not lost has come", func() bool {
		q = p.leg.Quality()
		r.mu.Lock()
		defer r.mu.Unlock()
		return q.Received == packets-r.lost && q.Duplicated == r.doubled
	})
	if r.lost == 0 || r.doubled == 0 || q.Lost+2 < r.lost || q.Lost > r.lost { // the first and last ones cannot be missed
		t.Errorf("%d were lost and %d doubled on the way; the leg says %+v", r.lost, r.doubled, q)
	}
	if q.Jitter < time.Millisecond || q.Refused != 0 || q.MOS > 4.35 || q.MOS < 1.5 {
		t.Errorf("a bad line is %+v", q)
	}
	if l := heard.loudest(500); l < 5000 {
		t.Errorf("the voice is at %.0f", l)
	}
}

// listener keeps what a guest hears.
type listener struct {
	mu  sync.Mutex
	pcm []int16
}

func (l *listener) hear(f *Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pcm = append(l.pcm, f[:]...)
}

// loudest is how loud a note is in the loudest second.
func (l *listener) loudest(note float64) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return loudest(l.pcm, note)
}

func loudest(pcm []int16, note float64) (most float64) {
	for i := 0; i+Rate <= len(pcm); i += Rate / 4 {
		most = max(most, loud(pcm[i:i+Rate], note))
	}
	return most
}
