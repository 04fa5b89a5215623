package worklist

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// List is one practice's queue. Its methods may be called from anywhere.
type List struct {
	p      *record.Practice
	loaded chan struct{}
	once   sync.Once // closes loaded
	board  Board     // nil where no other process serves the practice

	mu     sync.Mutex // protects all fields below
	rows   map[string]Row
	uses   map[ident.Ref]map[string]bool  // what a row was made from → the rows
	made   map[string][]ident.Ref         // the other way round
	leases map[string]map[ident.Ref]lease // of pages that this process serves
	theirs map[string]map[ident.Ref]lease // of pages that other processes serve
	apart  bool                           // the board cannot be reached: theirs are not known
	asked  time.Time                      // when somebody last asked this queue for anything
	watch  int                            // how many subscribe
	rev    uint64
	pos    ident.Position
	moved  chan struct{} // closed, and replaced, at every change of rev or pos
}

// New makes the queue of a practice; it is empty until Run has loaded it.
func New(p *record.Practice) *List {
	return &List{
		p: p, loaded: make(chan struct{}), moved: make(chan struct{}), pos: ident.Position{},
		rows: map[string]Row{}, uses: map[ident.Ref]map[string]bool{}, made: map[string][]ident.Ref{},
		leases: map[string]map[ident.Ref]lease{},
	}
}

// again is how long Run waits before it takes up following that broke off.
const again = time.Second

// Run loads the queue and follows the record until the context ends. When
// following breaks off it begins again: a queue that stood still would hide
// what comes in. It is not run twice at once.
func (l *List) Run(ctx context.Context) error {
	go l.expire(ctx)
	go l.meet(ctx)
	for {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.ErrorContext(ctx, "worklist: following broke off", "practice", l.p.ODS(), "error", err)
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// follow loads the queue and keeps it current.
func (l *List) follow(ctx context.Context) error {
	pos := l.p.Position() // taken first: what comes during loading is seen twice, never missed
	if err := l.load(ctx); err != nil {
		return err
	}
	l.advance(pos)
	l.once.Do(func() { close(l.loaded) })
	return l.p.Follow(ctx, pos, func(batch []record.Entry) error { return l.apply(ctx, batch) })
}

// Ready returns when the queue has been loaded, or when the context ends.
func (l *List) Ready(ctx context.Context) error {
	select {
	case <-l.loaded:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Busy, "The queue is still being loaded. Please try again shortly.")
	}
}

// Wait returns when the queue shows at least pos, or when the context ends:
// for pages shown straight after a change.
func (l *List) Wait(ctx context.Context, pos ident.Position) error {
	pos = streamsOf(pos)
	for {
		l.mu.Lock()
		done, moved := l.pos.Covers(pos), l.moved
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Busy, "The queue has not caught up yet. Please try again shortly.")
		}
	}
}

// streamsOf leaves out access logs, which the queue does not follow.
func streamsOf(pos ident.Position) ident.Position {
	out := ident.Position{}
	for s, n := range pos {
		if len(s) < len(".access") || s[len(s)-len(".access"):] != ".access" {
			out[s] = n
		}
	}
	return out
}

// load makes every row anew, those of an earlier run too.
func (l *List) load(ctx context.Context) error {
	l.mu.Lock()
	old := slices.Sorted(maps.Keys(l.rows))
	l.mu.Unlock()
	for _, id := range old {
		if err := l.refresh(ctx, id); err != nil {
			return err
		}
	}
	return read.Each(ctx, l.p, openRequests, func(v record.Version, _ *fhir.Resource) error { return l.refresh(ctx, v.Ref.ID) })
}

// apply finds the rows that a batch of entries touches and makes them anew
// from the record. So a row depends on the record alone, not on how entries
// were grouped, and a rebuilt queue is the same.
func (l *List) apply(ctx context.Context, batch []record.Entry) error {
	pos := ident.Position{}
	dirty := map[string]bool{}
	for i := range batch {
		e := &batch[i]
		pos[e.Stream] = e.Seq
		l.touch(dirty, e)
	}
	if len(dirty) > 0 {
		if err := l.p.Wait(ctx, pos); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(dirty)) {
		if err := l.refresh(ctx, id); err != nil {
			return err
		}
	}
	l.advance(pos)
	return nil
}

// touch adds the requests whose rows an entry may change.
func (l *List) touch(dirty map[string]bool, e *record.Entry) {
	switch e.Type {
	case "Task":
		dirty[e.ID] = true
	case "DetectedIssue":
		for _, id := range implicated(e.Body) {
			dirty[id] = true
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.uses[e.Ref()] {
		dirty[id] = true
	}
}

// refresh makes one row anew, or takes it out.
func (l *List) refresh(ctx context.Context, id string) error {
	row, used, open, err := build(ctx, l.p, id)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ref := range l.made[id] {
		delete(l.uses[ref], id)
		if len(l.uses[ref]) == 0 {
			delete(l.uses, ref)
		}
	}
	delete(l.made, id)
	if !open {
		if _, was := l.rows[id]; was {
			delete(l.rows, id)
			delete(l.leases, id)
			delete(l.theirs, id)
			l.changed()
		}
		return nil
	}
	l.made[id] = used
	for _, ref := range used {
		if l.uses[ref] == nil {
			l.uses[ref] = map[string]bool{}
		}
		l.uses[ref][id] = true
	}
	l.rows[id] = row
	l.changed()
	return nil
}

// changed counts a change and wakes those who wait; mu is held.
func (l *List) changed() {
	l.rev++
	l.wake()
}

func (l *List) wake() {
	close(l.moved)
	l.moved = make(chan struct{})
}

func (l *List) advance(pos ident.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pos.Merge(pos)
	l.wake()
}

// Revision rises with every change of rows or presence.
func (l *List) Revision() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rev
}

// Subscribe gives a channel that receives once or more after any change,
// until the context ends; then it is closed. Missed nudges are merged.
func (l *List) Subscribe(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	l.mu.Lock()
	seen, moved := l.rev, l.moved
	l.watch++
	l.mu.Unlock()
	go func() {
		defer close(out)
		defer l.unwatch()
		for {
			select {
			case <-moved:
			case <-ctx.Done():
				return
			}
			l.mu.Lock()
			rev := l.rev
			moved = l.moved
			l.mu.Unlock()
			if rev == seen {
				continue
			}
			seen = rev
			select {
			case out <- struct{}{}:
			default: // one is waiting already
			}
		}
	}()
	return out
}

func (l *List) unwatch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watch--
}

// now is the record's clock.
func (l *List) now() time.Time { return l.p.Now() }
