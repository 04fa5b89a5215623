// Package udp is the sockets that calls speak through, and the range of ports
// they are taken from.
//
// What comes in: a local address and a range of ports. What goes out: pairs
// of sockets, an even port for sound and the next one for reports (RFC 3550,
// 11), which are asked what has come and never wait. It must never wake
// anybody for a packet: whoever keeps the clock asks, so that a thousand
// calls cost no more wake-ups than one.
package udp

import (
	"net/netip"
	"time"
)

// MaxPacket is the longest datagram that is taken whole; of a longer one the
// rest is lost, as UDP has it.
const MaxPacket = 1500

// BatchSize is how many datagrams are taken with one call of the system.
const BatchSize = 16

// Packet is a datagram that came. Data is good until the next Receive with
// the same Batch.
type Packet struct {
	Data []byte
	From netip.AddrPort
	At   time.Duration // when it came, from an arbitrary start; 0 when the system does not say
}
