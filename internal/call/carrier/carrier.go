// Package carrier is a telephone company of two lines: what the demonstration
// and the tests ring the practice by.
//
// What comes in: REGISTER from the accounts it knows, with digest (RFC 3261
// §10, §22), and their calls. What goes out: each call to the account that has
// the number, as a back-to-back user agent that passes the descriptions of the
// media on unchanged, so that audio goes directly between the two. SIP is real,
// over UDP.
//
// It must never be run where others can reach it: it knows no limits, no
// emergency calls and no charges. It listens on the loopback only.
package carrier

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Account is a line.
type Account struct {
	User     string
	Password string
	Numbers  []string // in E.164 form; the first is shown when it calls
}

// Carrier connects its accounts.
type Carrier struct {
	accounts []Account
	conn     net.PacketConn
	ua       *sipgo.UserAgent
	server   *sipgo.Server
	ends     sipgo.DialogUA

	mu       sync.Mutex         // protects what follows
	bindings map[string]binding // by user
	legs     map[string]*leg    // by dialogue
	nonces   map[string]time.Time
	work     sync.WaitGroup
}

// binding is where an account can be called.
type binding struct {
	contact sip.Uri
	at      netip.AddrPort
	until   time.Time
}

// New listens at an address of the loopback.
func New(listen string, accounts []Account) (*Carrier, error) {
	at, err := netip.ParseAddrPort(listen)
	if err != nil || !at.Addr().IsLoopback() {
		return nil, fault.New(fault.Invalid, "The demonstration's carrier listens on the loopback only.")
	}
	conn, err := net.ListenPacket("udp", listen)
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The demonstration's carrier cannot listen.")
	}
	c := &Carrier{accounts: accounts, conn: conn, bindings: map[string]binding{}, legs: map[string]*leg{}, nonces: map[string]time.Time{}}
	if err := c.open(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Carrier) open() error {
	quiet := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("carrier"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet)))
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The demonstration's carrier does not start.")
	}
	c.ua = ua
	at := c.Addr()
	client, err := sipgo.NewClient(ua, sipgo.WithClientLogger(quiet), sipgo.WithClientHostname(at.Addr().String()), sipgo.WithClientPort(int(at.Port())), sipgo.WithClientConnectionAddr(at.String()))
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The demonstration's carrier does not start.")
	}
	if c.server, err = sipgo.NewServer(ua, sipgo.WithServerLogger(quiet)); err != nil {
		return fault.Wrap(err, fault.Internal, "The demonstration's carrier does not start.")
	}
	c.ends = sipgo.DialogUA{Client: client, ContactHDR: sip.ContactHeader{
		Address: sip.Uri{Scheme: "sip", User: "carrier", Host: at.Addr().String(), Port: int(at.Port())},
	}}
	c.route()
	return nil
}

func (c *Carrier) route() {
	c.server.OnRegister(c.register)
	c.server.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) { say(req, tx, 200, "OK") })
	c.server.OnInvite(c.invite)
	c.server.OnAck(c.ack)
	c.server.OnBye(c.bye)
	c.server.OnInfo(c.pass)
	c.server.OnUpdate(c.pass)
}

// Addr is where it listens.
func (c *Carrier) Addr() netip.AddrPort { return c.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// Run connects calls until ctx ends.
func (c *Carrier) Run(ctx context.Context) error {
	c.work.Go(func() { _ = c.server.ServeUDP(c.conn) }) // it ends with the socket
	<-ctx.Done()
	c.mu.Lock()
	for _, l := range c.legs {
		l.stop()
	}
	c.mu.Unlock()
	err := c.conn.Close()
	_ = c.ua.Close() // its socket is closed
	c.work.Wait()
	return err
}

// Registered tells whether an account can be called.
func (c *Carrier) Registered(user string) bool {
	_, ok := c.bound(user)
	return ok
}

func (c *Carrier) bound(user string) (binding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.bindings[user]
	return b, ok && time.Now().Before(b.until)
}

func say(req *sip.Request, tx sip.ServerTransaction, code int, reason string, headers ...sip.Header) {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	for _, h := range headers {
		res.AppendHeader(h)
	}
	_ = tx.Respond(res) // one who is gone does not miss it
}
