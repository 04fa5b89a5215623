package room

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room/signal"
)

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
	m.loss = (m.loss + float64(m.lost.Swap(0))/256) / 2
	l := line{
		bears: m.bears.Load(), loss: m.loss,
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
	m.loss = 0
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
