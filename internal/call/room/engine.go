package room

import (
	"errors"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/fault"
)

// Config says where browsers find us.
type Config struct {
	Listen   netip.AddrPort // UDP, one port for every browser; port 0 takes any that is free
	TCP      netip.AddrPort // ICE over TCP, for networks without UDP; the zero value for none
	External []netip.Addr   // by which addresses browsers reach those ports; empty for those of the machine
	Patience time.Duration  // how long a network may be gone before the line is given up; 30 s when zero
	Most     int            // connections at one time; 500 when zero
}

const (
	quiet       = 4 * time.Second // without any packet, the network is taken to be gone
	waiting     = 32              // packets that may wait for one reader of TCP
	socketBytes = 1 << 21         // what the kernel may keep for us while we are busy
)

// Engine holds the ports that all browsers share.
type Engine struct {
	cfg   Config
	addr  netip.AddrPort
	ports []io.Closer
	set   webrtc.SettingEngine
	voice *webrtc.API
	room  *webrtc.API

	mu     sync.Mutex // protects all fields below
	inUse  map[io.Closer]<-chan struct{}
	closed bool
}

// New opens the ports. Close gives them back.
func New(cfg Config) (*Engine, error) {
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	if cfg.Most == 0 {
		cfg.Most = 500
	}
	e := &Engine{cfg: cfg, inUse: map[io.Closer]<-chan struct{}{}}
	// Its words hold people's addresses, so they are not kept.
	e.set.LoggerFactory = &logging.DefaultLoggerFactory{Writer: io.Discard}
	if err := e.listen(); err != nil {
		return nil, errors.Join(err, e.release())
	}
	if err := e.settle(); err != nil {
		return nil, errors.Join(err, e.release())
	}
	return e, nil
}

// listen opens the ports and lets many connections share each.
func (e *Engine) listen() error {
	family, at := e.cfg.family(e.cfg.Listen)
	udp, err := net.ListenUDP("udp"+family, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The UDP port for browsers cannot be opened.")
	}
	// A kernel that allows less gives what it allows.
	_ = udp.SetReadBuffer(socketBytes)
	_ = udp.SetWriteBuffer(socketBytes)
	e.addr = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	shared := webrtc.NewICEUDPMux(e.set.LoggerFactory.NewLogger("ice"), udp)
	e.set.SetICEUDPMux(shared)
	e.ports = append(e.ports, shared)
	e.set.SetNetworkTypes(kinds(family, false))
	if !e.cfg.TCP.IsValid() {
		return nil
	}
	return e.listenTCP()
}

func (e *Engine) listenTCP() error {
	family, at := e.cfg.family(e.cfg.TCP)
	tcp, err := net.ListenTCP("tcp"+family, net.TCPAddrFromAddrPort(at))
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The TCP port for browsers cannot be opened.")
	}
	shared := webrtc.NewICETCPMux(e.set.LoggerFactory.NewLogger("ice"), tcp, waiting)
	e.set.SetICETCPMux(shared)
	e.ports = append(e.ports, shared)
	e.set.SetNetworkTypes(kinds(family, true))
	return nil
}

// family is the sort of address that we are reached by: "4", "6", or "" for
// both. It gives a as well, as an address of that sort.
func (c Config) family(a netip.AddrPort) (string, netip.AddrPort) {
	seen := c.External
	if len(seen) == 0 || !a.Addr().IsUnspecified() {
		seen = []netip.Addr{a.Addr()}
	}
	six := slices.ContainsFunc(seen, func(s netip.Addr) bool { return s.Unmap().Is6() })
	four := slices.ContainsFunc(seen, func(s netip.Addr) bool { return s.Unmap().Is4() })
	switch {
	case four && !six && a.Addr().IsUnspecified():
		return "4", netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port())
	case four && !six:
		return "4", a
	case six && a.Addr() != netip.IPv6Unspecified():
		return "6", a
	}
	return "", a
}

// kinds are the ways by which browsers may come.
func kinds(family string, tcp bool) (ks []webrtc.NetworkType) {
	for k, f := range map[webrtc.NetworkType]string{
		webrtc.NetworkTypeUDP4: "4", webrtc.NetworkTypeUDP6: "6", webrtc.NetworkTypeTCP4: "4", webrtc.NetworkTypeTCP6: "6",
	} {
		if (family == "" || family == f) && (tcp || k == webrtc.NetworkTypeUDP4 || k == webrtc.NetworkTypeUDP6) {
			ks = append(ks, k)
		}
	}
	return ks
}

// settle fixes what is the same for every connection.
func (e *Engine) settle() error {
	e.set.SetLite(true)
	e.set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.set.SetICETimeouts(quiet, e.cfg.Patience, 2*time.Second)
	e.set.SetIncludeLoopbackCandidate(e.cfg.Listen.Addr().IsLoopback())
	e.set.DisableActiveTCP(true)
	err := e.seenAs(e.cfg.External)
	if err != nil {
		return err
	}
	if e.voice, err = voiceAPI(e.set); err != nil {
		return err
	}
	e.room, err = roomAPI(e.set)
	return err
}

// seenAs puts the addresses by which we are reached into every answer.
func (e *Engine) seenAs(external []netip.Addr) error {
	if len(external) == 0 {
		return nil
	}
	rule := webrtc.ICEAddressRewriteRule{AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace}
	for _, a := range external {
		rule.External = append(rule.External, a.Unmap().String())
	}
	if err := e.set.SetICEAddressRewriteRules(rule); err != nil {
		return fault.Wrap(err, fault.Invalid, "The external addresses for browsers cannot be used.")
	}
	return nil
}

// Addr is the UDP address that is listened on.
func (e *Engine) Addr() netip.AddrPort { return e.addr }

// admit counts a connection in, until done is closed.
func (e *Engine) admit(c io.Closer, done <-chan struct{}) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return fault.New(fault.Busy, "Calls are being shut down.")
	case len(e.inUse) >= e.cfg.Most:
		return fault.New(fault.Busy, "Too many calls are open at the moment.")
	}
	e.inUse[c] = done
	return nil
}

func (e *Engine) leave(c io.Closer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.inUse, c)
}

// Close ends every connection, waits for them, and gives the ports back.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	left := maps.Clone(e.inUse)
	e.mu.Unlock()
	for c := range left {
		_ = c.Close() // says only that it has been told
	}
	for _, done := range left {
		<-done
	}
	return e.release()
}

func (e *Engine) release() (err error) {
	for _, p := range e.ports {
		err = errors.Join(err, p.Close())
	}
	return err
}

// registry reports what was received and sent, as RTP's control asks.
func registry() (*interceptor.Registry, error) {
	r := &interceptor.Registry{}
	return r, webrtc.ConfigureRTCPReports(r)
}
