package media

import "github.com/pion/rtp"

// packet is one that was parsed. Its Payload points into what came.
type packet struct {
	rtp.Packet
	kind kind
}

type kind uint8

const (
	malformed kind = iota
	report         // RTCP on the port of RTP (RFC 5761, 4)
	voice          // G.711
	event          // telephone-event
	noise          // comfort noise: counted, not heard
)

// maxPayload is 80 ms, four times what telephones send.
const maxPayload = 4 * FrameSize

// head reads the header alone, which is all that can be read before SRTP is
// opened, and says what the packet would be.
func (p *packet) head(b []byte, events uint8) kind {
	if len(b) < 12 || b[0]>>6 != 2 {
		return malformed
	}
	if b[1] >= 192 && b[1] <= 223 {
		return report
	}
	if _, err := p.Header.Unmarshal(b); err != nil {
		return malformed
	}
	switch t := p.PayloadType; {
	case t == typePCMA || t == typePCMU:
		return voice
	case t == events && events != 0:
		return event
	case t == typeNoise:
		return noise
	}
	return malformed
}

// parse reads a packet in the clear whose kind head has said; false when it
// is not whole.
func (p *packet) parse(b []byte, k kind) bool {
	if p.Unmarshal(b) != nil {
		return false
	}
	p.kind = k
	switch k {
	case voice:
		return len(p.Payload) > 0 && len(p.Payload) <= maxPayload
	case event:
		return len(p.Payload) >= 4
	default:
		return k == noise
	}
}
