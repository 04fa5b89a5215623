// Package exchange is the telephone of the practices that this process
// serves: it takes calls from the trunks, does what each practice's plan says
// with them, rings the browsers of people who are ready, and joins them.
//
// What comes in: calls of call/sip, what staff do at their telephones (Seat),
// what callflow decides. What goes out: sound by call/media and call/room, and
// every step of every call in the practice's record, before it is acted on.
// One goroutine, the board, owns all calls of one practice: nothing about
// them is shared, so two people never get the same caller. It must never ring
// a browser that is not there, never dial because of anything from outside,
// never lose a caller's place, and never write a number or a name to a log.
package exchange

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"heartwood/internal/call/media"
	"heartwood/internal/call/room"
	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Config is what the exchange works with.
type Config struct {
	Store *record.Store
	Calls *callflow.Service
	SIP   sip.Config // Ours is the exchange's to say
	Media *media.Switchboard
	Rooms *room.Engine
	// Address is where telephones send their sound, as SDP names it.
	Address netip.Addr
	// Host names this process among those that share a record, the same after
	// it has been started again: then the calls of its last life are cut off.
	Host string
	Slog *slog.Logger
}

// Exchange runs the telephones. Make it with New, and let it Run.
type Exchange struct {
	Config
	server  *sip.Server
	mu      sync.Mutex
	boards  map[ident.ODS]*board // protected by mu
	numbers map[string]ident.ODS // protected by mu: whose a number is
	ctx     context.Context      // of Run; nil before
	wg      sync.WaitGroup
}

// lookAgain is how often it looks whose numbers are whose.
const lookAgain = 10 * time.Second

// New makes an exchange, which listens to the trunks; calls are taken by Run.
func New(c Config) (x *Exchange, err error) {
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	x = &Exchange{Config: c, boards: map[ident.ODS]*board{}, numbers: map[string]ident.ODS{}}
	c.SIP.Ours = func(number string) bool { _, ok := x.whose(number); return ok }
	x.server, err = sip.New(c.SIP)
	return x, err
}

// Server is the signalling, for its addresses.
func (x *Exchange) Server() *sip.Server { return x.server }

func (x *Exchange) whose(number string) (ident.ODS, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ods, ok := x.numbers[number]
	return ods, ok
}

// trunkTrouble is why no calls come, "" when they can.
func (x *Exchange) trunkTrouble() string {
	all := x.server.State()
	if len(all) == 0 || slices.ContainsFunc(all, func(t sip.TrunkState) bool { return t.Up }) {
		return ""
	}
	return "No calls can come in: the telephone line is down"
}

// Run takes calls until the context ends. Then callers who wait are told
// nothing and cut off, with their places kept.
func (x *Exchange) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer x.wg.Wait()
	defer stop()
	x.mu.Lock()
	x.ctx = ctx
	x.mu.Unlock()
	if err := x.lookUp(ctx); err != nil {
		x.Slog.Error("exchange: numbers cannot be read", "error", err)
	}
	x.wg.Go(func() { x.follow(ctx) })
	x.wg.Go(func() { _ = x.Media.Run(ctx) })
	return x.server.Run(ctx, x.incoming)
}

// follow keeps whose numbers are whose.
func (x *Exchange) follow(ctx context.Context) {
	every := time.NewTicker(lookAgain)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := x.lookUp(ctx); err != nil && ctx.Err() == nil {
				x.Slog.Error("exchange: numbers cannot be read", "error", err)
			}
		}
	}
}

// lookUp reads the plans of all practices. A number that two practices claim
// belongs to the one that had it first.
func (x *Exchange) lookUp(ctx context.Context) error {
	all, err := x.Store.Practices(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, ods := range all {
		b, err := x.board(ods)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		plan, err := callflow.Load(ctx, b.practice)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		x.claim(ods, plan)
		b.tell(func() { b.plan = plan })
	}
	return errors.Join(errs...)
}

func (x *Exchange) claim(ods ident.ODS, plan callflow.Plan) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for n, whose := range x.numbers {
		if whose == ods {
			delete(x.numbers, n)
		}
	}
	for _, n := range plan.Numbers {
		if _, taken := x.numbers[n.E164]; !taken {
			x.numbers[n.E164] = ods
		}
	}
}

// board gives a practice's board, starting it the first time.
func (x *Exchange) board(ods ident.ODS) (*board, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if b := x.boards[ods]; b != nil {
		return b, nil
	}
	if x.ctx == nil {
		return nil, fault.New(fault.Busy, "The telephone is not running yet.")
	}
	p, err := x.Store.Practice(ods)
	if err != nil {
		return nil, err
	}
	b := newBoard(x.ctx, x, p)
	x.boards[ods] = b
	x.wg.Go(func() { b.run(x.ctx) })
	return b, nil
}

// incoming is one call from a trunk, on a goroutine of its own until it ends.
func (x *Exchange) incoming(c *sip.Call) {
	ods, known := x.whose(c.To())
	if !known {
		_ = c.Reject(404)
		return
	}
	b, err := x.board(ods)
	if err != nil {
		_ = c.Reject(503)
		return
	}
	b.takes(c)
}
