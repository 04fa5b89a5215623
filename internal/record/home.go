package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
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

// batch is the entries of one append.
type batch struct {
	heads   ident.Position
	entries []Entry
	finds   [][]fhir.Value
	sums    map[string]Hash
	next    map[string]uint64
	now     map[ident.Ref]state // what the batch has changed so far
	keys    map[string]bool
	types   map[string]bool
	looked  map[ident.Ref]looked
}

// state is a resource's version within a batch; "" when it is deleted.
type state struct{ version string }

// looked is a head that was read from the index while deciding.
type looked struct {
	head  index.Head
	known bool
}

// build decides every change of the group in order against the index and the
// changes before it, and makes the entries of those that stand.
func (p *Practice) build(ctx context.Context, group []*pending) *batch {
	pos := *p.pos.Load()
	b := &batch{
		heads: ident.Position{}, sums: map[string]Hash{}, next: map[string]uint64{},
		now: map[ident.Ref]state{}, keys: map[string]bool{}, types: map[string]bool{}, looked: map[ident.Ref]looked{},
	}
	for _, q := range group {
		if q.settled {
			continue
		}
		q.later = false
		stream := p.stream
		if q.sights != nil {
			stream = p.access
		}
		if _, ok := b.next[stream]; !ok {
			b.next[stream], b.sums[stream], b.heads[stream] = pos[stream], p.heads[stream], pos[stream]
		}
		if q.sights != nil {
			p.addSights(b, q)
			continue
		}
		p.decide(ctx, b, q)
	}
	for stream := range b.heads {
		if b.next[stream] == pos[stream] {
			delete(b.heads, stream)
		}
	}
	return b
}

func (p *Practice) decide(ctx context.Context, b *batch, q *pending) {
	if q.change.Key != "" && b.keys[q.change.Key] {
		q.later = true // its first is in this batch: answered once that is durable
		return
	}
	if r, err, done := p.repeat(ctx, q); done {
		q.settle(r, err)
		return
	}
	for _, x := range q.change.Expect {
		if err := p.holds(b, x); errors.Is(err, errLater) {
			q.later = true
			return
		} else if err != nil {
			q.settle(Receipt{}, err)
			return
		}
	}
	entries := make([]Entry, 0, len(q.change.Writes))
	seen := make(map[ident.Ref]bool, len(q.change.Writes))
	for i := range q.change.Writes {
		w := &q.change.Writes[i]
		if seen[w.Ref] {
			q.settle(Receipt{}, fault.At(fault.Invalid, w.Ref.Type, "One change cannot write the same resource twice."))
			return
		}
		seen[w.Ref] = true
		if _, had := b.looked[w.Ref]; w.Fresh && !had {
			b.looked[w.Ref] = looked{}
		}
		cur, err := p.current(b, w.Ref)
		if err != nil {
			q.settle(Receipt{}, err)
			return
		}
		e := Entry{
			Op: w.Op, Type: w.Ref.Type, ID: w.Ref.ID, Author: q.change.Author, Reason: q.change.Reason,
			BodyHash: w.hash, Splice: w.Body.Splice, Body: w.Body.Bytes, packed: w.packed,
		}
		if cur != "" {
			e.Parents = []string{cur}
		} else if _, ours := b.now[w.Ref]; ours && w.Op == Delete {
			q.later = true // it may yet be that the batch is not written
			return
		} else if w.Op == Delete {
			q.settle(Receipt{}, fault.New(fault.NotFound, "There is no such %s.", w.Ref.Type))
			return
		}
		if i == 0 {
			e.Key = q.change.Key
		}
		e.Rest = uint32(len(q.change.Writes) - 1 - i)
		entries = append(entries, e)
	}
	p.seal(b, q, entries)
}

// seal numbers the entries of a change that stands and adds them to the batch.
func (p *Practice) seal(b *batch, q *pending, entries []Entry) {
	q.versions = make([]Version, len(entries))
	for i := range entries {
		e := &entries[i]
		p.chain(b, e, p.stream)
		v := e.Version()
		if e.Op == Delete {
			b.now[e.Ref()] = state{}
		} else {
			b.now[e.Ref()] = state{v}
		}
		b.types[e.Type] = true
		q.versions[i] = versionOf(e)
		b.entries = append(b.entries, *e)
		b.finds = append(b.finds, q.change.Writes[i].Find)
	}
	if q.change.Key != "" {
		b.keys[q.change.Key] = true
	}
}

func (p *Practice) chain(b *batch, e *Entry, stream string) {
	b.next[stream]++
	e.Practice, e.Stream, e.Seq = p.ods, stream, b.next[stream]
	e.Time, e.Prev = p.store.clock.Now(), b.sums[stream]
	e.Seal()
	b.sums[stream] = e.Sum
}

func versionOf(e *Entry) Version {
	return Version{
		Ref: e.Ref(), ID: e.Version(), Time: e.Time.Time(), Deleted: e.Op == Delete,
		Body: fhir.Body{Bytes: e.Body, Splice: e.Splice}, Author: e.Author, Reason: e.Reason,
	}
}

