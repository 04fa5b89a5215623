package media

import "time"

// plain tells whether the leg speaks and hears with nothing between.
func (l *Leg) plain() bool {
	return l.connected && l.heard == nil && !l.muted && !l.held && l.playing == nil && !l.finger.busy()
}

// speaks tells whether the others hear it.
func (l *Leg) speaks() bool { return !l.muted && !l.held }

// hear sends the leg the frame in s, with prompts and hold music.
func (l *Leg) hear(s *scratch, now time.Duration) {
	f := &s.frame
	switch {
	case l.playing != nil && l.held:
		l.playing.next(f)
	case l.playing != nil:
		l.playing.next(&s.sides[0])
		add(f, &s.sides[0])
	case l.held:
		l.hold.next(f)
	}
	if l.heard != nil {
		l.heard(f)
		return
	}
	if !l.connected || l.remote.Held {
		return
	}
	if n := l.pressing(s, now); n > 0 {
		l.transmit(s.out[:n])
		return
	}
	seq, ts := l.out.own(now)
	l.out.write(s.out[:], payloadType(l.remote.Law), seq, ts, l.out.mark())
	l.remote.Law.Encode(s.out[headerSize:], f[:])
	l.transmit(s.out[:headerSize+FrameSize])
}

func (l *Leg) pressing(s *scratch, now time.Duration) int {
	if !l.finger.busy() {
		return 0
	}
	return l.finger.next(s.out[:], &l.out, l.remote.Events, now)
}

// pass sends the packet in s on, as payload type as; 0 for an event that this
// end would not know.
func (l *Leg) pass(s *scratch, as uint8, now time.Duration) {
	p := &s.packet
	if l.remote.Held {
		return
	}
	if p.kind == event && as == 0 {
		l.out.swallow()
		return
	}
	seq, ts, ok := l.out.pass(p, now)
	if !ok {
		return
	}
	l.out.write(s.out[:], as, seq, ts, l.out.mark() || p.Marker)
	payload := s.out[headerSize : headerSize+len(p.Payload)]
	if p.kind == voice {
		lawOf(p.PayloadType).Translate(payload, p.Payload, l.remote.Law)
	} else {
		copy(payload, p.Payload)
	}
	l.transmit(s.out[:headerSize+len(payload)])
}

// transmit seals and sends a packet; what the network does not take is lost.
func (l *Leg) transmit(b []byte) {
	octets := len(b) - headerSize
	if l.cipher != nil {
		b = l.cipher.seal(b)
	}
	var err error
	if l.pair != nil {
		err = l.pair.RTP.Send(b, l.latch.to)
	} else {
		err = l.carry(b)
	}
	if err == nil {
		l.sent++
		l.out.packets++
		l.out.octets += uint32(octets)
	}
}
