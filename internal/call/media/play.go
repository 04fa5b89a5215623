package media

import (
	"sync"

	"heartwood/internal/call/media/g711"
)

// Playing is a prompt on its way to one leg.
type Playing struct {
	leg    *Leg
	sounds []Sound
	loop   bool
	i, at  int // the next sample: guarded by the leg's lock
	over   sync.Once
	done   chan struct{}
	whole  bool // written before done is closed
}

// Stop ends it at once: nothing more of it is sent. A second time does
// nothing.
func (p *Playing) Stop() {
	m := p.leg.lock()
	defer m.mu.Unlock()
	p.end(false)
}

// Done is closed when it was played or stopped, or the leg was closed.
func (p *Playing) Done() <-chan struct{} { return p.done }

// Whole tells, once Done is closed, whether all of it was sent.
func (p *Playing) Whole() bool {
	select {
	case <-p.done:
		return p.whole
	default:
		return false
	}
}

// end is called with the leg's lock held.
func (p *Playing) end(whole bool) {
	p.over.Do(func() {
		p.whole = whole
		close(p.done)
		if p.leg.playing == p {
			p.leg.playing = nil
		}
	})
}

// next writes the next 20 ms to f, and ends when there is no more.
func (p *Playing) next(f *Frame) {
	for n := 0; n < FrameSize; {
		if p.i == len(p.sounds) {
			clear(f[n:])
			p.end(true)
			return
		}
		s := p.sounds[p.i][p.at:]
		k := min(len(s), FrameSize-n)
		g711.A.Decode(f[n:n+k], s[:k])
		n += k
		if p.at += k; p.at == len(p.sounds[p.i]) {
			p.i, p.at = p.i+1, 0
			if p.loop && p.i == len(p.sounds) {
				p.i = 0
			}
		}
	}
}

// newPlaying leaves out what has no sound.
func newPlaying(l *Leg, loop bool, sounds []Sound) *Playing {
	p := &Playing{leg: l, done: make(chan struct{})}
	for _, s := range sounds {
		if len(s) > 0 {
			p.sounds = append(p.sounds, s)
		}
	}
	p.loop = loop && len(p.sounds) > 0
	return p
}
