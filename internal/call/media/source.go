package media

import "time"

// Limits of RFC 3550, appendix A.1.
const (
	maxDropout = 3000 // packets missing before it is taken for a new start
	maxDisplay = 64   // packets late that are still told from duplicates
)

// verdict is what a sequence number says of its packet.
type verdict uint8

const (
	fresh     verdict = iota // the next, or one that overtook it
	displaced                // late, but not too late and not seen before
	duplicate
	unusable // too old, or a jump that has not been confirmed
)

// source is the sender as RFC 3550 (6.4.1, A.1, A.3, A.8) has a receiver see
// it: what came, what did not, and how unevenly.
type source struct {
	started  bool
	ssrc     uint32
	base     uint32 // extended sequence numbers: the lowest
	top      uint32 // and the highest
	jumped   uint16 // where a jump would go on; see accept
	jumping  bool
	seen     uint64 // bit i: top-i came
	received uint32 // of this ssrc since base, each once

	transit int64
	first   bool
	jitter  float64 // in samples

	past  tally // of streams before this one
	total tally
}

// tally counts packets.
type tally struct{ expected, received, duplicated, refused uint64 }

func (s *source) restart(ssrc uint32, seq uint16) {
	s.past.expected, s.past.received = s.expected(), s.total.received
	s.started, s.ssrc, s.jumping, s.first = true, ssrc, false, true
	s.top = 1<<16 + uint32(seq) // room for packets that the first one overtook
	s.base, s.seen, s.received = s.top, 1, 1
	s.total.received++
}

// accept takes a sequence number into the account.
func (s *source) accept(ssrc uint32, seq uint16) verdict {
	if !s.started || ssrc != s.ssrc {
		s.restart(ssrc, seq)
		return fresh
	}
	ahead := int(int16(seq - uint16(s.top)))
	switch {
	case ahead > 0 && ahead < maxDropout:
		s.top += uint32(ahead)
		s.seen = s.seen<<min(ahead, 64) | 1
		return s.count(fresh)
	case ahead <= 0 && ahead > -maxDisplay:
		bit := uint64(1) << -ahead
		if s.seen&bit != 0 {
			s.total.duplicated++
			return duplicate
		}
		s.seen |= bit
		s.base = min(s.base, s.top+uint32(ahead))
		return s.count(displaced)
	}
	if s.jumping && seq == s.jumped { // two in a row: the sender began anew
		s.restart(ssrc, seq)
		return fresh
	}
	s.jumping, s.jumped = true, seq+1
	s.total.refused++
	return unusable
}

func (s *source) count(v verdict) verdict {
	s.jumping = false
	s.received++
	s.total.received++
	return v
}

// expected is how many packets were sent, as their numbers tell, in all.
func (s *source) expected() uint64 {
	if !s.started {
		return s.past.expected
	}
	return s.past.expected + uint64(s.top-s.base) + 1
}

// highest is the extended highest sequence number, as a report has it.
func (s *source) highest() uint32 { return s.top - 1<<16 }

// lost is how many did not come, or not yet.
func (s *source) lost() uint64 { return s.expected() - min(s.expected(), s.total.received) }

// arrived takes the time of arrival of a packet of sound into the jitter
// (RFC 3550, A.8).
func (s *source) arrived(timestamp uint32, at time.Duration) {
	transit := int64(at)*Rate/int64(time.Second) - int64(timestamp)
	d := int64(int32(transit - s.transit))
	s.transit = transit
	if s.first {
		s.first = false
		return
	}
	s.jitter += (float64(max(d, -d)) - s.jitter) / 16
}
