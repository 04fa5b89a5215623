package record

import (
	"context"
	"errors"
	"time"

	"heartwood/internal/fault"
)

// A group is committed with one append; these bound it.
const (
	groupChanges = 256
	groupEntries = 20_000
	readBatch    = 2_000
)

// pending is a change, or accesses, on their way through the home goroutine.
// An empty pending asks it to look at the log.
type pending struct {
	change Change
	sights *accessBody
	done   chan result

	versions []Version // once entries have been made of it
	settled  bool      // it has been answered
	later    bool      // it must wait until the batch before it is applied
}

type result struct {
	receipt Receipt
	err     error
}

// Commit makes a change durable, or refuses it and changes nothing: Conflict
// when something in Expect is no longer true. It returns after the change can
// be read by Read and Find.
func (p *Practice) Commit(ctx context.Context, c Change) (Receipt, error) {
	if len(c.Writes) == 0 {
		return Receipt{Position: p.Position()}, nil
	}
	for i := range c.Writes {
		c.Writes[i].finish()
	}
	return p.submit(ctx, &pending{change: c})
}

func (p *Practice) submit(ctx context.Context, q *pending) (Receipt, error) {
	q.done = make(chan result, 1)
	select {
	case p.in <- q:
	case <-p.store.ctx.Done():
		return Receipt{}, closing()
	case <-ctx.Done():
		return Receipt{}, fault.Wrap(ctx.Err(), fault.Busy, "The change was given up before it was made.")
	}
	select {
	case r := <-q.done:
		return r.receipt, r.err
	case <-p.store.ctx.Done():
		// The home answers what it has taken before it stops.
		select {
		case r := <-q.done:
			return r.receipt, r.err
		case <-time.After(5 * time.Second):
			return Receipt{}, closing()
		}
	}
}

func closing() error {
	return fault.New(fault.Busy, "The record is closing. Try again in a moment.")
}

// home owns the end of this node's streams: it gathers what has come in while
// the last group was being made durable into the next group.
func (p *Practice) home(ctx context.Context) {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	var poll <-chan time.Time
	if p.store.Poll > 0 {
		t := time.NewTicker(p.store.Poll)
		defer t.Stop()
		poll = t.C
	}
	for {
		select {
		case <-ctx.Done():
			p.turnAway()
			return
		case <-tick.C:
			if q := p.takeNoted(); q != nil {
				p.group([]*pending{q})
			}
		case <-poll:
			p.look()
		case q := <-p.in:
			p.group(p.gather(q))
		}
	}
}

// turnAway answers what is still waiting when the store closes.
func (p *Practice) turnAway() {
	for {
		select {
		case q := <-p.in:
			q.settle(Receipt{}, closing())
		default:
			return
		}
	}
}

// look catches up with other writers.
func (p *Practice) look() {
	if err := p.catchUp(p.store.ctx); err != nil && !errors.Is(err, context.Canceled) {
		p.store.Slog.Error("record: catching up", "practice", p.ods, "error", err)
	}
}

func (p *Practice) gather(first *pending) []*pending {
	group, entries := []*pending{first}, len(first.change.Writes)
	for len(group) < groupChanges && entries < groupEntries {
		select {
		case q := <-p.in:
			group = append(group, q)
			entries += len(q.change.Writes)
		default:
			return group
		}
	}
	return group
}

// group makes a group durable and applies it. A group that loses the race
// against another writer catches up and is decided again.
func (p *Practice) group(group []*pending) {
	ctx := p.store.ctx
	live := group[:0]
	for _, q := range group {
		if q.done == nil && q.sights == nil {
			p.look()
			continue
		}
		live = append(live, q)
	}
	for len(live) > 0 {
		p.append(ctx, live)
		later := live[:0]
		for _, q := range live {
			if !q.settled {
				later = append(later, q)
			}
		}
		live = later
	}
}

// append commits one batch of the group, and answers every change that it has
// decided; what it has put off stays unsettled.
func (p *Practice) append(ctx context.Context, group []*pending) {
	for try := 0; ; try++ {
		batch := p.build(ctx, group)
		if len(batch.entries) == 0 {
			p.answer(group, nil)
			return
		}
		err := p.store.Log.Append(ctx, p.ods, batch.heads, batch.entries)
		if err == nil {
			err = p.apply(ctx, batch.entries, batch)
			p.answer(group, err)
			return
		}
		caught := p.catchUp(ctx)
		if caught == nil && p.landed(ctx, batch.entries) {
			p.answer(group, nil) // the append was durable; only its answer was lost
			return
		}
		if !fault.Is(err, fault.Conflict) || caught != nil || try > 100 {
			p.store.Slog.Error("record: append", "practice", p.ods, "error", errors.Join(err, caught))
			p.answer(group, unwritten(err, caught == nil && !errors.Is(err, ErrUncertain)))
			return
		}
	}
}

// unwritten is the answer when a group could not be appended; sure is false
// when the log could not be asked, or cannot say, whether it was.
func unwritten(err error, sure bool) error {
	if sure {
		return fault.Wrap(err, fault.Busy, "The record could not be written just now. Nothing was changed. Try again in a moment.")
	}
	return fault.Wrap(err, fault.Busy, "The record cannot be reached just now, so it is not certain that this was recorded. Look before you try again.")
}

// landed tells whether these very entries are in the log.
func (p *Practice) landed(ctx context.Context, entries []Entry) bool {
	last := entries[len(entries)-1]
	e, err := p.store.Log.Entry(ctx, p.ods, last.Stream, last.Seq)
	return err == nil && e.Sum == last.Sum
}

// answer tells every change of the group that has not been refused already.
func (p *Practice) answer(group []*pending, err error) {
	pos := p.Position()
	for _, q := range group {
		if q.settled || q.later {
			continue
		}
		if err != nil {
			if q.done == nil {
				p.noteAgain(q.sights) // nobody waits for it, so nobody would try again
			}
			q.settle(Receipt{}, err)
			continue
		}
		q.settle(Receipt{Position: pos, Versions: q.versions}, nil)
	}
}

// settle answers one change, once.
func (q *pending) settle(r Receipt, err error) {
	q.settled = true
	if q.done != nil {
		q.done <- result{receipt: r, err: err}
	}
}
