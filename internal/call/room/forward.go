package room

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/fault"
)

// source is one voice or picture that somebody gives, and who gets it.
type source struct {
	owner  *Member
	track  string // signal.Voice, Camera or Screen
	mime   string
	ssrc   uint32
	ask    func([]rtcp.Packet) error // of the browser that sends it; nil for a telephone
	hushed atomic.Bool               // nothing of it goes further
	level  loudness
	cap    uint64                  // bits a second that it may have; under the room's lock
	phones *ring                   // what telephones hear of it; nil for a picture
	sinks  atomic.Pointer[[]*slot] // replaced whole under the room's lock

	mu    sync.Mutex // protects the field below
	keyed time.Time  // when a whole picture was last asked for
}

// give passes a packet on to everybody who gets this source.
func (s *source) give(p *rtp.Packet) {
	if s.hushed.Load() {
		return
	}
	if s.phones != nil {
		s.phones.put(s.mime, p.Payload)
	}
	if sinks := s.sinks.Load(); sinks != nil {
		for _, k := range *sinks {
			k.take(s, p)
		}
	}
}

const keyEvery = 300 * time.Millisecond // at most, a whole picture is asked for

// wantKey asks for a whole picture, which everybody who begins to look needs.
func (s *source) wantKey() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.ask != nil && now.Sub(s.keyed) > keyEvery {
		s.keyed = now
		_ = s.ask([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: s.ssrc}}) // asked again when it is missed
	}
}

// slot is a place in a browser for one source at a time. It keeps one
// numbering of its own, whoever is shown in it.
type slot struct {
	kind webrtc.RTPCodecType
	name string
	tr   *webrtc.RTPTransceiver
	from atomic.Pointer[source] // nil when the place is free
	// paused holds pictures back, so that voices come through.
	paused atomic.Bool
	bits   atomic.Uint64 // of pictures, sent since it was last looked at

	mu    sync.Mutex // protects all fields below
	to    webrtc.TrackLocalWriter
	types map[string]uint8 // codec → its number in this browser
	sent  uint8            // the number of the extension that bears the time of sending, 0 for none
	clock [3]byte
	head  rtp.Header
	last  *source
	seq   uint16 // what is added to the source's numbers
	stamp uint32 // and to its times
	when  time.Time
}

// Bind is told where to write. It is part of webrtc.TrackLocal, like the names below.
func (k *slot) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, fault.New(fault.Unsupported, "The browser shares no way of sound or picture with us.")
	}
	k.types = map[string]uint8{}
	for _, p := range codecs {
		if _, ok := k.types[p.MimeType]; !ok {
			k.types[p.MimeType] = uint8(p.PayloadType)
		}
	}
	for _, x := range c.HeaderExtensions() {
		if x.URI == sendTime {
			k.sent = uint8(x.ID)
		}
	}
	k.head = rtp.Header{Version: 2, SSRC: uint32(c.SSRC())}
	k.to = c.WriteStream()
	return codecs[0], nil
}

// Unbind is told that there is nowhere to write any more.
func (k *slot) Unbind(webrtc.TrackLocalContext) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.to = nil
	return nil
}

// ID names the track.
func (k *slot) ID() string { return k.name }

// RID is empty: there is one quality.
func (k *slot) RID() string { return "" }

// StreamID names the stream: each place is one.
func (k *slot) StreamID() string { return k.name }

// Kind is sound or picture.
func (k *slot) Kind() webrtc.RTPCodecType { return k.kind }

// take sends a packet of its source on, numbered as this place numbers.
func (k *slot) take(s *source, p *rtp.Packet) {
	if k.paused.Load() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	number, ok := k.types[s.mime]
	if k.to == nil || !ok {
		return
	}
	now := time.Now()
	if k.last != s {
		k.follow(s, p, now)
	}
	k.head.PayloadType = number
	k.head.Marker = p.Marker
	k.head.SequenceNumber = p.SequenceNumber + k.seq
	k.head.Timestamp = p.Timestamp + k.stamp
	k.when = now
	k.mark(now)
	if k.kind == webrtc.RTPCodecTypeVideo {
		k.bits.Add(uint64(len(p.Payload)) * 8)
	}
	_, _ = k.to.WriteRTP(&k.head, p.Payload) // who has gone is taken out elsewhere
}

// follow joins another source, or the same after a pause, to what was sent before.
func (k *slot) follow(s *source, p *rtp.Packet, now time.Time) {
	rate := time.Duration(90_000)
	switch s.mime {
	case webrtc.MimeTypeOpus:
		rate = 48_000
	case webrtc.MimeTypePCMA:
		rate = perSecond
	}
	k.last = s
	k.seq = k.head.SequenceNumber + 1 - p.SequenceNumber
	k.stamp = k.head.Timestamp + uint32(max(1, min(now.Sub(k.when), time.Minute)*rate/time.Second)) - p.Timestamp
}

// mark writes the time of sending, from which a browser tells how much its
// line bears: 24 bits of seconds with 18 behind the point.
func (k *slot) mark(now time.Time) {
	if k.sent == 0 {
		return
	}
	t := uint32(now.Unix()&63)<<18 | uint32(now.Nanosecond()/1000<<18/1_000_000)
	k.clock = [3]byte{byte(t >> 16), byte(t >> 8), byte(t)}
	_ = k.head.SetExtension(k.sent, k.clock[:]) // three bytes always fit
}

// again makes the place begin anew with what comes next.
func (k *slot) again() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = nil
}

var _ webrtc.TrackLocal = (*slot)(nil)
