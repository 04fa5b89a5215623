package sip

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Trunk is one line to one carrier.
type Trunk struct {
	Name      string // ours, for logs and pages
	Server    string // the carrier's host, or host:port
	Transport string // "udp" (also when empty), "tcp" or "tls"
	Domain    string // what goes after the @ of our address; Server's host when empty
	User      string // our account
	Secret    Secret
	Register  bool           // we register (RFC 3261 §10); otherwise the carrier knows our address
	Expires   time.Duration  // how long a registration is to last; an hour when zero
	Allow     []netip.Prefix // addresses the carrier calls from, beside Server's own
	Challenge bool           // whoever proves to be User by digest is this trunk, from any address
	SRTP      bool           // no call without encryption (RFC 4568), and we offer it
}

// TrunkState is what is known of a trunk at a moment.
type TrunkState struct {
	Name       string
	Up         bool // calls can go out by it
	Registered bool // where it registers
	Since      time.Time
	Why        string // why it is not up
}

func (t Trunk) validate(l Listen) error {
	if _, _, err := t.host(); err != nil {
		return fault.At(fault.Invalid, t.Name, "The trunk's server is not an address or a name.")
	}
	at := map[string]string{"": l.UDP, "udp": l.UDP, "tcp": l.TCP, "tls": "any"}[t.Transport]
	switch {
	case at == "":
		return fault.At(fault.Invalid, t.Name, "The trunk's transport is not one that is listened at.")
	case t.SRTP && t.Transport != "tls":
		return fault.At(fault.Invalid, t.Name, "Keys for SRTP are only sent by TLS.") // RFC 4568 §8
	case (t.Register || t.Challenge) && (t.User == "" || t.Secret.IsZero()):
		return fault.At(fault.Invalid, t.Name, "The trunk needs an account and a secret.")
	}
	return nil
}

func (t Trunk) transport() string {
	if t.Transport == "" {
		return "udp"
	}
	return t.Transport
}

func (t Trunk) host() (string, int, error) {
	host, port, err := net.SplitHostPort(t.Server)
	if err != nil {
		host, port = strings.Trim(t.Server, "[]"), ""
	}
	if port == "" {
		port = strconv.Itoa(sip.DefaultPort(t.transport()))
	}
	n, err := strconv.Atoi(port)
	if host == "" || err != nil || n < 1 || n > 65535 {
		return "", 0, fault.New(fault.Invalid, "Not an address.")
	}
	return host, n, nil
}

func (t Trunk) domain() string {
	if t.Domain != "" {
		return t.Domain
	}
	host, _, _ := t.host()
	return host
}

// trunk is a Trunk at work.
type trunk struct {
	Trunk
	mu      sync.Mutex // protects what follows
	state   TrunkState
	addrs   []netip.AddrPort // Server's, as last looked up
	lapses  time.Time        // when the registration does
	silent  string           // why it did not answer the last OPTIONS; "" when it did
	refused string           // why it did not register us the last time; "" when it did
}

const notYet = "not yet asked"

func newTrunk(t Trunk) *trunk {
	if t.Expires == 0 {
		t.Expires = time.Hour
	}
	at := &trunk{Trunk: t, state: TrunkState{Name: t.Name, Why: notYet}, silent: notYet}
	if host, port, err := t.host(); err == nil {
		if a, err := netip.ParseAddr(host); err == nil {
			at.addrs = []netip.AddrPort{netip.AddrPortFrom(a.Unmap(), uint16(port))}
		}
	}
	return at
}

func (t *trunk) current() TrunkState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// settle works out the state from what is known, and tells whether it changed.
func (t *trunk) settle(now time.Time) (TrunkState, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.state
	t.state.Registered = now.Before(t.lapses)
	t.state.Up = t.silent == "" && (t.state.Registered || !t.Register)
	switch {
	case t.state.Up:
		t.state.Why = ""
	case t.silent != "":
		t.state.Why = t.silent
	default:
		t.state.Why = t.refused
	}
	if t.state.Up != was.Up || was.Since.IsZero() {
		t.state.Since = now
	}
	return t.state, t.state.Up != was.Up
}

// resolve looks the server's name up again; an address stays as it is. What
// was known stays where nothing is found.
func (t *trunk) resolve(ctx context.Context) {
	host, port, _ := t.host()
	if _, err := netip.ParseAddr(host); err == nil {
		return
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 {
		return
	}
	addrs := make([]netip.AddrPort, len(found))
	for i, a := range found {
		addrs[i] = netip.AddrPortFrom(a.Unmap(), uint16(port))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addrs = addrs
}

// speaksFrom tells whether an address is exactly the server, or one that the
// trunk may speak from.
func (t *trunk) speaksFrom(from netip.AddrPort) (exactly, at bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.addrs {
		exactly = exactly || a == from
		at = at || a.Addr() == from.Addr()
	}
	for _, p := range t.Allow {
		at = at || p.Contains(from.Addr())
	}
	return exactly, at
}

// at is where requests to the trunk go; false before its name is known.
func (t *trunk) at() (netip.AddrPort, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.addrs) == 0 {
		return netip.AddrPort{}, false
	}
	return t.addrs[0], true
}

// destination is how to say to the transport where to go: by TLS to the
// server's name, which its certificate must bear.
func (t *trunk) destination(to netip.AddrPort) string {
	host, port, _ := t.host()
	if exactly, _ := t.speaksFrom(to); exactly && t.transport() == "tls" {
		return net.JoinHostPort(host, strconv.Itoa(port))
	}
	return to.String()
}
