package media

import (
	"net/netip"
	"time"

	"github.com/pion/rtcp"

	"heartwood/internal/call/media/udp"
)

// How often reports are looked for and sent, in beats. Five seconds is the
// least that RFC 3550 (6.2) allows without counting bandwidth.
const (
	reportsLookedFor = 25
	reportsSent      = int64(5 * time.Second / beatTime)
	longestRound     = 10 * time.Second // more is a clock that was set
)

// reports is what a leg and its other end tell each other of the line
// (RFC 3550, 6.4).
type reports struct {
	expected, received uint64        // when the last report went
	packets            uint32        // sent until then
	theirs             uint32        // the middle of their last sender report's time
	came               time.Duration // and when it came
	round              time.Duration
	farLost            float64
	known              bool // the other end has reported
}

// report looks for reports and sends ours when they are due.
func (l *Leg) report(c *clock, m *Mix, beat int64) {
	if !l.connected {
		return
	}
	beat += int64(l.out.ssrc % uint32(reportsSent)) // not all at once
	if beat%reportsLookedFor == 0 {
		packets := l.pair.RTCP.Receive(c.batch)
		for i := range packets {
			l.reported(&packets[i], c.since(packets[i].At, m.now))
		}
	}
	if beat%reportsSent == 0 && l.latch.taken {
		l.sendReport(time.Since(c.start))
	}
}

// reported takes a report of the other end. What is malformed, not authentic
// or a stranger's is counted and changes nothing else.
func (l *Leg) reported(came *udp.Packet, at time.Duration) {
	b := came.Data
	ok := came.From.Addr() == l.latch.to.Addr()
	if ok && l.cipher != nil {
		b, ok = l.cipher.openReport(b)
	}
	packets, err := rtcp.Unmarshal(b)
	if !ok || err != nil {
		l.in.total.refused++
		return
	}
	for _, p := range packets {
		switch r := p.(type) {
		case *rtcp.SenderReport:
			l.told.theirs, l.told.came = uint32(r.NTPTime>>16), at
			l.heardOf(r.Reports, at)
		case *rtcp.ReceiverReport:
			l.heardOf(r.Reports, at)
		}
	}
}

func (l *Leg) heardOf(blocks []rtcp.ReceptionReport, at time.Duration) {
	for _, b := range blocks {
		if b.SSRC != l.out.ssrc {
			continue
		}
		l.told.farLost, l.told.known = float64(b.FractionLost)/256, true
		if b.LastSenderReport == 0 {
			continue
		}
		round := middle(at) - b.LastSenderReport - b.Delay // wraps as it should
		if d := time.Duration(round) * time.Second / 65536; d < longestRound {
			l.told.round = d
		}
	}
}

// ntp is a time since our start as NTP has it; RFC 3550 (4) allows that.
func ntp(t time.Duration) uint64 {
	s := t / time.Second
	return uint64(s)<<32 | uint64((t-s*time.Second)<<32/time.Second)
}

func middle(t time.Duration) uint32 { return uint32(ntp(t) >> 16) }

func (l *Leg) sendReport(now time.Duration) {
	b, err := rtcp.Marshal([]rtcp.Packet{l.ownReport(now), rtcp.NewCNAMESourceDescription(l.out.ssrc, l.name)})
	if err != nil {
		return
	}
	if l.cipher != nil {
		b = l.cipher.sealReport(b)
	}
	socket, to := l.pair.RTCP, netip.AddrPortFrom(l.latch.to.Addr(), l.latch.to.Port()+1)
	if l.remote.Mux {
		socket, to = l.pair.RTP, l.latch.to
	}
	_ = socket.Send(b, to) // the next one follows in five seconds
}

// ownReport is a sender's report when we have sent something since the last.
func (l *Leg) ownReport(now time.Duration) rtcp.Packet {
	blocks := l.blocks(now)
	if l.out.packets == l.told.packets {
		return &rtcp.ReceiverReport{SSRC: l.out.ssrc, Reports: blocks}
	}
	l.told.packets = l.out.packets
	return &rtcp.SenderReport{
		SSRC: l.out.ssrc, NTPTime: ntp(now), Reports: blocks,
		RTPTime:     l.out.ts + uint32(int64(now-l.out.at)*Rate/int64(time.Second)),
		PacketCount: l.out.packets, OctetCount: l.out.octets,
	}
}

// blocks is the account of what came (RFC 3550, A.3).
func (l *Leg) blocks(now time.Duration) []rtcp.ReceptionReport {
	if !l.in.started {
		return nil
	}
	expected, received := l.in.expected(), l.in.total.received
	due, got := expected-l.told.expected, received-l.told.received
	l.told.expected, l.told.received = expected, received
	b := rtcp.ReceptionReport{
		SSRC: l.in.ssrc, LastSequenceNumber: l.in.highest(), TotalLost: uint32(min(l.in.lost(), 0x7fffff)),
		Jitter: uint32(l.in.jitter), LastSenderReport: l.told.theirs,
	}
	if due > got {
		b.FractionLost = uint8(min((due-got)<<8/due, 255))
	}
	if b.LastSenderReport != 0 {
		b.Delay = uint32((now - l.told.came) * 65536 / time.Second)
	}
	return []rtcp.ReceptionReport{b}
}
