package media

import (
	"slices"
	"sync"
	"time"

	"heartwood/internal/fault"
)

// Mix is those who hear each other. Two telephones are passed straight
// through, packet by packet; as soon as there are more, or one is muted, on
// hold or hears a prompt, each gets the sum of the others.
type Mix struct {
	id    uint64
	clock *clock

	mu     sync.Mutex // protects all fields below, and the legs that are in
	now    time.Duration
	legs   []*Leg
	tape   Tape
	idle   bool // packets go straight through, and the buffers are empty
	closed bool
}

// Tape records a mix. Frame is called every 20 ms with what each side says;
// the frames are its own only until it returns. See package recording.
type Tape interface {
	Frame(outside, practice *Frame)
}

// NewMix makes one with nobody in it. It is there until it is closed.
func (s *Switchboard) NewMix() *Mix { return s.newMix(nil) }

// newMix makes a mix, with a new leg in it if there is one, and only then
// lets its clock know.
func (s *Switchboard) newMix(l *Leg) *Mix {
	id := s.next.Add(1)
	m := &Mix{id: id, clock: s.clocks[id%uint64(len(s.clocks))]}
	m.now = time.Duration(m.clock.now.Load())
	if l != nil {
		l.alone, l.born, m.legs = m, m.now, []*Leg{l}
		l.mix.Store(m)
	}
	m.clock.add(m)
	return m
}

// Record lets a tape hear the mix from now on, in place of another; nil ends
// it. What a leg says while muted or on hold nobody hears, and it is not
// recorded; nor are prompts.
func (m *Mix) Record(t Tape) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tape = t
}

// Close leaves every leg alone, and the mix unusable. A second time does
// nothing.
func (m *Mix) Close() {
	m.mu.Lock()
	legs := slices.Clone(m.legs)
	m.closed, m.tape = true, nil
	m.mu.Unlock()
	for _, l := range legs {
		_ = l.move(m, l.alone) // fails when it has gone already
	}
	m.clock.remove(m)
}

// Join moves the leg into a mix in one step: no frame is heard in both, and
// none in neither. The fault is Gone when the mix or the leg is closed.
func (l *Leg) Join(to *Mix) error {
	for {
		from := l.mix.Load()
		if err := l.move(from, to); err != errMoved { //nolint:errorlint // it is never wrapped
			return err
		}
	}
}

// Leave makes the leg hear and be heard by nobody, until it joins again.
func (l *Leg) Leave() error { return l.Join(l.alone) }

var errMoved = fault.New(fault.Conflict, "The leg has moved.")

// move takes both locks in the order of the mixes' numbers.
func (l *Leg) move(from, to *Mix) error {
	first, second := from, to
	if to.id < from.id {
		first, second = to, from
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	if first != second {
		second.mu.Lock()
		defer second.mu.Unlock()
	}
	switch {
	case l.mix.Load() != from:
		return errMoved
	case l.closed:
		return fault.New(fault.Gone, "The call has ended.")
	case to.closed:
		return fault.New(fault.Gone, "This conversation has ended.")
	case from == to:
		return nil
	}
	from.remove(l)
	to.legs, to.idle = append(to.legs, l), false
	l.mix.Store(to)
	return nil
}

func (m *Mix) remove(l *Leg) {
	if i := slices.Index(m.legs, l); i >= 0 {
		m.legs = slices.Delete(m.legs, i, i+1)
	}
}

// beat takes what has come, and on every second beat sends a frame.
func (m *Mix) beat(c *clock, now time.Duration, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
	for _, l := range m.legs {
		l.receive(c, n)
		if n%windowBeats == 0 {
			l.lately.turn(l.account())
		}
	}
	if n%beatsPerFrame == 0 {
		m.frame(c.scratch)
	}
}

// through is the leg to which l's packets go straight, or nil.
func (m *Mix) through(l *Leg) *Leg {
	if len(m.legs) != 2 || !m.legs[0].plain() || !m.legs[1].plain() {
		return nil
	}
	if m.legs[0] == l {
		return m.legs[1]
	}
	return m.legs[0]
}

func (m *Mix) frame(s *scratch) {
	straight := len(m.legs) == 2 && m.through(m.legs[0]) != nil
	if straight && m.tape == nil {
		m.pause()
		return
	}
	m.idle = false
	for _, l := range m.legs {
		l.buf.pop(&l.said)
	}
	if m.tape != nil {
		m.record(s)
	}
	if !straight {
		m.send(s)
	}
}

// pause empties the buffers once packets go straight through.
func (m *Mix) pause() {
	if m.idle {
		return
	}
	m.idle = true
	for _, l := range m.legs {
		l.buf.reset()
	}
}

// send gives each the sum of the others.
func (m *Mix) send(s *scratch) {
	s.total = [FrameSize]int32{}
	for _, l := range m.legs {
		if l.speaks() {
			for i, v := range l.said {
				s.total[i] += int32(v)
			}
		}
	}
	for _, l := range m.legs {
		own := l.speaks()
		for i, v := range s.total {
			if own {
				v -= int32(l.said[i])
			}
			s.frame[i] = saturate(v)
		}
		l.hear(s, m.now)
	}
}

func (m *Mix) record(s *scratch) {
	s.sides = [2]Frame{}
	for _, l := range m.legs {
		if l.speaks() {
			add(&s.sides[l.side&1], &l.said)
		}
	}
	m.tape.Frame(&s.sides[Outside], &s.sides[Practice])
}

func add(to, f *Frame) {
	for i, v := range f {
		to[i] = saturate(int32(to[i]) + int32(v))
	}
}

// saturate keeps a sum within 16 bits, and off the value that marks a hole.
func saturate(v int32) int16 { return int16(min(max(v, -32767), 32767)) }
