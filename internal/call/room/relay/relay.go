// Package relay carries browsers' media where a network lets nothing else
// through: TURN (RFC 8656) over UDP, TCP and TLS.
//
// What comes in: a client that shows a name and password made here, good for
// a few hours, which the page of a call was given. What goes out: its packets
// to our own media port, and the answers. It must never carry anything to or
// from anywhere else: it has no socket that could, for it sends only to the
// one address it was made with. It knows no call, and logs nobody's address.
package relay

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // TURN's time-limited passwords are HMAC-SHA1, which browsers and coturn know
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
	"golang.org/x/net/netutil"

	"heartwood/internal/fault"
)

// Config says where the relay listens and what it relays to.
type Config struct {
	Listen  netip.AddrPort   // UDP and TCP
	TLS     netip.AddrPort   // TLS; the zero value for none
	Secure  *tls.Config      // with TLS's certificate
	Realm   string           // this installation's name
	Secret  []byte           // of which passwords are made; at least 16 bytes
	Media   netip.AddrPort   // the port that browsers' media go to, as it is on this machine
	Known   []netip.AddrPort // and as browsers know it; empty when it is the same
	Life    time.Duration    // for which a password is good; 4 h when zero, longer than any consultation
	Each    int              // relays one user may have at a time; 4 when zero
	Rate    int              // bytes a second each way of one relay; 500,000 when zero
	Clients int              // TCP and TLS connections at a time; 1,000 when zero
}

// Relay is running from New until Close.
type Relay struct {
	cfg    Config
	server *turn.Server
	udp    net.PacketConn
	lists  []net.Listener

	mu   sync.Mutex // protects the field below
	uses map[string]int
}

// New opens the ports.
func New(cfg Config) (*Relay, error) {
	r := &Relay{cfg: withDefaults(cfg), uses: map[string]int{}}
	if len(cfg.Secret) < 16 || !cfg.Media.IsValid() {
		return nil, fault.New(fault.Invalid, "A relay needs a secret of 16 bytes and the port of its media.")
	}
	if err := r.listen(); err != nil {
		return nil, errors.Join(fault.Wrap(err, fault.Internal, "The relay's ports cannot be opened."), r.release())
	}
	var err error
	if r.server, err = turn.NewServer(r.config()); err != nil {
		return nil, errors.Join(fault.Wrap(err, fault.Internal, "The relay cannot be started."), r.release())
	}
	return r, nil
}

func withDefaults(c Config) Config {
	c.Life = or(c.Life, 4*time.Hour)
	c.Each = or(c.Each, 4)
	c.Rate = or(c.Rate, 500_000)
	c.Clients = or(c.Clients, 1000)
	if len(c.Known) == 0 {
		c.Known = []netip.AddrPort{c.Media}
	}
	if c.Media.Addr().IsUnspecified() {
		c.Media = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), c.Media.Port())
	}
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (r *Relay) listen() (err error) {
	if r.udp, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(r.cfg.Listen)); err != nil {
		return err
	}
	// The same port for TCP, also where any port was asked for.
	at := r.Addr()
	tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if err != nil {
		return err
	}
	r.lists = append(r.lists, netutil.LimitListener(tcp, r.cfg.Clients))
	if !r.cfg.TLS.IsValid() {
		return nil
	}
	secure, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(r.cfg.TLS))
	if err != nil {
		return err
	}
	r.lists = append(r.lists, tls.NewListener(netutil.LimitListener(secure, r.cfg.Clients), r.cfg.Secure))
	return nil
}

func (r *Relay) config() turn.ServerConfig {
	quiet := &logging.DefaultLoggerFactory{Writer: io.Discard}
	c := turn.ServerConfig{
		LoggerFactory: quiet,
		Realm:         r.cfg.Realm,
		AuthHandler:   turn.LongTermTURNRESTAuthHandler(string(r.cfg.Secret), quiet.NewLogger("turn")),
		QuotaHandler:  func(name, _ string, _ net.Addr) bool { return r.mayHaveMore(user(name)) },
		EventHandler: turn.EventHandler{
			OnAllocationCreated: func(_, _ net.Addr, _, name, _ string, _ net.Addr, _ int) { r.count(user(name), 1) },
			OnAllocationDeleted: func(_, _ net.Addr, _, name, _ string) { r.count(user(name), -1) },
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: r.udp, RelayAddressGenerator: r, PermissionHandler: r.may}},
	}
	for _, l := range r.lists {
		c.ListenerConfigs = append(c.ListenerConfigs, turn.ListenerConfig{Listener: l, RelayAddressGenerator: r, PermissionHandler: r.may})
	}
	return c
}

// Addr is the address that is listened on, by UDP and TCP.
func (r *Relay) Addr() netip.AddrPort { return r.udp.LocalAddr().(*net.UDPAddr).AddrPort() }

// Secured is the address that is listened on by TLS, if it is.
func (r *Relay) Secured() netip.AddrPort {
	if len(r.lists) < 2 {
		return netip.AddrPort{}
	}
	return r.lists[1].Addr().(*net.TCPAddr).AddrPort()
}

// Pass makes the name and password by which a user may relay until they run
// out. user is an id without a colon; it must say nothing of who it is.
func (r *Relay) Pass(user string, now time.Time) (name, password string) {
	name = strconv.FormatInt(now.Add(r.cfg.Life).Unix(), 10) + ":" + user
	mac := hmac.New(sha1.New, r.cfg.Secret)
	mac.Write([]byte(name))
	return name, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// user is who a name stands for, with or without its time.
func user(name string) string {
	_, u, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	return u
}

func (r *Relay) mayHaveMore(user string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.uses[user] < r.cfg.Each
}

func (r *Relay) count(user string, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uses[user] += by; r.uses[user] <= 0 {
		delete(r.uses, user)
	}
}

// may tells whether a client may ask for packets of an address.
func (r *Relay) may(_ net.Addr, peer net.IP) bool {
	a, _ := netip.AddrFromSlice(peer)
	for _, k := range r.cfg.Known {
		if k.Addr().Unmap() == a.Unmap() {
			return true
		}
	}
	return false
}

// Close gives the ports back and ends what is relayed.
func (r *Relay) Close() error { return r.server.Close() }

func (r *Relay) release() (err error) {
	if r.udp != nil {
		err = r.udp.Close()
	}
	for _, l := range r.lists {
		err = errors.Join(err, l.Close())
	}
	return err
}
