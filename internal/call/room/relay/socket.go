package relay

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/pion/turn/v5"
	"golang.org/x/time/rate"

	"heartwood/internal/fault"
)

// Validate is part of turn.RelayAddressGenerator, like the names below.
func (r *Relay) Validate() error { return nil }

// AllocatePacketConn opens a socket that reaches our media and nothing else.
func (r *Relay) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if strings.HasSuffix(c.Network, "6") != r.cfg.Media.Addr().Is6() {
		return nil, nil, fault.New(fault.Unsupported, "The relay has no address of that family.")
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.cfg.Media.Addr(), 0)))
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Busy, "The relay has no port left.")
	}
	s := &socket{UDPConn: conn, media: r.cfg.Media, known: r.cfg.Known}
	s.in, s.out = rate.NewLimiter(rate.Limit(r.cfg.Rate), r.cfg.Rate), rate.NewLimiter(rate.Limit(r.cfg.Rate), r.cfg.Rate)
	// Browsers know this address by a name they can use; packets come only from ours.
	seen := netip.AddrPortFrom(r.cfg.Known[0].Addr(), conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	return s, net.UDPAddrFromAddrPort(seen), nil
}

// AllocateListener is refused: nothing of ours is relayed to by TCP.
func (r *Relay) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, fault.New(fault.Unsupported, "The relay carries UDP only.")
}

// AllocateConn is refused as well.
func (r *Relay) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) {
	return nil, fault.New(fault.Unsupported, "The relay carries UDP only.")
}

// socket is one client's way to our media. Whatever address it is told of, it
// sends to that port only, and hears that port only.
type socket struct {
	*net.UDPConn
	media   netip.AddrPort
	known   []netip.AddrPort
	in, out *rate.Limiter
}

// WriteTo sends to our media when they are meant. All else, and what is too
// much, is dropped as a network would.
func (s *socket) WriteTo(b []byte, to net.Addr) (int, error) {
	u, ok := to.(*net.UDPAddr)
	if !ok || !s.knows(u.AddrPort()) || !s.out.AllowN(time.Now(), len(b)) {
		return len(b), nil
	}
	return s.WriteToUDPAddrPort(b, s.media)
}

// ReadFrom hears our media, under the name by which the client knows them.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.ReadFromUDPAddrPort(b)
		if err != nil {
			return 0, nil, err
		}
		if netip.AddrPortFrom(from.Addr().Unmap(), from.Port()) == s.media && s.in.AllowN(time.Now(), n) {
			return n, net.UDPAddrFromAddrPort(s.known[0]), nil
		}
	}
}

func (s *socket) knows(a netip.AddrPort) bool {
	for _, k := range s.known {
		if k.Port() == a.Port() && k.Addr().Unmap() == a.Addr().Unmap() {
			return true
		}
	}
	return false
}
