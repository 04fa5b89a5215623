package room_test

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// network stands between browsers and the engine on another address of this
// machine, as a way that can be cut or narrowed.
type network struct {
	front *net.UDPConn
	to    netip.AddrPort
	limit atomic.Int64 // bytes a second to each browser; 0 for no limit

	mu    sync.Mutex // protects all fields below
	flows map[netip.AddrPort]*net.UDPConn
	cut   map[netip.AddrPort]bool
}

var (
	far      = netip.MustParseAddr("127.0.0.2")
	farAddrs = []netip.Addr{far}
)

// openNetwork puts a network before an engine.
func openNetwork(t *testing.T, to netip.AddrPort) *network {
	t.Helper()
	front, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(far, to.Port())))
	if err != nil {
		t.Fatal(err)
	}
	r := &network{front: front, to: to, flows: map[netip.AddrPort]*net.UDPConn{}, cut: map[netip.AddrPort]bool{}}
	over := make(chan struct{})
	go func() { defer close(over); r.carry() }()
	t.Cleanup(func() { front.Close(); <-over; r.close() })
	return r
}

func (r *network) carry() {
	buf := make([]byte, 2048)
	for {
		n, from, err := r.front.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if c := r.flow(from); c != nil {
			c.Write(buf[:n])
		}
	}
}

// flow is the way of one browser through the network, nil where it was cut.
func (r *network) flow(from netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut[from] {
		return nil
	}
	if c := r.flows[from]; c != nil {
		return c
	}
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.to))
	if err != nil {
		return nil
	}
	r.flows[from] = c
	go func() {
		buf := make([]byte, 2048)
		narrow := rate.NewLimiter(rate.Inf, 0)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			if l := r.limit.Load(); l > 0 {
				narrow.SetLimit(rate.Limit(l))
				narrow.SetBurst(int(l / 4)) // a quarter of a second waits, the rest is lost
				if !narrow.AllowN(time.Now(), n) {
					continue
				}
			}
			r.front.WriteToUDPAddrPort(buf[:n], from)
		}
	}()
	return c
}

// cutAll ends all ways there are. A browser must find a new one.
func (r *network) cutAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for from, c := range r.flows {
		c.Close()
		r.cut[from] = true
		delete(r.flows, from)
	}
}

func (r *network) close() {
	r.cutAll()
	time.Sleep(10 * time.Millisecond) // for the readers to see it
}
