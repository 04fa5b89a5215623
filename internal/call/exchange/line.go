package exchange

import (
	"net/netip"
	"sync"
	"time"

	"heartwood/internal/call/media"
	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/sip"
)

// line is one telephone connection: its signalling and its sound. It belongs
// to the board's goroutine.
type line struct {
	sip     *sip.Call
	leg     *media.Leg
	mix     *media.Mix // with whoever talks
	playing *media.Playing
	ends    time.Time // when what is being said is over
	whole   bool      // no key skips it
	closed  sync.Once
}

// newLine gives a call a leg of its own.
func newLine(board *media.Switchboard, c *sip.Call) (*line, error) {
	leg, err := board.NewLeg(media.Outside)
	if err != nil {
		return nil, err
	}
	return &line{sip: c, leg: leg, mix: board.NewMix()}, nil
}

// local is where and how we want the other side's sound.
func (l *line) local(at netip.Addr, offer sip.Media) sip.Media {
	m := sip.Media{Addr: netip.AddrPortFrom(at, l.leg.Port()), Codec: sip.ALaw, DTMF: 101, Ptime: 20}
	if offer.Crypto != nil {
		m.Crypto = sip.NewSDES(offer.Crypto.Tag, offer.Crypto.Suite)
	}
	return m
}

// connect tells the leg what the other side wants.
func (l *line) connect(local, m sip.Media) error {
	if !m.Addr.IsValid() {
		return nil // not known yet: it comes with the answer
	}
	r := media.Remote{Addr: m.Addr, Law: g711.A, Events: m.DTMF, Held: !m.Direction.Receives()}
	if m.Codec == sip.MuLaw {
		r.Law = g711.Mu
	}
	if m.Crypto != nil && local.Crypto != nil {
		r.Keys = keysOf(local.Crypto, m.Crypto)
	}
	return l.leg.Connect(r)
}

func keysOf(ours, theirs *sip.SDES) *media.Keys {
	join := func(s *sip.SDES) []byte {
		key, salt := s.Keys()
		return append(append([]byte(nil), key...), salt...)
	}
	return &media.Keys{Short: theirs.Suite == sip.Suites[1], Send: join(ours), Receive: join(theirs)}
}

// say plays sounds, and calls over when they have all been heard; not when
// something else is played before, or a key skipped them.
func (l *line) say(sounds [][]byte, skippable bool, over func()) {
	l.whole = !skippable
	if len(sounds) == 0 {
		go over()
		return
	}
	all := make([]media.Sound, len(sounds))
	var lasts time.Duration
	for i, s := range sounds {
		all[i] = s
		lasts += all[i].Duration()
	}
	p := l.leg.Play(all...)
	l.playing, l.ends = p, time.Now().Add(lasts)
	go func() {
		<-p.Done()
		if p.Whole() {
			over()
		}
	}()
}

// left is how long what is being said goes on yet.
func (l *line) left() time.Duration { return max(0, time.Until(l.ends)) }

// skip stops what is being said, where it may be skipped.
func (l *line) skip() {
	if !l.whole {
		l.quiet()
	}
}

// quiet stops what is being said.
func (l *line) quiet() {
	if l.playing != nil {
		l.playing.Stop()
		l.playing, l.ends = nil, time.Time{}
	}
}

// music is what somebody hears who waits, once all is said.
func (l *line) music() { l.leg.Hold(media.HoldTone) }

// join has the caller and a browser hear each other.
func (l *line) join(g *media.Wire) error {
	l.quiet()
	l.leg.Resume()
	if err := l.leg.Join(l.mix); err != nil {
		return err
	}
	return g.Join(l.mix)
}

// loss is the part of the caller's sound that did not come.
func (l *line) loss() float64 {
	q := l.leg.Quality()
	return float64(q.Lost) / float64(max(1, q.Lost+q.Received))
}

// finish hangs up once all is said.
func (l *line) finish() {
	p, c := l.playing, l.sip
	go func() {
		if p != nil {
			<-p.Done()
		}
		c.Hang()
		l.close()
	}()
}

// close gives back what the line holds.
func (l *line) close() {
	l.closed.Do(func() {
		l.mix.Close()
		l.leg.Close()
	})
}
