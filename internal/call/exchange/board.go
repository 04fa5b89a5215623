package exchange

import (
	"context"
	"maps"
	"slices"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/care/hours"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/team"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// tick is how often callers who wait are looked at.
const tick = time.Second

// board is all calls and all telephones of one practice. What it holds is
// touched by its own goroutine only; everybody else tells it.
type board struct {
	x        *Exchange
	ctx      context.Context // of Run
	practice *record.Practice
	inbox    chan func()
	done     chan struct{}

	plan   callflow.Plan
	hours  opening.Hours
	house  team.House
	calls  map[string]*call
	seats  map[string]*Seat    // by "Practitioner/…"
	people map[string][]Person // who has the number of a call
	past   []callflow.Call     // those that were answered of late, for the estimate
	back   []callflow.CallBack // calls back that are owed, in the order of their places
	read   time.Time           // when house and hours were
}

func newBoard(ctx context.Context, x *Exchange, p *record.Practice) *board {
	return &board{
		x: x, ctx: ctx, practice: p, inbox: make(chan func(), 256), done: make(chan struct{}),
		calls: map[string]*call{}, seats: map[string]*Seat{}, people: map[string][]Person{},
	}
}

// while is how long the record is given for one thing. Who asked for it may go
// meanwhile, and the telephone may be stopping: it is kept all the same.
func (b *board) while() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(b.ctx), keepFor)
}

// tell has the board do something soon; nothing once it has stopped.
func (b *board) tell(f func()) {
	select {
	case b.inbox <- f:
	case <-b.done:
	}
}

// ask has the board do something and waits for it.
func (b *board) ask(ctx context.Context, f func() error) error {
	out := make(chan error, 1)
	b.tell(func() { out <- f() })
	select {
	case err := <-out:
		return err
	case <-b.done:
		return stopped()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func stopped() error { return fault.New(fault.Busy, "The telephone is being restarted.") }

func (b *board) run(ctx context.Context) {
	defer close(b.done)
	b.begin(ctx)
	every := time.NewTicker(tick)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			b.end()
			return
		case f := <-b.inbox:
			f()
		case <-every.C:
			b.tick(ctx)
		}
	}
}

// begin closes the books of calls whose process has died: their sound is gone,
// their places are kept.
func (b *board) begin(ctx context.Context) {
	b.refresh(ctx)
	ours := func(host string) bool { return host == b.x.Host }
	if _, err := b.x.Calls.CutOff(ctx, b.practice.ODS(), ours, b.now()); err != nil {
		b.log("calls that were cut off cannot be closed", err)
	}
}

// end cuts off whoever is there.
func (b *board) end() {
	for _, c := range b.sorted() {
		for _, l := range c.lines() {
			l.sip.Hang()
			l.close()
		}
	}
	for _, s := range b.seats {
		s.leave()
	}
}

// tick lets time go by: for callers who wait, for people who are rung and do
// not pick up, for browsers that have gone quiet.
func (b *board) tick(ctx context.Context) {
	now := b.now()
	if len(b.calls)+len(b.seats) == 0 {
		return // whoever comes has it read
	}
	if now.Sub(b.read) > lookAgain {
		b.refresh(ctx)
	}
	for _, s := range b.seats {
		if s.gone(now) {
			b.quit(s)
		}
	}
	for _, c := range b.sorted() {
		if c.state.Open() {
			b.happen(c, callflow.Event{What: callflow.Tick})
		}
	}
	b.hunt()
}

// refresh reads what the board goes by and does not follow.
func (b *board) refresh(ctx context.Context) {
	b.read = b.now()
	if s, err := hours.Load(ctx, b.practice); err == nil {
		b.hours = s.Hours()
	} else {
		b.log("opening hours cannot be read", err)
	}
	if h, err := team.Load(ctx, b.practice); err == nil {
		b.house = h
	} else {
		b.log("teams cannot be read", err)
	}
	b.seeOwed(ctx)
	if b.plan.Start == "" {
		if p, err := callflow.Load(ctx, b.practice); err == nil {
			b.plan = p
		}
	}
}

func (b *board) now() time.Time { return b.practice.Now() }

func (b *board) log(what string, err error) {
	b.x.Slog.Error("exchange: "+what, "practice", b.practice.ODS(), "error", err)
}

// sorted is all calls, the oldest first.
func (b *board) sorted() []*call {
	return slices.SortedFunc(maps.Values(b.calls), func(x, y *call) int { return callflow.Before(x.state, y.state) })
}

// states is what callflow is asked about.
func (b *board) states() []callflow.Call {
	out := make([]callflow.Call, 0, len(b.calls))
	for _, c := range b.calls {
		out = append(out, c.state)
	}
	return out
}

// facts are what is so for a call.
func (b *board) facts(c *call, now time.Time) callflow.Facts {
	waiting := b.states()
	for _, o := range b.back {
		waiting = append(waiting, o.Waiting())
	}
	return callflow.Facts{
		Open: b.hours.Open(now), Waiting: waiting, Lately: b.past, Agents: b.agents(now), Kept: c.kept,
	}
}

// teams are those that somebody is of. A team that lists nobody is everybody's.
func (b *board) teams(who string) []string {
	var out []string
	for _, t := range b.house.Teams {
		if len(t.Members) == 0 || slices.Contains(t.Members, who) {
			out = append(out, t.Ref)
		}
	}
	return out
}
