// Package sip is the practice's telephone line: trunks to carriers, and the
// signalling of each call that comes in or goes out over them.
//
// What comes in: SIP (RFC 3261) over UDP, TCP and TLS from the carriers that
// are configured, and the exchange's wishes for a call (ring, answer, hold,
// hang up, dial). What goes out: each call as a *Call, which says in events
// what the other side did, and what was agreed about its media (an address, a
// codec, keys). Media itself passes elsewhere.
//
// It must never dial because somebody outside asked for it, answer a stranger
// with more than a refusal, look up a name or send to an address that a
// message names and the trunk does not have, show a number that its caller
// withheld, or write a number, a name or a secret to the log.
//
// One goroutine owns each call (see Call). What is decided from a message
// alone is a pure function: numbers (number.go, caller.go, rule.go), media
// (offer.go, describe.go) and who may speak (gate.go).
package sip

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Config is what a Server needs to know.
type Config struct {
	Listen    Listen
	External  netip.Addr        // what we say our address is, where that is not the one we listen at
	Server    *tls.Config       // our certificate, where Listen.TLS is set
	Client    *tls.Config       // whom we trust when we connect by TLS; nil is the system's roots
	Trunks    []Trunk           // the order is the order of preference
	Ours      func(string) bool // whether an E.164 number is one we answer
	Dialling  Rule              // which numbers may be dialled beside the ordinary ones
	Session   time.Duration     // session timer (RFC 4028); 30 minutes when zero, at least 90 seconds but in tests
	Patience  time.Duration     // how long a trunk may say nothing to a call before the next is tried; 5 s when zero
	KeepAlive time.Duration     // between two OPTIONS to a trunk; 30 s when zero
	Calls     int               // how many calls there may be at once; 500 when zero
	Log       *slog.Logger      // nil is slog.Default
}

// Listen are the addresses to listen at; an empty one is not listened at.
type Listen struct{ UDP, TCP, TLS string }

// Server speaks SIP for the exchange.
type Server struct {
	conf    Config
	log     *slog.Logger
	net     *network
	gate    *gate
	trunks  []*trunk
	answer  func(*Call)
	calls   calls
	work    sync.WaitGroup  // everything that Run waits for
	running chan struct{}   // closed when Run has begun
	life    context.Context // of transactions: they have timers of their own, and end with the network
}

// New listens; nothing is answered until Run. Close gives the addresses back
// where Run is never called.
func New(conf Config) (*Server, error) {
	conf = conf.withDefaults()
	if err := conf.validate(); err != nil {
		return nil, err
	}
	s := &Server{conf: conf, log: conf.Log, life: context.Background(), running: make(chan struct{})}
	s.calls.init()
	for _, t := range conf.Trunks {
		s.trunks = append(s.trunks, newTrunk(t))
	}
	s.gate = newGate(s.trunks)
	n, err := listen(conf, s.gate)
	if err != nil {
		return nil, err
	}
	s.net = n
	return s, nil
}

// Run answers until ctx ends: answer gets each call that is for one of our
// numbers, on a goroutine of its own. It returns when every call has been hung
// up and no goroutine is left.
func (s *Server) Run(ctx context.Context, answer func(*Call)) error {
	s.answer = answer
	s.net.serve(&s.work, s.request)
	close(s.running)
	var keepers sync.WaitGroup
	for _, t := range s.trunks {
		keepers.Go(func() { s.keep(ctx, t) })
	}
	<-ctx.Done()
	s.calls.hangAll(2 * sip.T1)
	keepers.Wait()
	return s.Close()
}

// Close stops listening. Run does so itself.
func (s *Server) Close() error { return s.net.close(&s.work) }

// Addr is where the server listens by "udp", "tcp" or "tls"; nil where it does not.
func (s *Server) Addr(transport string) net.Addr { return s.net.addr(transport) }

// State says of every trunk whether calls can go by it.
func (s *Server) State() []TrunkState {
	all := make([]TrunkState, len(s.trunks))
	for i, t := range s.trunks {
		all[i] = t.current()
	}
	return all
}

func (c Config) withDefaults() Config {
	orDefault(&c.Session, 30*time.Minute)
	orDefault(&c.Patience, 5*time.Second)
	orDefault(&c.KeepAlive, 30*time.Second)
	orDefault(&c.Calls, 500)
	orDefault(&c.Log, slog.Default())
	if c.Ours == nil {
		c.Ours = func(string) bool { return false }
	}
	return c
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (c Config) validate() error {
	names := map[string]bool{}
	for _, t := range c.Trunks {
		if names[t.Name] || t.Name == "" {
			return fault.At(fault.Invalid, "trunk", "Each trunk needs a name of its own.")
		}
		names[t.Name] = true
		if err := t.validate(c.Listen); err != nil {
			return err
		}
	}
	return nil
}
