package media

import (
	"encoding/binary"
	"strings"
	"time"

	"heartwood/internal/fault"
)

// Digit is a key that was pressed at the other end: one of 0-9 * # A-D. It is
// told as soon as it is known, while it may still be held down.
type Digit byte

// keys are the events 0 to 15 of RFC 4733, table 3.
const keys = "0123456789*#ABCD"

// ear hears keys in telephone-event packets (RFC 4733, 2.5): many packets
// tell of one key, and have its timestamp.
type ear struct {
	ssrc  uint32
	since uint32 // timestamp of the last key
	code  byte
	long  uint16 // the longest duration told
	heard bool
}

// hear gives the key when the packet tells of a new one.
func (e *ear) hear(ssrc, timestamp uint32, payload []byte) (Digit, bool) {
	code, duration := payload[0], binary.BigEndian.Uint16(payload[2:])
	if int(code) >= len(keys) {
		return 0, false
	}
	if e.heard && ssrc == e.ssrc {
		behind := int32(timestamp - e.since)
		if behind <= 0 && behind > -60*Rate {
			e.long = max(e.long, duration)
			return 0, false // the same key, or a straggler of one before
		}
		if code == e.code && e.long > 0xfe00 && uint32(behind) <= 0xffff {
			e.since, e.long = timestamp, duration
			return 0, false // held so long that it goes on as a new segment (2.5.1.3)
		}
	}
	*e = ear{ssrc: ssrc, since: timestamp, code: code, long: duration, heard: true}
	return Digit(keys[code]), true
}

// How keys are sent, in frames of 20 ms.
const (
	pressFrames = 5  // 100 ms, for a key; ITU-T Q.24 asks for 40 ms
	endPackets  = 3  // the end is told three times (RFC 4733, 2.5.1.4)
	gapFrames   = 3  // before the next key
	mostKeys    = 64 // that wait
)

// finger presses keys: while it does, its packets go in place of sound.
type finger struct {
	waiting []byte // codes; the first is being pressed
	frame   int    // of the first one, from 0
	since   uint32
}

// keyCodes reads keys as they are written.
func keyCodes(s string) ([]byte, error) {
	codes := make([]byte, len(s))
	for i := range len(s) {
		c := strings.IndexByte(keys, s[i])
		if c < 0 {
			return nil, fault.At(fault.Invalid, "keys", "A telephone has the keys 0 to 9, *, # and A to D.")
		}
		codes[i] = byte(c)
	}
	return codes, nil
}

// press adds keys to those that wait.
func (f *finger) press(codes []byte) error {
	if len(f.waiting)+len(codes) > mostKeys {
		return fault.New(fault.TooMany, "Too many keys at once. Wait until the last ones are sent.")
	}
	f.waiting = append(f.waiting, codes...)
	return nil
}

func (f *finger) busy() bool { return len(f.waiting) > 0 }

// next writes the packet of this frame to b, and gives its length: 0 between
// keys.
func (f *finger) next(b []byte, s *stream, payloadType uint8, now time.Duration) int {
	defer f.step()
	last := f.frame - pressFrames
	if last >= endPackets {
		return 0
	}
	if f.frame == 0 {
		s.advance(now)
		f.since = s.ts
	}
	s.seq++
	s.passing = false
	s.write(b, payloadType, s.seq, f.since, f.frame == 0)
	p := b[headerSize : headerSize+4]
	p[0], p[1] = f.waiting[0], 10 // volume -10 dBm0
	if last >= 0 {
		p[1] |= 0x80
	}
	binary.BigEndian.PutUint16(p[2:], uint16(min(f.frame+1, pressFrames)*FrameSize))
	return headerSize + 4
}

// step moves on by a frame.
func (f *finger) step() {
	if f.frame++; f.frame < pressFrames+endPackets+gapFrames {
		return
	}
	f.frame = 0
	f.waiting = f.waiting[1:]
	if len(f.waiting) == 0 {
		f.waiting = nil
	}
}
