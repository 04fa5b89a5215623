//go:build linux

package media

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/recording"
	"heartwood/internal/call/media/udp"
)

// BenchmarkBridged bridges 400 calls through real sockets for five seconds,
// and counts the processor's time of what moves the sound, apart from that of
// the telephones.
func BenchmarkBridged(b *testing.B) {
	for _, how := range []string{"straight", "recorded", "mixed", "srtp"} {
		b.Run(how, func(b *testing.B) {
			for b.Loop() {
				bridged(b, 400, how)
			}
		})
	}
}

func bridged(b *testing.B, calls int, how string) {
	s, err := New(Config{Address: loopback, Low: 30000, High: 39999, Clocks: 1})
	if err != nil {
		b.Fatal(err)
	}
	crowd := newCrowd(b)
	for range calls {
		m := s.NewMix()
		for side := range Side(2) {
			crowd.add(b, s, m, side, how)
		}
		if how == "recorded" {
			w, err := recording.Create(filepath.Join(b.TempDir(), fmt.Sprint(m.id)), make([]byte, recording.KeySize))
			if err != nil {
				b.Fatal(err)
			}
			m.Record(w)
			defer w.Close()
		}
	}
	ctx, stop := context.WithTimeout(b.Context(), 6*time.Second)
	defer stop()
	var wg sync.WaitGroup
	var busy, talking time.Duration
	all, began := used(unix.RUSAGE_SELF), time.Now()
	wg.Go(func() { busy = timed(func() { s.clocks[0].run(ctx, time.Now()) }) })
	wg.Go(func() { talking = timed(func() { crowd.talk(ctx, 5*time.Second) }) })
	wg.Wait()
	took, rest := time.Since(began), used(unix.RUSAGE_SELF)-all-talking
	crowd.report(b, took, rest)
	b.ReportMetric(100*busy.Seconds()/took.Seconds(), "%core/clock")
	s.close()
}

// timed is the processor's time of f, on a thread of its own.
func timed(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := used(unix.RUSAGE_THREAD)
	f()
	return used(unix.RUSAGE_THREAD) - before
}

func used(who int) time.Duration {
	var r unix.Rusage
	_ = unix.Getrusage(who, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// crowd is many telephones on one thread.
type crowd struct {
	pool        *udp.Pool
	legs        []*Leg
	pairs       []*udp.Pair
	batch       *udp.Batch
	ciphers     []*cipher
	sent, heard int
}

func newCrowd(b *testing.B) *crowd {
	pool, err := udp.NewPool(loopback, 50000, 59999)
	if err != nil {
		b.Fatal(err)
	}
	return &crowd{pool: pool, batch: udp.NewBatch()}
}

func (c *crowd) add(b *testing.B, s *Switchboard, m *Mix, side Side, how string) {
	l, err := s.NewLeg(side)
	if err != nil {
		b.Fatal(err)
	}
	pair, err := c.pool.Open()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pair.Close() })
	r := Remote{Addr: addrPort(pair.Port), Law: g711.A}
	if how == "srtp" {
		r.Keys = testKeys(false)
		own, err := newCipher(flip(r.Keys), nil)
		if err != nil {
			b.Fatal(err)
		}
		c.ciphers = append(c.ciphers, own)
	}
	if err := l.Connect(r); err != nil {
		b.Fatal(err)
	}
	if err := l.Join(m); err != nil {
		b.Fatal(err)
	}
	if how == "mixed" {
		l.Repeat(noteSound(440, Rate))
	}
	c.legs, c.pairs = append(c.legs, l), append(c.pairs, pair)
}

// talk says a packet from each telephone every 20 ms by the clock, spread
// over the 20 ms, and hears what comes until ctx ends.
func (c *crowd) talk(ctx context.Context, last time.Duration) {
	start, sound := time.Now(), noteFrame(g711.A, 500, 0)
	for n := 0; ctx.Err() == nil; n++ {
		speak := time.Duration(n)*FrameTime < last
		for i, l := range c.legs {
			if i%40 == 0 {
				due := start.Add(time.Duration(n)*FrameTime + FrameTime*time.Duration(i)/time.Duration(len(c.legs)))
				time.Sleep(time.Until(due))
			}
			if speak {
				c.say(i, l, n, sound)
			}
			c.heard += len(c.pairs[i].RTP.Receive(c.batch))
		}
	}
}

func (c *crowd) say(i int, l *Leg, n int, sound []byte) {
	p := rtpPacket(typePCMA, uint16(n), uint32(n*FrameSize), uint32(i), sound)
	if c.ciphers != nil {
		p = c.ciphers[i].seal(p)
	}
	if c.pairs[i].RTP.Send(p, addrPort(l.Port())) == nil {
		c.sent++
	}
}

// report counts what was lost both ways, and how many calls of 100 packets a
// second a core would move at that.
func (c *crowd) report(b *testing.B, took, busy time.Duration) {
	var received, sent int
	for i, l := range c.legs {
		for n := 1; n > 0; c.heard += n {
			n = len(c.pairs[i].RTP.Receive(c.batch))
		}
		q := l.Quality()
		received, sent = received+int(q.Received), sent+int(q.Sent)
	}
	b.ReportMetric(float64(c.sent+sent)/took.Seconds(), "packets/s")
	b.ReportMetric(float64(c.sent-received+sent-c.heard), "lost")
	b.ReportMetric(100*busy.Seconds()/took.Seconds(), "%core/all")
	b.ReportMetric(float64(sent)/100/busy.Seconds(), "calls/core")
}
