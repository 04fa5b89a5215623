package room

import (
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room/signal"
)

// Leg is somebody on a telephone: frames of 20 ms of A-law both ways.
type Leg interface {
	OnFrame(func(alaw []byte))
	Write(alaw []byte) error
	Done() <-chan struct{}
}

// Dial brings a telephone into the room. Staff rang it or answered it, so it
// does not wait. The leg stays the caller's to hang up.
func (r *Room) Dial(g Guest, leg Leg) (*Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mayCome(g); err != nil {
		return nil, err
	}
	if len(r.in) >= places {
		return nil, full()
	}
	m := r.newMember(g)
	m.leg, m.say = leg, func(signal.Said) {}
	r.enter(m)
	r.listen(m)
	return m, nil
}

// listen takes a telephone's voice, under the lock.
func (r *Room) listen(m *Member) {
	s := &source{owner: m, track: signal.Voice, mime: webrtc.MimeTypePCMA, phones: &ring{}}
	r.sources = append(r.sources, s)
	p := rtp.Packet{Header: rtp.Header{Version: 2}}
	m.leg.OnFrame(func(alaw []byte) {
		p.SequenceNumber++
		p.Timestamp += frame
		p.Payload = alaw
		s.level.note(decibels(alaw))
		s.give(&p)
	})
	r.busy.Add(1)
	go func() {
		defer r.busy.Done()
		select {
		case <-m.leg.Done():
			m.Leave()
		case <-r.over:
		}
	}()
	if !r.mixing {
		r.mixing = true
		r.busy.Add(1)
		go (&mixer{room: r}).run()
	}
	r.settle()
}

// heard gives all voices and the telephones that are to hear them. Where
// there is no telephone, mixing ends.
func (r *Room) heard() (voices []*source, phones []*Member, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.in {
		if m.leg != nil {
			phones = append(phones, m)
		}
	}
	for _, s := range r.sources {
		if s.phones != nil {
			voices = append(voices, s)
		}
	}
	if len(phones) > 0 {
		return voices, phones, true
	}
	r.mixing = false
	for _, s := range voices {
		s.phones.hush()
	}
	return nil, nil, false
}
