package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// idle is how long a TCP or TLS connection may say nothing. Trunks are asked
// for a sign of life more often than that.
const idle = 3 * time.Minute

// connecting is how long a TCP or TLS connection may take to come about.
const connecting = 10 * time.Second

// network is the sockets, and sipgo's transports and transactions over them.
type network struct {
	conf    Config
	packets *guarded // UDP
	streams map[string]net.Listener
	layer   *sip.TransportLayer
	tx      *sip.TransactionLayer

	mu     sync.RWMutex // held to send; sipgo would open a new socket where ours is closed
	closed bool
}

// hush is done once: sipgo logs what it cannot parse, and with it numbers and
// names; and it refuses to send what is longer than an Ethernet frame, which
// with five Vias and a description of media is soon the case. Such a datagram
// goes in fragments.
var hush = sync.OnceFunc(func() {
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler))
	sip.UDPMTUSize = 16_384
})

func listen(conf Config, g *gate) (*network, error) {
	hush()
	n := &network{conf: conf, streams: map[string]net.Listener{}}
	if err := n.open(g); err != nil {
		return nil, errors.Join(err, n.closeSockets())
	}
	quiet := slog.New(slog.DiscardHandler)
	n.layer = sip.NewTransportLayer(net.DefaultResolver, sip.NewParser(), conf.Client,
		sip.WithTransportLayerLogger(quiet),
		sip.WithTransportLayerTransports(sip.TransportsConfig{
			TCP: &sip.TransportTCP{ReadTimeout: idle, WriteTimeout: idle},
			TLS: &sip.TransportTLS{TransportTCP: &sip.TransportTCP{ReadTimeout: idle, WriteTimeout: idle}},
		}))
	n.tx = sip.NewTransactionLayer(n.layer, sip.WithTransactionLayerLogger(quiet),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}))
	return n, nil
}

func (n *network) open(g *gate) error {
	if at := n.conf.Listen.UDP; at != "" {
		c, err := net.ListenPacket("udp", at)
		if err != nil {
			return cannot(err, "UDP")
		}
		n.packets = &guarded{PacketConn: c, gate: g, ready: make(chan struct{})}
	}
	if at := n.conf.Listen.TCP; at != "" {
		l, err := net.Listen("tcp", at)
		if err != nil {
			return cannot(err, "TCP")
		}
		n.streams["tcp"] = guardedListener{l, g}
	}
	if at := n.conf.Listen.TLS; at != "" {
		if n.conf.Server == nil {
			return fault.New(fault.Invalid, "Listening by TLS needs a certificate.")
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			return cannot(err, "TLS")
		}
		n.streams["tls"] = tls.NewListener(guardedListener{l, g}, n.conf.Server)
	}
	return nil
}

func cannot(err error, how string) error {
	return fault.Wrap(err, fault.Busy, "The telephone line cannot listen by %s.", how)
}

// serve starts to hand requests to handle. It returns when requests can be
// sent, too.
func (n *network) serve(work *sync.WaitGroup, handle func(*sip.Request, *sip.ServerTx)) {
	n.tx.OnRequest(func(req *sip.Request, tx *sip.ServerTx) { handle(req, tx) })
	if n.packets != nil {
		work.Go(func() { _ = n.layer.ServeUDP(n.packets) }) // it ends when the socket is closed
		<-n.packets.ready
	}
	if l := n.streams["tcp"]; l != nil {
		work.Go(func() { _ = n.layer.ServeTCP(l) })
	}
	if l := n.streams["tls"]; l != nil {
		work.Go(func() { _ = n.layer.ServeTLS(l) })
	}
}

// settling is how long requests that were read have to find their connection
// before it is closed. One that finds none makes sipgo open a new one.
const settling = 20 * time.Millisecond

// close ends everything.
func (n *network) close(work *sync.WaitGroup) error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	if n.packets != nil {
		n.packets.deaf.Store(true)
	}
	time.Sleep(settling)
	err := n.closeSockets()
	n.tx.Close()
	_ = n.layer.Close() // connections that are closed already
	work.Wait()
	_ = n.layer.Close() // those that were opened since
	return err
}

func (n *network) closeSockets() error {
	var all []error
	if n.packets != nil {
		all = append(all, n.packets.Close())
	}
	for _, l := range n.streams {
		all = append(all, l.Close())
	}
	err := errors.Join(all...)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (n *network) addr(transport string) net.Addr {
	if transport == "udp" {
		if n.packets == nil {
			return nil
		}
		return n.packets.LocalAddr()
	}
	if l := n.streams[transport]; l != nil {
		return l.Addr()
	}
	return nil
}

// self is the host and port that we give in Via and Contact to somebody at to
// (RFC 3261 §18.1.1).
func (n *network) self(transport string, to netip.AddrPort) (host string, port int) {
	ours := netip.AddrPort{}
	if a := n.addr(transport); a != nil {
		ours = addrPort(a)
	}
	port = int(ours.Port())
	if port == 0 {
		port = sip.DefaultPort(transport)
	}
	switch {
	case n.conf.External.IsValid():
		return n.conf.External.String(), port
	case ours.Addr().IsValid() && !ours.Addr().IsUnspecified():
		return ours.Addr().String(), port
	}
	return towards(to), port
}

// towards is the address of ours from which packets to to go out. Nothing is
// sent to find it.
func towards(to netip.AddrPort) string {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return "127.0.0.1"
	}
	defer func() { _ = c.Close() }()
	return addrPort(c.LocalAddr()).Addr().String()
}

// fromHere makes a UDP request leave from the port we listen at.
func (n *network) fromHere(req *sip.Request) {
	if n.packets == nil || req.Transport() != "UDP" {
		return
	}
	a := n.packets.LocalAddr().(*net.UDPAddr)
	req.Laddr = sip.Addr{IP: a.IP, Port: a.Port}
}

// start sends a request that begins a transaction.
func (n *network) start(ctx context.Context, req *sip.Request) (*sip.ClientTx, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		return nil, fault.New(fault.Busy, "The telephone line is closed.")
	}
	n.fromHere(req)
	ctx, cancel := context.WithTimeout(ctx, connecting) // for the connection; the transaction has its own timers
	defer cancel()
	tx, err := n.tx.Request(ctx, req)
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The trunk cannot be reached.")
	}
	return tx, nil
}

// write sends an ACK, which has no transaction (RFC 3261 §17.1.1.3).
func (n *network) write(req *sip.Request) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		return
	}
	n.fromHere(req)
	_ = n.layer.WriteMsg(req) // a lost ACK is asked for again
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	default:
		ap, _ = netip.ParseAddrPort(a.String())
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
