package room

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/fault"
)

const (
	frame     = 160                   // samples and, in A-law, bytes of 20 ms
	perSecond = 8000                  // samples
	pause     = 60 * time.Millisecond // without a frame, after which a new stretch of speech begins
	mtu       = 1500
)

var alaw = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: perSecond}

// sender is our voice on its way to a browser.
type sender struct {
	mu   sync.Mutex // protects all fields below
	to   webrtc.TrackLocalWriter
	head rtp.Header
	last time.Time
	far  Quality
}

// Bind is told where to write. It is part of webrtc.TrackLocal, like the names below.
func (s *sender) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range c.CodecParameters() {
		if p.MimeType != alaw.MimeType {
			continue
		}
		s.to = c.WriteStream()
		s.head = rtp.Header{
			Version: 2, PayloadType: uint8(p.PayloadType), SSRC: uint32(c.SSRC()),
			// Guessed by nobody who cannot decrypt them: chance is enough.
			SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(), //nolint:gosec // as said
		}
		return p, nil
	}
	return webrtc.RTPCodecParameters{}, fault.New(fault.Unsupported, "The browser does not speak A-law.")
}

// Unbind is told that there is nowhere to write any more.
func (s *sender) Unbind(webrtc.TrackLocalContext) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = nil
	return nil
}

// ID names the track.
func (s *sender) ID() string { return "voice" }

// RID is empty: there is one quality.
func (s *sender) RID() string { return "" }

// StreamID names the stream.
func (s *sender) StreamID() string { return "call" }

// Kind is sound.
func (s *sender) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

func (s *sender) write(alaw []byte) error {
	if len(alaw) != frame {
		return fault.New(fault.Invalid, "A frame is 160 bytes of A-law, not %d.", len(alaw))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to == nil {
		return nil
	}
	s.advance(time.Now())
	if _, err := s.to.WriteRTP(&s.head, alaw); err != nil {
		return fault.Wrap(err, fault.Busy, "The voice could not be sent.")
	}
	return nil
}

// advance numbers the next frame. After a pause its time is later by as much.
func (s *sender) advance(now time.Time) {
	gap := now.Sub(s.last)
	s.head.Marker = s.last.IsZero() || gap > pause
	s.head.SequenceNumber++
	s.head.Timestamp += frame
	if s.head.Marker && !s.last.IsZero() {
		s.head.Timestamp += uint32(gap/(20*time.Millisecond)-1) * frame
	}
	s.last = now
}

// hear takes what the browser reports of our voice, until the end.
func (s *sender) hear(from *webrtc.RTPSender) {
	for {
		packets, _, err := from.ReadRTCP()
		if err != nil {
			return
		}
		now := time.Now()
		for _, p := range packets {
			s.mu.Lock()
			s.far.report(p, s.head.SSRC, now)
			s.mu.Unlock()
		}
	}
}

func (s *sender) quality() Quality {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.far
}

// receiver is the browser's voice on its way to us.
type receiver struct {
	to atomic.Pointer[func([]byte)]

	mu   sync.Mutex // protects all fields below
	rest []byte     // begun, but not yet a whole frame
	near arrivals
}

// listen reads a track to its end.
func (r *receiver) listen(t *webrtc.TrackRemote) {
	buf := make([]byte, mtu)
	var p rtp.Packet
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if p.Unmarshal(buf[:n]) == nil {
			r.take(&p, time.Now())
		}
	}
}

// take passes a packet on in frames, unless a later one has been passed on.
func (r *receiver) take(p *rtp.Packet, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.near.note(p, now) {
		return
	}
	f := r.to.Load()
	for b := p.Payload; len(b) > 0; {
		n := min(len(b), frame-len(r.rest))
		r.rest = append(r.rest, b[:n]...)
		b = b[n:]
		if len(r.rest) < frame {
			return
		}
		if f != nil {
			(*f)(r.rest)
		}
		r.rest = r.rest[:0]
	}
}

func (r *receiver) quality() Quality {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.near.Quality
}

var _ webrtc.TrackLocal = (*sender)(nil)
