package sip

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// gate says who may speak to us: addresses of a trunk, and addresses from
// which somebody has proved to be a trunk by digest. Everybody else is a
// stranger. A stranger's datagram is answered by a refusal that does not
// depend on what was asked for, a few times, and then not at all; it reaches
// neither sipgo nor a call, and nothing is kept of it.
type gate struct {
	trunks    []*trunk
	strangers *limiter
	nonces    *nonces

	mu       sync.Mutex
	admitted map[netip.AddrPort]admission
}

type admission struct {
	trunk *trunk
	until time.Time
}

const (
	admittedFor  = time.Hour // after the last that was heard
	mostAdmitted = 1000
)

func newGate(trunks []*trunk) *gate {
	return &gate{trunks: trunks, strangers: newLimiter(), nonces: newNonces(), admitted: map[netip.AddrPort]admission{}}
}

// whose is the trunk that speaks from an address; nil is a stranger. Where
// several trunks share an address, the account that was called tells them apart.
func (g *gate) whose(from netip.AddrPort, account string) *trunk {
	var found *trunk
	for _, t := range g.trunks {
		exactly, at := t.speaksFrom(from)
		switch {
		case exactly:
			return t
		case at && (found == nil || (account != "" && t.User == account)):
			found = t
		}
	}
	if found != nil {
		return found
	}
	return g.admittedAs(from)
}

func (g *gate) admittedAs(from netip.AddrPort) *trunk {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.admitted[from]
	if !ok {
		return nil
	}
	now := time.Now()
	if now.After(a.until) {
		delete(g.admitted, from)
		return nil
	}
	g.admitted[from] = admission{a.trunk, now.Add(admittedFor)}
	return a.trunk
}

func (g *gate) admit(from netip.AddrPort, t *trunk) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for k, a := range g.admitted {
		if now.After(a.until) || len(g.admitted) >= mostAdmitted {
			delete(g.admitted, k)
		}
	}
	g.admitted[from] = admission{t, now.Add(admittedFor)}
}

// challenges tells whether a stranger could prove to be a trunk at all.
func (g *gate) challenges() bool {
	for _, t := range g.trunks {
		if t.Challenge {
			return true
		}
	}
	return false
}

// judge gives the trunk that sent a request, or the refusal to answer it with:
// both nil for what gets no answer.
func (g *gate) judge(req *sip.Request, from netip.AddrPort) (*trunk, *sip.Response) {
	if t := g.whose(from, req.Recipient.User); t != nil {
		return t, nil
	}
	if req.Via() == nil || req.CSeq() == nil || req.IsAck() {
		return nil, nil
	}
	if !g.challenges() || req.IsCancel() {
		return nil, sip.NewResponseFromRequest(req, sip.StatusForbidden, "Forbidden", nil)
	}
	return g.authenticate(req, from)
}

// guarded is the UDP socket behind the gate.
type guarded struct {
	net.PacketConn
	gate  *gate
	ready chan struct{}
	once  sync.Once
	deaf  atomic.Bool // the end has come: nothing more is let in
}

// ReadFrom gives what trunks send, and deals with strangers itself.
func (c *guarded) ReadFrom(b []byte) (int, net.Addr, error) {
	c.once.Do(func() { close(c.ready) })
	for failed := 0; ; {
		n, a, err := c.PacketConn.ReadFrom(b)
		if err != nil {
			if failed++; errors.Is(err, net.ErrClosed) || failed > 100 {
				return n, a, err
			}
			continue // one datagram's failure is not the socket's
		}
		if c.deaf.Load() {
			continue
		}
		from := addrPort(a)
		if c.gate.whose(from, "") != nil || c.stranger(b[:n], from, a) {
			return n, a, nil
		}
	}
}

// stranger refuses a datagram, or says that its sender has proved to be a trunk.
func (c *guarded) stranger(b []byte, from netip.AddrPort, a net.Addr) bool {
	if !c.gate.strangers.allow(from.Addr(), time.Now()) {
		return false
	}
	msg, err := sip.ParseMessage(b)
	req, ok := msg.(*sip.Request)
	if err != nil || !ok {
		return false
	}
	req.SetSource(from.String())
	t, refusal := c.gate.judge(req, from)
	if refusal != nil {
		_, _ = c.WriteTo([]byte(refusal.String()), a)
	}
	return t != nil
}

// guardedListener closes connections of strangers at once, unless they could
// prove to be a trunk; and then lets in only a few.
type guardedListener struct {
	net.Listener
	gate *gate
}

func (l guardedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := addrPort(c.RemoteAddr())
		if l.gate.whose(from, "") != nil || (l.gate.challenges() && l.gate.strangers.allow(from.Addr(), time.Now())) {
			return c, nil
		}
		_ = c.Close()
	}
}
