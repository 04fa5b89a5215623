package media

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// stream numbers what a leg sends (RFC 3550, 5.1): one sequence and one
// clock, whether the leg's own frames go out or another's packets are passed
// on.
type stream struct {
	ssrc    uint32
	seq     uint16 // of the last packet
	ts      uint32 // of the last packet of sound
	at      time.Duration
	marked  bool // the next packet begins a spell of talk (RFC 3551, 4.1)
	started bool

	from    uint32 // SSRC of the stream being passed on
	passing bool
	seqOff  uint16
	tsOff   uint32
	floor   uint16 // what is not after it has been used: SRTP must never use a number twice

	packets, octets uint32
}

func newStream() stream {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return stream{
		ssrc: binary.BigEndian.Uint32(b[0:]), ts: binary.BigEndian.Uint32(b[4:]),
		seq: binary.BigEndian.Uint16(b[8:]) & 0x7fff, marked: true, // RFC 3711, 3.3.1: not near the turn
	}
}

const headerSize = 12

// write makes a header without extensions in b.
func (s *stream) write(b []byte, payloadType uint8, seq uint16, ts uint32, marker bool) {
	b[0], b[1] = 0x80, payloadType
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], s.ssrc)
}

// own numbers the next packet of our own, of sound that begins now.
func (s *stream) own(now time.Duration) (seq uint16, ts uint32) {
	s.seq++
	s.advance(now)
	s.passing = false
	return s.seq, s.ts
}

// advance moves the clock on by whole frames since the last packet, and by
// one at least.
func (s *stream) advance(now time.Duration) {
	frames := time.Duration(1)
	if s.started {
		frames = max(1, (now-s.at+FrameTime/2)/FrameTime)
	}
	s.ts += uint32(frames) * FrameSize
	s.at, s.started = now, true
}

// pass numbers another's packet so that gaps, order and spells of talk stay
// as they came. It is not ok to pass one on whose place has been used.
func (s *stream) pass(p *packet, now time.Duration) (seq uint16, ts uint32, ok bool) {
	if !s.passing || s.from != p.SSRC {
		s.advance(now)
		s.passing, s.from, s.marked = true, p.SSRC, true
		s.seqOff, s.tsOff, s.floor = s.seq+1-p.SequenceNumber, s.ts-p.Timestamp, s.seq
	}
	seq, ts = p.SequenceNumber+s.seqOff, p.Timestamp+s.tsOff
	if int16(seq-s.floor) <= 0 {
		return 0, 0, false
	}
	if int16(seq-s.seq) > 0 {
		s.seq = seq
	}
	if int32(ts-s.ts) >= 0 {
		s.ts, s.at = ts, now
	}
	return seq, ts, true
}

// swallow leaves out a packet of the stream being passed on, so that it is
// not missed.
func (s *stream) swallow() {
	s.seqOff--
	s.floor = s.seq
}

// mark tells once whether a spell of talk begins.
func (s *stream) mark() bool {
	m := s.marked
	s.marked = false
	return m
}
