package sip

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/netip"
)

// Codecs by their names in SDP (RFC 3551 §6).
const (
	ALaw  = "PCMA"
	MuLaw = "PCMU"
)

// Media is one side's description of a call's audio: where it wants to get it
// and how.
type Media struct {
	Addr      netip.AddrPort
	Codec     string    // ALaw or MuLaw
	DTMF      uint8     // payload type of RFC 4733 telephone events; 0 is none
	Ptime     int       // milliseconds in a packet that this side likes; 0 is not said
	Crypto    *SDES     // keys for what this side sends; nil is plain RTP
	Direction Direction // what this side means to do
}

// Direction is what the side that says it will do with audio (RFC 3264 §5.1).
type Direction uint8

// The directions; the zero one is the ordinary.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

var directions = [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}

// String is the name in SDP.
func (d Direction) String() string { return directions[d] }

// Sends tells whether audio is sent.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives tells whether audio is wanted.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// answerTo is d as far as what the other side means to do leaves room for it
// (RFC 3264 §6.1).
func (d Direction) answerTo(other Direction) Direction {
	return direction(d.Sends() && other.Receives(), d.Receives() && other.Sends())
}

func direction(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// held tells whether the side that described m has put us on hold.
func (m Media) held() bool { return !m.Direction.Receives() }

// SDES are the keys of one side's SRTP as SDP carries them (RFC 4568). They
// print as "[key]".
type SDES struct {
	Tag   int
	Suite string // one of Suites
	key   [30]byte
}

// Suites are the SRTP profiles we speak, the better first (RFC 4568 §6.2).
var Suites = []string{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"}

// NewSDES makes new keys for a suite: the one the other side offered, or
// Suites[0] to offer.
func NewSDES(tag int, suite string) *SDES {
	s := &SDES{Tag: tag, Suite: suite}
	_, _ = rand.Read(s.key[:]) // it does not fail: crypto/rand
	return s
}

// Keys are the master key (16 bytes) and the master salt (14).
func (s *SDES) Keys() (key, salt []byte) { return s.key[:16], s.key[16:] }

// Format keeps the key from every verb of fmt.
func (s *SDES) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "[key]") }

// line is the value of a=crypto.
func (s *SDES) line() string {
	return fmt.Sprintf("%d %s inline:%s", s.Tag, s.Suite, base64.StdEncoding.EncodeToString(s.key[:]))
}
