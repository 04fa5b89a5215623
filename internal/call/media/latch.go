package media

import (
	"net/netip"
	"time"
)

// latch decides from whom a leg takes packets and to whom it sends: symmetric
// RTP (RFC 4961), with latching for those behind NAT (RFC 7362). Plain
// latching lets a stranger who sends to the port take over the call, so:
//
//  1. What comes from the address in SDP is taken, always, and answered.
//  2. While nothing was taken yet, another port of the address in SDP is
//     taken at once; another address only where signalling said Anywhere,
//     and after three packets in a row of one source.
//  3. Once somebody was taken, another is a stranger and is not heard,
//     unless signalling speaks (set), or
//     a) the packet was authenticated (SRTP) and is newer than the last: it
//     is followed at once, since a stranger cannot make one; or
//     b) in the clear, the one that was taken has been silent for two
//     seconds, rule 2 allows the address, and three packets in a row go on
//     with the same SSRC where the sequence had come to: 2^32 × 2^5 chances
//     against a stranger who cannot see the call. (Who can see packets in
//     the clear can also forge their address; against that only SRTP helps.)
type latch struct {
	sdp      netip.AddrPort
	anywhere bool
	to       netip.AddrPort // where packets go
	taken    bool
	ssrc     uint32
	seq      uint16
	heard    time.Duration // when the last was taken
	other    candidate
}

// candidate is somebody who is not taken yet.
type candidate struct {
	from netip.AddrPort
	ssrc uint32
	seq  uint16
	n    int
}

const (
	silentFor   = 2 * time.Second
	inARow      = 3
	maxSkipping = 2048 // sequence numbers that a silence may have used up: 40 s
)

// claim is what a packet says of who sent it.
type claim struct {
	from   netip.AddrPort
	ssrc   uint32
	seq    uint16
	proven bool // authenticated by SRTP
}

// set takes the address that signalling names. One that stays keeps whom it
// has taken.
func (l *latch) set(sdp netip.AddrPort, anywhere bool) {
	sdp = netip.AddrPortFrom(sdp.Addr().Unmap(), sdp.Port())
	if sdp == l.sdp && anywhere == l.anywhere {
		return
	}
	*l = latch{sdp: sdp, anywhere: anywhere, to: sdp}
}

// admit tells whether a packet is the other end's, and follows it.
func (l *latch) admit(c claim, now time.Duration) bool {
	if !l.known(c) && !l.follows(c, now) {
		return false
	}
	l.to, l.taken, l.heard, l.other = c.from, true, now, candidate{}
	l.ssrc, l.seq = c.ssrc, c.seq
	return true
}

func (l *latch) known(c claim) bool {
	return c.from == l.sdp || l.taken && c.from == l.to
}

func (l *latch) follows(c claim, now time.Duration) bool {
	switch {
	case l.taken && c.proven:
		return c.ssrc != l.ssrc || int16(c.seq-l.seq) > 0
	case !l.anywhere && c.from.Addr() != l.sdp.Addr():
		return false
	case !l.taken:
		return c.proven || c.from.Addr() == l.sdp.Addr() || l.row(c)
	}
	ahead := c.seq - l.seq
	return now-l.heard >= silentFor && c.ssrc == l.ssrc && ahead > 0 && ahead <= maxSkipping && l.row(c)
}

// row counts packets in a row of one candidate.
func (l *latch) row(c claim) bool {
	o := &l.other
	if o.from != c.from || o.ssrc != c.ssrc || o.seq+1 != c.seq {
		*o = candidate{from: c.from, ssrc: c.ssrc}
	}
	o.seq = c.seq
	o.n++
	return o.n >= inARow
}
