package room

import (
	"context"
	"sync/atomic"
	"time"

	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
)

// Member is somebody in a room or its waiting room.
type Member struct {
	room  *Room
	id    string
	guest Guest
	leg   Leg // nil for a browser

	bears atomic.Uint64 // bits a second that the browser says its line bears
	lost  atomic.Uint32 // of 256 packets of ours, by its worst report since it was last looked at

	// The rest is under the room's lock.
	say      func(signal.Said)
	link     *link
	admitted bool
	gone     bool
	muted    bool // by themselves or by a host: nothing of their voice goes further
	hidden   bool
	sends    map[string]string // section's name → track
	slots    []*slot
	asked    [2]int // voices and videos it was told to offer places for
	shown    []signal.Place
	loss     float64   // share of our packets that it misses, of late
	bore     uint64    // what bears was when it was last looked at
	resting  bool      // pictures are held back
	since    time.Time // that they are, or are not
	tries    int
}

func (m *Member) person() signal.Person {
	return signal.Person{
		ID: m.id, Name: m.guest.Name, Role: string(m.guest.Role), Host: m.guest.Host, Phone: m.leg != nil,
		Muted: m.muted, Hidden: m.hidden, Lost: m.link != nil && m.link.State() == Lost,
	}
}

// ID is the member's name in messages of its room.
func (m *Member) ID() string { return m.id }

// Attach has say called in place of what was given to Join: a browser's page
// has come back by another way. It is told how things stand.
func (m *Member) Attach(say func(signal.Said)) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.say = say
	if m.admitted {
		m.say(signal.Said{Kind: signal.Admitted, You: m.id})
	}
	m.shown = nil
	m.room.settle()
}

// Leave is called when the person has gone. The link may be used again.
func (m *Member) Leave() {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.room.out(m, "You have left.")
}

// Tell takes what the browser says. What is refused is told to the browser
// as well as to the caller.
func (m *Member) Tell(ctx context.Context, raw []byte) error {
	err := m.heed(ctx, raw)
	if err != nil {
		m.room.mu.Lock()
		defer m.room.mu.Unlock()
		m.say(signal.Said{Kind: signal.Refused, Why: fault.From(err).Message})
	}
	return err
}

func (m *Member) heed(ctx context.Context, raw []byte) error {
	h, err := signal.Read(raw)
	if err != nil {
		return err
	}
	if h.Kind == signal.Offer {
		return m.offer(ctx, h)
	}
	r := m.room
	r.mu.Lock()
	defer r.mu.Unlock()
	switch h.Kind {
	case signal.Mute:
		m.mute(h.Voice, h.Video)
		return nil
	case signal.Leave:
		r.out(m, "You have left.")
		return nil
	}
	if !m.guest.Host || m.gone {
		return fault.New(fault.Forbidden, "Only the practice's staff may do that.")
	}
	switch h.Kind {
	case signal.Admit:
		return r.admit(h.Who)
	case signal.Remove:
		return r.remove(h.Who)
	case signal.Silence:
		return r.silence(h.Who)
	}
	r.locked = h.On
	r.tell()
	return nil
}

// mute stops what the member gives, here and at once: what their own browser
// believes does not count.
func (m *Member) mute(voice, video bool) {
	m.muted, m.hidden = voice, video
	for _, s := range m.room.sources {
		if s.owner == m {
			m.hush(s)
		}
	}
	m.room.tell()
}

func (m *Member) hush(s *source) {
	quiet := m.gone || s.track == signal.Voice && m.muted || s.track == signal.Camera && m.hidden
	s.hushed.Store(quiet)
	if quiet && s.phones != nil {
		s.phones.hush()
	}
}
