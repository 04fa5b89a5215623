package media

import (
	"net/netip"
	"time"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
)

// mostBatches is how much of a flood is looked at in one beat.
const mostBatches = 4

// receive takes what has come to a telephone leg's ports.
func (l *Leg) receive(c *clock, beat int64) {
	if l.pair == nil {
		return
	}
	m := l.mix.Load()
	for range mostBatches {
		packets := l.pair.RTP.Receive(c.batch)
		for i := range packets {
			l.take(c.scratch, m, &packets[i])
		}
		if len(packets) < udp.BatchSize {
			break
		}
	}
	l.report(c, m, beat)
}

// take looks at one packet. What is malformed, not authentic or a stranger's
// is counted and changes nothing else.
func (l *Leg) take(s *scratch, m *Mix, came *udp.Packet) {
	k := s.packet.head(came.Data, l.remote.Events)
	if k == report && l.connected {
		l.reported(came, m.now)
		return
	}
	if !l.connected || k == malformed || !l.authentic(s, k, came, m.now) {
		l.in.total.refused++
		return
	}
	p := &s.packet
	if l.in.started && l.in.ssrc != p.SSRC {
		l.buf.reset()
	}
	if v := l.in.accept(p.SSRC, p.SequenceNumber); v == duplicate || v == unusable {
		return
	}
	at := came.At
	if at == 0 {
		at = m.now
	}
	l.understand(s, m, at)
}

// authentic opens and parses a packet, and tells whether it is the other
// end's.
func (l *Leg) authentic(s *scratch, k kind, came *udp.Packet, now time.Duration) bool {
	b := came.Data
	if l.cipher != nil {
		if b = l.cipher.open(b, &s.packet.Header); b == nil {
			return false
		}
	}
	if !s.packet.parse(b, k) {
		return false
	}
	if came.From == (netip.AddrPort{}) { // a browser's: its channel knows whom it carries
		l.latch.heard = now
		return true
	}
	return l.latch.admit(claim{came.From, s.packet.SSRC, s.packet.SequenceNumber, l.cipher != nil}, now)
}

// understand does what the packet's kind asks for.
func (l *Leg) understand(s *scratch, m *Mix, at time.Duration) {
	p, to := &s.packet, m.through(l)
	switch p.kind {
	case voice:
		l.in.arrived(p.Timestamp, at)
		if to != nil {
			to.pass(s, payloadType(to.remote.Law), m.now)
		}
		if to == nil || m.tape != nil {
			law := lawOf(p.PayloadType)
			law.Decode(s.pcm[:], p.Payload)
			l.buf.push(p.Timestamp, s.pcm[:len(p.Payload)])
		}
	case event:
		if to != nil {
			to.pass(s, to.remote.Events, m.now)
		}
		if d, new := l.ear.hear(p.SSRC, p.Timestamp, p.Payload); new {
			select {
			case l.digits <- d:
			default: // nobody reads
			}
		}
	default:
		if to != nil {
			to.out.swallow()
		}
	}
}

func lawOf(payloadType uint8) g711.Law {
	if payloadType == typePCMU {
		return g711.Mu
	}
	return g711.A
}
