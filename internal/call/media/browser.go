package media

import (
	"sync"
	"sync/atomic"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
	"heartwood/internal/fault"
)

// Carried is a leg whose RTP packets somebody else carries, such as a browser
// that speaks G.711 over DTLS: what a telephone sends it, it gets unchanged.
type Carried struct{ *Leg }

// Carry makes such a leg. Of r, Law, Events and Held count. send gets packets
// in the clear, good until it returns.
func (s *Switchboard) Carry(side Side, r Remote, send func(packet []byte) error) (Carried, error) {
	l, err := s.newLeg(side)
	if err != nil {
		return Carried{}, err
	}
	m := l.lock()
	defer m.mu.Unlock()
	l.carry, l.remote, l.connected = send, Remote{Law: r.Law, Events: r.Events, Held: r.Held}, true
	return Carried{l}, nil
}

var desks = sync.Pool{New: func() any { return new(scratch) }}

// Deliver takes a packet that came from the browser, in the clear. What is
// malformed is counted as refused.
func (c Carried) Deliver(b []byte) {
	s := desks.Get().(*scratch)
	defer desks.Put(s)
	m := c.lock()
	defer m.mu.Unlock()
	c.take(s, m, &udp.Packet{Data: b})
}

// Connect is for telephone legs only.
func (Carried) Connect(Remote) error {
	return fault.New(fault.Unsupported, "A browser is connected when it is made.")
}

// Guest is a leg that hears and says samples, such as a browser whose Opus
// was decoded.
type Guest struct {
	*Leg
	said *uint32 // timestamp of the next sample
}

// NewGuest makes such a leg. heard gets 20 ms of sound every 20 ms, good until
// it returns.
func (s *Switchboard) NewGuest(side Side, heard func(*Frame)) (Guest, error) {
	l, err := s.newLeg(side)
	if err != nil {
		return Guest{}, err
	}
	m := l.lock()
	defer m.mu.Unlock()
	l.heard = heard
	return Guest{l, new(uint32)}, nil
}

// Say takes the next samples at 8 kHz, in order, up to 80 ms at once. They are
// played in step whenever they come; after a gap they begin anew.
func (g Guest) Say(samples []int16) {
	m := g.lock()
	defer m.mu.Unlock()
	samples = samples[:min(len(samples), maxPayload)]
	if g.closed {
		return
	}
	if g.buf.ready && int32(*g.said-g.buf.play) < 0 {
		*g.said = g.buf.play + startDelay // it had stopped
	}
	var pcm [maxPayload]int16
	for i, v := range samples {
		pcm[i] = max(v, hole+1)
	}
	g.buf.push(*g.said, pcm[:len(samples)])
	*g.said += uint32(len(samples))
	g.in.total.received++
	g.latch.heard = m.now
}

// Wire is a leg whose sound goes to and comes from somewhere else as frames of
// 20 ms of A-law, 160 bytes each, such as a room of browsers: to the room it
// is somebody on a telephone.
type Wire struct {
	Guest
	frame atomic.Pointer[func([]byte)]
	room  [FrameSize]byte
}

// NewWire makes such a leg.
func (s *Switchboard) NewWire(side Side) (*Wire, error) {
	w := new(Wire)
	g, err := s.NewGuest(side, w.hear)
	if err != nil {
		return nil, err
	}
	w.Guest = g
	return w, nil
}

// hear is called by one clock at a time.
func (w *Wire) hear(f *Frame) {
	if give := w.frame.Load(); give != nil {
		g711.A.Encode(w.room[:], f[:])
		(*give)(w.room[:])
	}
}

// OnFrame sets who is given what the mix says, every 20 ms. The frame is good
// until it returns.
func (w *Wire) OnFrame(give func(alaw []byte)) { w.frame.Store(&give) }

// Write says the next sound in the mix. The fault is Gone when the leg is
// closed.
func (w *Wire) Write(alaw []byte) error {
	select {
	case <-w.Done():
		return fault.New(fault.Gone, "The call has ended.")
	default:
	}
	var pcm [maxPayload]int16
	n := min(len(alaw), maxPayload)
	g711.A.Decode(pcm[:], alaw[:n])
	w.Say(pcm[:n])
	return nil
}
