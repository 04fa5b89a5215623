package room

import (
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room/signal"
)

// settle gives each source a place at everybody else's, asks browsers for
// places that lack, and tells what has changed. It is called under the lock.
func (r *Room) settle() {
	sinks := map[*source][]*slot{}
	for _, m := range r.in {
		if m.link == nil {
			continue
		}
		r.seat(m)
		for _, k := range m.slots {
			if s := k.from.Load(); s != nil {
				sinks[s] = append(sinks[s], k)
			}
		}
		m.tellPlaces()
	}
	for _, s := range r.sources {
		to := sinks[s]
		s.sinks.Store(&to)
	}
	r.tell()
}

// seat shows m every source of the others.
func (r *Room) seat(m *Member) {
	for _, k := range m.slots {
		if s := k.from.Load(); s != nil && !slices.Contains(r.sources, s) {
			k.from.Store(nil)
		}
	}
	need := [2]int{}
	lack := false
	for _, s := range r.sources {
		if s.owner == m {
			continue
		}
		if s.track == signal.Voice {
			need[0]++
		} else {
			need[1]++
		}
		lack = !m.show(s) || lack
	}
	if lack && need != m.asked {
		m.asked = need
		m.say(signal.Said{Kind: signal.Need, Voices: need[0], Videos: need[1]})
	}
}

// show finds a place for s, and tells whether there was one.
func (m *Member) show(s *source) bool {
	var free *slot
	for _, k := range m.slots {
		if k.from.Load() == s {
			return true
		}
		if free == nil && k.from.Load() == nil && (k.kind == webrtc.RTPCodecTypeAudio) == (s.track == signal.Voice) {
			free = k
		}
	}
	if free == nil {
		return false
	}
	free.from.Store(s)
	free.paused.Store(m.resting && s.track != signal.Voice)
	s.wantKey()
	return true
}

// tellPlaces says which place shows whom, when that has changed.
func (m *Member) tellPlaces() {
	places := []signal.Place{}
	for _, k := range m.slots {
		if s := k.from.Load(); s != nil && k.tr.Mid() != "" {
			places = append(places, signal.Place{Mid: k.tr.Mid(), Who: s.owner.id, Track: s.track, Paused: k.paused.Load()})
		}
	}
	if m.shown == nil || !slices.Equal(places, m.shown) {
		m.shown = places
		m.say(signal.Said{Kind: signal.Places, Places: places})
	}
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

// watch looks twice a second who speaks, and once what each line bears.
func (r *Room) watch() {
	defer r.busy.Done()
	t := time.NewTicker(tick)
	defer t.Stop()
	for n := 0; ; n++ {
		select {
		case <-r.over:
			return
		case now := <-t.C:
			r.look(now, n%2 == 0)
		}
	}
}

func (r *Room) look(now time.Time, rates bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	loud := map[*Member]float64{}
	for _, s := range r.sources {
		if db := s.level.take(); s.track == signal.Voice && !s.hushed.Load() {
			loud[s.owner] = db
		}
	}
	if m := floor(r.speaker, loud); m != r.speaker {
		r.speaker = m
		r.tellSpeaker()
	}
	if rates {
		r.pace(now)
	}
}

func (r *Room) tellSpeaker() {
	who := ""
	if r.speaker != nil {
		who = r.speaker.id
	}
	for _, m := range r.in {
		m.say(signal.Said{Kind: signal.Speaker, Who: who})
	}
}

// pace holds pictures back where a line is too weak for them, and tells each
// browser how fast its picture may come so that every line bears it.
func (r *Room) pace(now time.Time) {
	var lines []line
	for _, m := range r.in {
		if m.link == nil {
			continue
		}
		l := m.line(now)
		if was := m.resting; rest(l) != was {
			m.hold(!was, now)
			l.resting = !was
		}
		lines = append(lines, l)
	}
	for s, rate := range caps(lines) {
		if s.cap = rate; s.ask != nil {
			_ = s.ask([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: float32(rate), SSRCs: []uint32{s.ssrc}}}) // said again in a second
		}
	}
}

func (m *Member) line(now time.Time) line {
	l := line{
		bears: m.bears.Load(), loss: float64(m.lost.Load()) / 256,
		resting: m.resting, lasts: now.Sub(m.since), tries: m.tries,
	}
	l.falls, m.bore = l.bears < m.bore, l.bears
	for _, k := range m.slots {
		l.sent += k.bits.Swap(0)
		if s := k.from.Load(); s != nil && s.track != signal.Voice && !s.hushed.Load() {
			l.pictures = append(l.pictures, s)
		}
	}
	return l
}

// hold stops or starts a member's pictures. Voices go on.
func (m *Member) hold(on bool, now time.Time) {
	m.resting = on
	if on && now.Sub(m.since) > 2*time.Minute {
		m.tries = 0 // it went well for long
	} else if on {
		m.tries++
	}
	m.since = now
	m.bears.Store(0)
	m.lost.Store(0)
	for _, k := range m.slots {
		s := k.from.Load()
		if k.kind != webrtc.RTPCodecTypeVideo {
			continue
		}
		k.paused.Store(on)
		if !on && s != nil {
			k.again()
			s.cap = min(s.cap, 2*least) // it may be as weak as before
			s.wantKey()
		}
	}
	m.tellPlaces()
}
