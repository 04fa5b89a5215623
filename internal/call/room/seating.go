package room

import (
	"slices"

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
