// Package media is the sound of a call: legs on the telephone network or in
// a browser, and the mixes in which they hear each other.
//
// What comes in: RTP from telephones (RFC 3550, 3551, 4733; SRTP where keys
// were agreed), packets or frames from browsers, and prompts held in memory.
// What goes out: the same to the others of the mix, every 20 ms by the clock;
// keys that were pressed; the sound for a recording; and figures for how good
// the line is. Signalling decides who speaks with whom: see call/exchange.
//
// It must never let a stranger into a call, block on a disk or on a slow
// listener, or be changed by a malformed packet. What callers hand in (Hear,
// Send, Tape.Frame) runs on the clock of all calls: it returns at once and
// calls nothing of this package.
package media

import (
	"net/netip"
	"time"

	"heartwood/internal/call/media/g711"
)

// Rate is samples a second everywhere in this package.
const Rate = 8000

// FrameTime is how much sound goes in one packet.
const FrameTime = 20 * time.Millisecond

// FrameSize is the samples of one frame.
const FrameSize = Rate / 50

// Frame is 20 ms of sound: 16-bit samples at 8 kHz, one channel.
type Frame = [FrameSize]int16

// Sound is a prompt, a tone or music, held in memory: A-law at 8 kHz, one
// byte a sample. It is never written to.
type Sound []byte

// SoundOf makes a Sound of 16-bit samples at 8 kHz.
func SoundOf(samples []int16) Sound {
	s := make(Sound, len(samples))
	g711.A.Encode(s, samples)
	return s
}

// Duration is how long the sound lasts.
func (s Sound) Duration() time.Duration { return time.Duration(len(s)) * time.Second / Rate }

// Side is whose voice a leg carries; a recording keeps the two apart.
type Side uint8

// The sides.
const (
	Outside  Side = iota // the patient and whoever is with them: left in a recording
	Practice             // staff: right
)

// Config is what a Switchboard needs to know.
type Config struct {
	Address   netip.Addr // local address of all telephone legs; SDP may have to name another (NAT)
	Low, High uint16     // its range of UDP ports, two for a leg
	Clocks    int        // goroutines that move sound; 0 is one for each two cores, at least one
}

// Remote is what signalling learned of the other end of a telephone leg.
type Remote struct {
	Addr     netip.AddrPort // from SDP; where packets go until they come from elsewhere
	Anywhere bool           // the other end may be behind NAT: see latch
	Law      g711.Law       // in which we send; both are understood
	Events   uint8          // payload type of telephone-event (RFC 4733) in both directions; 0 is none
	Held     bool           // the other end takes no sound now (SDP sendonly or inactive)
	Mux      bool           // RTCP comes and goes on the port of RTP (RFC 5761)
	Keys     *Keys          // nil is RTP in the clear
}

// Payload types (RFC 3551, table 4).
const (
	typePCMU  = 0
	typePCMA  = 8
	typeNoise = 13 // comfort noise (RFC 3389): taken as silence
)

func payloadType(l g711.Law) uint8 {
	if l == g711.Mu {
		return typePCMU
	}
	return typePCMA
}
