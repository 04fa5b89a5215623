package media

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"heartwood/internal/call/media/udp"
	"heartwood/internal/fault"
)

// Switchboard owns all legs, all mixes and the clocks that move their sound.
type Switchboard struct {
	pool   *udp.Pool
	clocks []*clock
	next   atomic.Uint64 // numbers mixes, and spreads them over the clocks

	mu     sync.Mutex // protects all fields below
	legs   map[*Leg]struct{}
	closed bool
}

// New makes a switchboard. Nothing moves until Run.
func New(c Config) (*Switchboard, error) {
	pool, err := udp.NewPool(c.Address, c.Low, c.High)
	if err != nil {
		return nil, err
	}
	n := c.Clocks
	if n <= 0 {
		n = max(1, runtime.GOMAXPROCS(0)/2)
	}
	s := &Switchboard{pool: pool, legs: map[*Leg]struct{}{}}
	for range n {
		s.clocks = append(s.clocks, newClock())
	}
	return s, nil
}

// Run moves sound until ctx ends, and then closes every leg.
func (s *Switchboard) Run(ctx context.Context) error {
	var g errgroup.Group
	start := time.Now()
	for _, c := range s.clocks {
		g.Go(func() error { c.run(ctx, start); return nil })
	}
	_ = g.Wait()
	s.close()
	return nil
}

func (s *Switchboard) close() {
	s.mu.Lock()
	s.closed = true
	legs := make([]*Leg, 0, len(s.legs))
	for l := range s.legs {
		legs = append(legs, l)
	}
	s.mu.Unlock()
	for _, l := range legs {
		l.Close()
	}
}

// keep puts a new leg on the list, alone in a mix of its own.
func (s *Switchboard) keep(l *Leg) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fault.New(fault.Busy, "The telephone is being shut down.")
	}
	s.legs[l] = struct{}{}
	s.newMix(l)
	return nil
}

func (s *Switchboard) forget(l *Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.legs, l)
}

// clock moves the sound of some of the mixes.
type clock struct {
	batch *udp.Batch
	*scratch
	start time.Time    // written before anything moves
	now   atomic.Int64 // of the last beat, as a time.Duration since the start

	mu    sync.Mutex // protects all fields below
	mixes []*Mix
}

func newClock() *clock { return &clock{batch: udp.NewBatch(), scratch: new(scratch)} }

func (c *clock) run(ctx context.Context, start time.Time) {
	c.start = start
	p := pace{start: start}
	timer := time.NewTimer(0)
	defer timer.Stop()
	var mixes []*Mix
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for range p.owed(time.Now()) {
			now := p.step()
			c.now.Store(int64(now))
			mixes = c.list(mixes[:0])
			for _, m := range mixes {
				m.beat(c, now, p.beats)
			}
		}
		timer.Reset(p.wait(time.Now()))
	}
}

// since is a time by the system's clock as time since the start; now when the
// system did not say.
func (c *clock) since(at, now time.Duration) time.Duration {
	if at == 0 {
		return now
	}
	return at - time.Duration(c.start.UnixNano())
}

func (c *clock) list(to []*Mix) []*Mix {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(to, c.mixes...)
}

func (c *clock) add(m *Mix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mixes = append(c.mixes, m)
}

func (c *clock) remove(m *Mix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, o := range c.mixes {
		if o == m {
			last := len(c.mixes) - 1
			c.mixes[i], c.mixes[last] = c.mixes[last], nil
			c.mixes = c.mixes[:last]
			return
		}
	}
}

// scratch is room to work in, so that nothing is allocated for a packet.
type scratch struct {
	packet packet
	out    [udp.MaxPacket]byte
	pcm    [maxPayload]int16
	total  [FrameSize]int32
	frame  Frame
	sides  [2]Frame
}
