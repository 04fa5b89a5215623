package sip

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"heartwood/internal/fault"
)

// Call is one call over a trunk. One goroutine owns all of it: what comes from
// the network, from timers and from the exchange is put into its box and done
// there, one at a time. The methods may be called from any goroutine but never
// wait for the other side: what that did comes as an Event.
type Call struct {
	server   *Server
	id       string
	outgoing bool
	from     Caller
	to       string
	box      box
	events   chan Event
	done     chan struct{}

	mu     sync.Mutex // protects what other goroutines may read
	trunk  *trunk
	remote Media

	// The goroutine's own.
	state    state
	endedBy  Who
	dialog   *dialog
	invite   *sip.Request  // the INVITE that began the call, where it came in
	tx       *sip.ServerTx // its transaction
	offered  description   // what the other side last offered
	local    Media
	writer   writer
	unacked  *unacked
	hangs    bool // the exchange wants it to end as soon as the ACK is there
	holds    bool // we have put the other side on hold
	timers   map[string]*time.Timer
	open     int // transactions of ours that have yet to report
	session  session
	renewal  *renewal
	next     *Media // what to offer when the renewal is over
	referral *Referral
	referred bool // we sent REFER: NOTIFY is expected
	dialling *dialling
}

type state uint8

const (
	early   state = iota // not yet answered
	waiting              // we answered; the ACK has not come
	up
	over
)

var errOver = fault.New(fault.Gone, "The call has ended.")

func newCall(s *Server, t *trunk) *Call {
	return &Call{
		server: s, trunk: t, id: rand32(), events: make(chan Event, 64), done: make(chan struct{}),
		box: box{wake: make(chan struct{}, 1)}, timers: map[string]*time.Timer{},
		writer: writer{id: uint64(time.Now().UnixNano())},
	}
}

// ID is the call's name with us: not the Call-ID, which the other side may choose.
func (c *Call) ID() string { return c.id }

// Outgoing tells whether we dialled.
func (c *Call) Outgoing() bool { return c.outgoing }

// From is who calls: for a call of ours, the number we show.
func (c *Call) From() Caller { return c.from }

// To is the number that was dialled, in E.164 form.
func (c *Call) To() string { return c.to }

// Trunk is the name of the trunk the call goes over, or is tried on.
func (c *Call) Trunk() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trunk.Name
}

// Remote is what the other side last said that it wants. It is zero while a
// call without an offer is not yet acknowledged.
func (c *Call) Remote() Media {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remote
}

// Events are what happens to the call; they end with Ended. Whoever has a call
// reads them: with 63 unread the call is hung up.
func (c *Call) Events() <-chan Event { return c.events }

// Hang ends the call, whatever state it is in: a caller who was not answered
// is told that we are busy, a call of ours is cancelled, any other gets BYE.
func (c *Call) Hang() { c.post(func() { c.hang(Us, 0) }) }

// abandon forgets the call without another word.
func (c *Call) abandon() {
	c.post(func() {
		c.finish(Ended{By: Us})
		c.open = 0
	})
}

func (c *Call) run() {
	for c.state != over || c.open > 0 {
		<-c.box.wake
		for _, f := range c.box.take() {
			f()
		}
	}
	c.server.calls.remove(c.dialog.key())
	for _, f := range c.box.close() { // requests among them still get their answer
		f()
	}
	for name := range c.timers {
		c.clear(name)
	}
	close(c.done)
}

// post has f done on the call's goroutine. It is false when that has ended.
func (c *Call) post(f func()) bool { return c.box.put(f) }

// ask has f done there and waits for what it says.
func (c *Call) ask(f func() error) error {
	said := make(chan error, 1)
	if !c.post(func() { said <- f() }) {
		return errOver
	}
	return <-said
}

// emit tells the exchange. One that does not listen loses the call.
func (c *Call) emit(e Event) {
	if c.state == over {
		return
	}
	if len(c.events) >= cap(c.events)-1 {
		c.server.log.Warn("call hung up: its events are not read", "call", c.id)
		c.hang(Us, 0)
		return
	}
	c.events <- e
}

// finish is the end of the call for the exchange; transactions may still be
// under way.
func (c *Call) finish(e Ended) {
	if c.state == over {
		return
	}
	c.state, c.endedBy = over, e.By
	for name := range c.timers {
		c.clear(name)
	}
	c.stopDialling()
	c.referral.refuse()
	c.server.log.Info("call ended", "call", c.id, "trunk", c.trunk.Name, "by", e.By.String(), "code", e.Code)
	c.events <- e // there is always room for the last: see emit
	close(c.events)
}

// hang ends the call from our side.
func (c *Call) hang(by Who, code int) {
	switch {
	case c.state == over:
	case c.state == early && c.outgoing:
		c.giveUp(by, code)
	case c.state == early:
		c.refuse(by, sip.StatusTemporarilyUnavailable, "Temporarily Unavailable")
	case c.state == waiting && c.unacked != nil && !c.hangs && by != Line: // RFC 3261 §15: not before the ACK
		c.hangs = true
	case c.state == waiting && c.hangs && by != Line:
	default:
		c.bye()
		c.finish(Ended{By: by, Code: code})
	}
}

func (c *Call) bye() {
	c.send(c.request(sip.BYE, c.dialog.seq.Add(1)), func(*sip.Response, error) {})
}

// send sends a request in the dialog; then is done with its final answer.
func (c *Call) send(req *sip.Request, then func(*sip.Response, error)) {
	c.open++
	t, seq := c.trunk, &c.dialog.seq
	c.server.work.Go(func() {
		res, err := c.server.roundTrip(c.server.life, t, req, seq)
		c.post(func() {
			c.open--
			then(res, err)
		})
	})
}

// after has f done once d has passed, unless clear or another after of that
// name comes first.
func (c *Call) after(name string, d time.Duration, f func()) {
	c.clear(name)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		c.post(func() {
			if c.timers[name] == t {
				delete(c.timers, name)
				f()
			}
		})
	})
	c.timers[name] = t
}

func (c *Call) clear(name string) {
	if t := c.timers[name]; t != nil {
		t.Stop()
		delete(c.timers, name)
	}
}

// hears takes over what the other side wants.
func (c *Call) hears(m Media) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remote = m
}

// box is what a call has yet to do. It takes as much as comes, so that nobody
// who puts something into it waits for the call.
type box struct {
	mu     sync.Mutex
	todo   []func()
	wake   chan struct{}
	closed bool
}

func (b *box) put(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.todo = append(b.todo, f)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

func (b *box) take() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	todo := b.todo
	b.todo = nil
	return todo
}

func (b *box) close() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	todo := b.todo
	b.todo = nil
	return todo
}