// repeat answers a change whose key was used before.
func (p *Practice) repeat(ctx context.Context, q *pending) (Receipt, error, bool) {
	if q.change.Key == "" {
		return Receipt{}, nil, false
	}
	r, ok, err := p.Repeat(ctx, q.change.Key)
	return r, err, ok || err != nil
}

// current is a resource's version at this point of the batch, "" for none.
func (p *Practice) current(b *batch, ref ident.Ref) (string, error) {
	if s, ok := b.now[ref]; ok {
		return s.version, nil
	}
	l, had := b.looked[ref]
	if !had {
		var err error
		if l.head, l.known, err = p.ix.Head(ref); err != nil {
			return "", err
		}
		b.looked[ref] = l
	}
	h := l.head
	if !l.known || h.Deleted {
		return "", nil
	}
	return VersionID(h.Stream, h.Seq), nil
}

// errLater says that an expectation depends on the batch that is being built.
var errLater = errors.New("record: decide after this batch")

// holds checks one expectation.
func (p *Practice) holds(b *batch, x Expect) error {
	if x.None == "" {
		cur, err := p.current(b, x.Ref)
		if _, ours := b.now[x.Ref]; ours && err == nil && cur != x.Version {
			return errLater // nobody is refused for a change that is not durable
		}
		if err == nil && cur != x.Version {
			err = &fault.Error{Kind: fault.Conflict, Where: x.Ref.Type, Message: "This was changed by someone else. Look at it again, then try once more."}
		}
		return err
	}
	typ, _, _ := strings.Cut(x.None, "?")
	if b.types[typ] { // an earlier change of this batch may match
		return errLater
	}
	q, err := index.ParseQuery(x.None)
	if err != nil {
		return err
	}
	q.Count, q.Sort, q.Includes = 1, nil, nil
	r, err := p.ix.Search(q, nil)
	if err == nil && len(r.Matches) > 0 {
		err = fault.At(fault.Conflict, typ, "There is one already.")
	}
	return err
}

// apply brings the index and the chain's ends up to entries that are durable.
//
// b is the batch they were made in; nil when they were read from the log.
func (p *Practice) apply(ctx context.Context, entries []Entry, b *batch) error {
	items := make([]index.Item, len(entries))
	pos := p.Position()
	for i := range entries {
		e := &entries[i]
		items[i] = p.item(ctx, e)
		if b != nil {
			items[i].Find = b.finds[i]
			l, ok := b.looked[e.Ref()]
			items[i].Prev, items[i].Known, items[i].Looked = l.head, l.known, ok
		} else if err := refind(e, &items[i]); err != nil {
			return err
		}
		pos[e.Stream] = e.Seq
		p.heads[e.Stream] = e.Sum
		p.store.clock.See(e.Time)
		if e.Op == Put && !isOwn(e.Type) {
			p.store.bodies.put(e.BodyHash, e.Body)
		}
	}
	if err := p.ix.Apply(items, pos); err != nil {
		return fmt.Errorf("record: apply: %w", err)
	}
	p.advance(pos)
	return nil
}

func (p *Practice) item(ctx context.Context, e *Entry) index.Item {
	it := index.Item{
		Ref: e.Ref(), Key: e.Key, Count: int(e.Rest) + 1,
		Head: index.Head{
			Stream: e.Stream, Seq: e.Seq, Time: uint64(e.Time), Deleted: e.Op == Delete,
			Hash: e.BodyHash, Splice: e.Splice,
		},
		Old: func(prev index.Head) ([]fhir.Value, error) { return p.valuesOf(ctx, e.Type, prev) },
	}
	if e.Type == accessType {
		it.Access = patientsOf(e.Body)
	}
	return it
}

// refind works out what an entry read from the log is found by.
func refind(e *Entry, it *index.Item) error {
	if e.Op != Put || isOwn(e.Type) {
		return nil
	}
	r, err := fhir.ParseResource(e.Body)
	if err != nil {
		return fmt.Errorf("record: %s: %w", e.Version(), err)
	}
	it.Find = fhir.Extract(r)
	return nil
}

// valuesOf is what an earlier version was found by.
func (p *Practice) valuesOf(ctx context.Context, typ string, h index.Head) ([]fhir.Value, error) {
	if isOwn(typ) {
		return nil, nil
	}
	body, err := p.body(ctx, h.Hash)
	if err != nil {
		return nil, err
	}
	r, err := fhir.ParseResource(body)
	if err != nil {
		return nil, err
	}
	return fhir.Extract(r), nil
}

// catchUp applies what the log has and the index has not.
func (p *Practice) catchUp(ctx context.Context) error {
	for {
		entries, err := p.store.Log.Read(ctx, p.ods, p.Position(), readBatch)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
		if entries, err = p.whole(ctx, entries); err != nil {
			return err
		}
		if err := p.apply(ctx, entries, nil); err != nil {
			return err
		}
	}
}

// whole completes the last change of what was read, so that nobody sees half
// of one.
func (p *Practice) whole(ctx context.Context, entries []Entry) ([]Entry, error) {
	last := entries[len(entries)-1]
	for i := range uint64(last.Rest) {
		e, err := p.store.Log.Entry(ctx, p.ods, last.Stream, last.Seq+1+i)
		if err != nil {
			return nil, fmt.Errorf("record: half a change at %s: %w", last.Version(), err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}
