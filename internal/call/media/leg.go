package media

import (
	"sync/atomic"
	"time"

	"heartwood/internal/call/media/udp"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Leg is one party: a telephone on a UDP port (NewLeg), or a browser by its
// packets (Carry) or by its frames (NewGuest). It is always in exactly one
// mix, its own when in no other.
type Leg struct {
	board *Switchboard
	side  Side
	name  string // in reports (RFC 7022): it says nothing of anybody
	alone *Mix
	done  chan struct{} // closed with the leg
	mix   atomic.Pointer[Mix]

	pair  *udp.Pair          // of a telephone
	carry func([]byte) error // of a browser that takes packets
	heard func(*Frame)       // of a browser that takes frames

	// All below are guarded by the lock of the mix it is in.
	connected   bool
	remote      Remote
	latch       latch
	cipher      *cipher
	in          source
	buf         buffer
	said        Frame
	out         stream
	sent        uint64
	told        reports
	lately      lately
	ear         ear
	finger      finger
	digits      chan Digit
	muted, held bool
	hold        *Playing
	playing     *Playing
	born        time.Duration
	closed      bool
}

// NewLeg makes a telephone leg on a port of the range. It hears and says
// nothing until Connect. The fault is Busy when no port is free.
func (s *Switchboard) NewLeg(side Side) (*Leg, error) {
	pair, err := s.pool.Open()
	if err != nil {
		return nil, err
	}
	l, err := s.newLeg(side)
	if err != nil {
		_ = pair.Close()
		return nil, err
	}
	m := l.lock()
	defer m.mu.Unlock()
	l.pair = pair
	return l, nil
}

func (s *Switchboard) newLeg(side Side) (*Leg, error) {
	l := &Leg{board: s, side: side, name: ident.NewID(), out: newStream(), digits: make(chan Digit, mostKeys), done: make(chan struct{})}
	if err := s.keep(l); err != nil {
		return nil, err
	}
	return l, nil
}

// lock takes the lock of the mix the leg is in.
func (l *Leg) lock() *Mix {
	for {
		m := l.mix.Load()
		m.mu.Lock()
		if l.mix.Load() == m {
			return m
		}
		m.mu.Unlock()
	}
}

// Port is the UDP port of a telephone leg, for SDP; RTCP has the next one.
func (l *Leg) Port() uint16 {
	if l.pair == nil {
		return 0
	}
	return l.pair.Port
}

// Connect tells the leg of the other end, first or anew (re-INVITE). Figures,
// numbering and keys that stayed the same go on.
func (l *Leg) Connect(r Remote) error {
	if !r.Addr.IsValid() || r.Addr.Port() == 0 {
		return fault.At(fault.Invalid, "sdp", "The other end has no address for sound.")
	}
	m := l.lock()
	defer m.mu.Unlock()
	if l.closed {
		return fault.New(fault.Gone, "The call has ended.")
	}
	var c *cipher
	if r.Keys != nil {
		var err error
		if c, err = newCipher(r.Keys, l.cipher); err != nil {
			return err
		}
	}
	l.cipher = c
	l.latch.set(r.Addr, r.Anywhere)
	l.remote, l.connected = r, true
	return nil
}

// Done is closed with the leg.
func (l *Leg) Done() <-chan struct{} { return l.done }

// Digits gives the keys pressed at the other end, once each. It is closed
// with the leg. If nobody reads, the 65th and later ones are lost.
func (l *Leg) Digits() <-chan Digit { return l.digits }

// Press sends keys (0-9 * # A-D) one after the other, 220 ms each: as events
// where the other end knows them, else as tones.
func (l *Leg) Press(keys string) error {
	codes, err := keyCodes(keys)
	if err != nil {
		return err
	}
	m := l.lock()
	defer m.mu.Unlock()
	if l.remote.Events != 0 {
		return l.finger.press(codes)
	}
	var tones []Sound
	for _, c := range codes {
		tones = append(tones, keyTone(c))
	}
	l.play(newPlaying(l, false, tones))
	return nil
}

// Mute keeps what the leg says from the others.
func (l *Leg) Mute(on bool) {
	m := l.lock()
	defer m.mu.Unlock()
	l.muted = on
}

// Hold puts the leg on hold: it hears the sound again and again (HoldTone
// when there is none), and nobody hears it.
func (l *Leg) Hold(sound Sound) {
	if len(sound) == 0 {
		sound = HoldTone
	}
	m := l.lock()
	defer m.mu.Unlock()
	l.held, l.hold = true, newPlaying(l, true, []Sound{sound})
}

// Resume ends Hold.
func (l *Leg) Resume() {
	m := l.lock()
	defer m.mu.Unlock()
	l.held, l.hold = false, nil
}

// Play plays sounds to this leg one after the other, over what it hears or in
// place of hold music. What was playing stops.
func (l *Leg) Play(sounds ...Sound) *Playing { return l.start(false, sounds) }

// Repeat is Play, again and again until stopped.
func (l *Leg) Repeat(sounds ...Sound) *Playing { return l.start(true, sounds) }

func (l *Leg) start(loop bool, sounds []Sound) *Playing {
	m := l.lock()
	defer m.mu.Unlock()
	p := newPlaying(l, loop, sounds)
	l.play(p)
	return p
}

func (l *Leg) play(p *Playing) {
	if l.playing != nil {
		l.playing.end(false)
	}
	if l.closed {
		p.end(false)
		return
	}
	l.playing = p
}

// Close ends the leg and gives its port back. A second time does nothing.
func (l *Leg) Close() {
	m := l.lock()
	defer m.mu.Unlock()
	if l.closed {
		return
	}
	l.closed, l.connected = true, false
	if l.playing != nil {
		l.playing.end(false)
	}
	m.remove(l)
	close(l.digits)
	close(l.done)
	if l.pair != nil {
		_ = l.pair.Close() // the port is free whatever it says
	}
	l.alone.clock.remove(l.alone)
	l.board.forget(l)
}
