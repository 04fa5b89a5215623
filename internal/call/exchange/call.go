package exchange

import (
	"slices"
	"time"

	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// remembered is how many answered calls an estimate of the wait may rest on.
const remembered = 200

// keepFor is how long a step may take to be kept in the record.
const keepFor = 5 * time.Second

// call is one caller: the state that callflow decides on, the line, and who
// talks to them.
type call struct {
	state  callflow.Call // its ID is there before the call has come
	line   *line
	on     *line            // to a number that the caller was sent on to
	seat   *Seat            // who talks to them
	kept   []callflow.Place // of the number, when it came
	owing  []callflow.Do    // what was to be done with steps that could not be kept
	keys   *time.Timer      // runs while a key is waited for
	within time.Duration    // for a key, from the end of what is said
}

func newCall() *call { return &call{state: callflow.Call{ID: ident.NewID()}} }

// lines are those that it has.
func (c *call) lines() []*line {
	return slices.DeleteFunc([]*line{c.line, c.on}, func(l *line) bool { return l == nil })
}

// takes answers a call and carries what its line tells, until it ends.
func (b *board) takes(c *sip.Call) {
	l, err := newLine(b.x.Media, c)
	if err != nil {
		_ = c.Reject(busy)
		return
	}
	k := newCall()
	k.line = l
	local := l.local(b.x.Address, c.Remote())
	err = l.connect(local, c.Remote())
	if err == nil {
		err = c.Answer(local)
	}
	if err != nil {
		l.close()
		_ = c.Reject(busy)
		return
	}
	b.listen(k, l, local)
}

// busy is what a caller is told whom we cannot take: try again soon.
const busy = 486

// listen has the board know what happens on a line, until it ends.
func (b *board) listen(k *call, l *line, local sip.Media) {
	go func() {
		for d := range l.leg.Digits() {
			b.tell(func() { b.pressed(k, l, byte(d)) })
		}
	}()
	for e := range l.sip.Events() {
		switch e := e.(type) {
		case sip.Answered:
			b.heard(l, local, e.Media)
			b.tell(func() { b.up(k, l) })
		case sip.Held:
			b.heard(l, local, e.Media)
		case sip.Resumed:
			b.heard(l, local, e.Media)
		case sip.Moved:
			b.heard(l, local, e.Media)
		case sip.Digit:
			b.tell(func() { b.pressed(k, l, e.Key) })
		case sip.Ended:
			b.tell(func() { b.down(k, l, e) })
		}
	}
}

// heard tells the leg where the other side is now.
func (b *board) heard(l *line, local, m sip.Media) {
	if err := l.connect(local, m); err != nil {
		b.log("the sound of a call cannot be connected", err)
	}
}

// up is a line that is answered: a caller who has come, or whom we dialled.
func (b *board) up(k *call, l *line) {
	if l.sip.Outgoing() {
		b.through(k, l)
		return
	}
	ctx, done := b.while()
	defer done()
	b.refresh(ctx) // a caller is told what is so now
	from := l.sip.From()
	b.calls[k.state.ID] = k
	b.find(k.state.ID, from.Number)
	k.kept = b.kept(from.Number)
	b.happen(k, callflow.Event{
		What: callflow.Arrived, Call: k.state.ID, From: from.Number, To: l.sip.To(), Withheld: from.Withheld,
	})
	b.hunt()
}

// down is a line that has ended.
func (b *board) down(k *call, l *line, e sip.Ended) {
	l.close()
	what := callflow.HungUp
	switch {
	case l == k.on && k.state.Stage == callflow.Away, l.sip.Outgoing() && k.state.Stage == callflow.Dialled:
		what = callflow.Failed
	case l == k.on && k.state.Stage != callflow.Away:
		return
	case e.By == sip.Line:
		what = callflow.Lost
	}
	b.happen(k, callflow.Event{What: what})
	b.hunt()
}

// pressed is a key of the caller.
func (b *board) pressed(k *call, l *line, key byte) {
	if l != k.line {
		return
	}
	k.stopKeys()
	l.skip()
	b.happen(k, callflow.Event{What: callflow.Digit, Digit: string(rune(key))})
}

// happen moves a call on by an event: decided, kept in the record, done.
func (b *board) happen(c *call, e callflow.Event) {
	if c.state.Stage == callflow.Ended || c.state.Stage == "" && e.What != callflow.Arrived && e.What != callflow.Dialling {
		return
	}
	e.At = b.now()
	next, dos, err := callflow.Next(b.plan, c.state, e, b.facts(c, e.At))
	if err != nil {
		return // somebody else was quicker: the seat sees it in the state
	}
	next.Host = b.x.Host
	c.state = next
	b.keep(c, dos)
	for _, d := range dos {
		b.do(c, d)
	}
	if !c.state.Open() {
		b.drop(c)
	}
	if e.What != callflow.Tick || len(dos) > 0 {
		b.changed()
	}
}

// keep puts the call's new steps in the record, with what it owes. A call goes
// on where they cannot be kept: its next step tries again with all of them.
func (b *board) keep(c *call, dos []callflow.Do) {
	ctx, done := b.while()
	defer done()
	kept, err := b.x.Calls.Keep(ctx, b.practice.ODS(), b.author(c), c.state, append(c.owing, dos...))
	if err != nil {
		b.log("a step of a call cannot be kept", err)
		c.owing = append(c.owing, dos...)
		return
	}
	c.state, c.owing = kept, nil
}

// author is who a step is by: whoever did the last thing.
func (b *board) author(c *call) record.Author {
	if n := len(c.state.Steps); n > 0 && c.state.Steps[n-1].Who != "" {
		if s := b.seats[c.state.Steps[n-1].Who]; s != nil {
			return s.who.Author(c.state.Patient)
		}
	}
	return record.System
}

// kept are the places of a number that were left of late.
func (b *board) kept(number string) []callflow.Place {
	if number == "" {
		return nil
	}
	ctx, done := b.while()
	defer done()
	p, err := b.x.Calls.Kept(ctx, b.practice.ODS(), number, b.plan.Keep, b.now())
	if err != nil {
		b.log("places cannot be read", err)
	}
	return p
}

// drop lets go of a call that has ended.
func (b *board) drop(c *call) {
	c.stopKeys()
	for _, l := range c.lines() {
		l.finish()
	}
	delete(b.calls, c.state.ID)
	if !c.state.Answered.IsZero() {
		b.past = append(b.past, c.state)
		b.past = b.past[max(0, len(b.past)-remembered):]
	}
	for _, s := range b.seats {
		s.ended(c)
	}
	c.seat = nil
	b.tried(c.state)
	b.forget(c.state.ID)
}

// forget lets go of who a number may be, once nobody has the call to finish.
func (b *board) forget(id string) {
	for _, s := range b.seats {
		if slices.ContainsFunc(s.finish, func(c callflow.Call) bool { return c.ID == id }) {
			return
		}
	}
	delete(b.people, id)
}

func (c *call) stopKeys() {
	if c.keys != nil {
		c.keys.Stop()
		c.keys = nil
	}
}

// hunt rings whoever is to be rung.
func (b *board) hunt() {
	now := b.now()
	for _, q := range b.plan.Queues {
		for _, o := range callflow.Hunt(q, callflow.Line(q.ID, b.states()), b.agents(now), now) {
			for _, by := range o.By {
				if c, s := b.calls[o.Call], b.seats[by]; c != nil && s != nil {
					s.ring(c)
					b.happen(c, callflow.Event{What: callflow.Offered, By: by})
				}
			}
		}
	}
}

// agents is everybody who is at a telephone.
func (b *board) agents(now time.Time) []callflow.Agent {
	out := make([]callflow.Agent, 0, len(b.seats))
	for _, s := range b.seats {
		out = append(out, s.agent(now))
	}
	return out
}
