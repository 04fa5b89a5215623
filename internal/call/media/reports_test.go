package media

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/udp"
)

// TestReportsGoBothWays lets the other end answer our report, and reads the
// time there and back and the loss there out of it.
func TestReportsGoBothWays(t *testing.T) {
	t.Parallel()
	s := board(t)
	p, conn := callWithReports(t, s)
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
	b := make([]byte, 2000)
	n, _, err := conn.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	came := time.Now()
	packets, err := rtcp.Unmarshal(b[:n])
	if err != nil || rtcp.CompoundPacket(packets).Validate() != nil {
		t.Fatalf("the report is not one: %v, %v", err, rtcp.CompoundPacket(packets).Validate())
	}
	r, ok := packets[0].(*rtcp.SenderReport)
	if !ok || len(r.Reports) != 1 || r.Reports[0].TotalLost != 0 || r.PacketCount == 0 || r.OctetCount != FrameSize*r.PacketCount {
		t.Fatalf("the report is %v", packets[0])
	}
	answer := func(delay time.Duration) []byte {
		out, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 9, Reports: []rtcp.ReceptionReport{{
			SSRC: r.SSRC, FractionLost: 64, LastSenderReport: uint32(r.NTPTime >> 16),
			Delay: uint32(delay * 65536 / time.Second),
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	reports := netip.AddrPortFrom(loopback, p.leg.Port()+1)
	_, _ = conn.WriteToUDPAddrPort([]byte("nonsense"), reports)
	time.Sleep(100 * time.Millisecond)
	_, _ = conn.WriteToUDPAddrPort(answer(time.Since(came)), reports)
	until(t, "the answer was read", func() bool { return p.leg.Quality().FarLost == 0.25 })
	if q := p.leg.Quality(); q.Round < 0 || q.Round > 5*time.Second || q.Refused == 0 {
		t.Errorf("there and back is %v, %d were refused", q.Round, q.Refused)
	}
}

// callWithReports is a call whose telephone has the port beside its own.
func callWithReports(t *testing.T, s *Switchboard) (*phone, *net.UDPConn) {
	t.Helper()
	for range 50 {
		p := call(t, s, Outside, g711.A, 500)
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, p.addr().Port()+1)))
		if err == nil {
			return p, conn
		}
	}
	t.Fatal("of 50 telephones none has the port beside its own")
	return nil, nil
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	l, _ := still(t, nil)
	l.latch.admit(claim{from: signalled}, 0)
	tell := func(from udp.Packet, at time.Duration, r rtcp.ReceptionReport) {
		t.Helper()
		b, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: 9, Reports: []rtcp.ReceptionReport{r}}})
		if err != nil {
			t.Fatal(err)
		}
		from.Data = b
		l.reported(&from, at)
	}
	sent, held := 70_000*time.Second, 300*time.Millisecond // beyond the 18 hours that the middle of a time holds
	r := rtcp.ReceptionReport{SSRC: l.out.ssrc, FractionLost: 128, LastSenderReport: middle(sent), Delay: uint32(held * 65536 / time.Second)}
	tell(udp.Packet{From: attacker}, sent+time.Second, r)
	if l.told.known {
		t.Fatal("a stranger's report was taken")
	}
	tell(udp.Packet{From: signalled}, sent+held+80*time.Millisecond, r)
	if d := l.told.round - 80*time.Millisecond; l.told.farLost != 0.5 || d > time.Millisecond || d < -time.Millisecond {
		t.Errorf("80 ms and half lost are %v and %g", l.told.round, l.told.farLost)
	}
	tell(udp.Packet{From: signalled}, sent, r) // a clock that was set back
	if l.told.round > longestRound {
		t.Errorf("there and back is %v", l.told.round)
	}
	r.SSRC++
	r.FractionLost = 0
	tell(udp.Packet{From: signalled}, sent, r)
	if l.told.farLost != 0.5 {
		t.Error("a report about somebody else was taken")
	}
}

func TestOurReportCountsWhatWasLost(t *testing.T) {
	t.Parallel()
	l, m := still(t, nil)
	s := new(scratch)
	for n := range uint16(100) {
		if n%4 != 3 {
			l.take(s, m, &udp.Packet{Data: rtpPacket(typePCMA, n, uint32(n)*FrameSize, 5, noteFrame(g711.A, 500, 0)), From: signalled})
		}
	}
	b := l.blocks(0)
	if len(b) != 1 || b[0].TotalLost != 24 || b[0].LastSequenceNumber != 98 || b[0].FractionLost != 24*256/99 || b[0].SSRC != 5 {
		t.Errorf("the account is %+v", b)
	}
	if again := l.blocks(0); again[0].FractionLost != 0 || again[0].TotalLost != 24 {
		t.Errorf("the next account is %+v", again)
	}
}
