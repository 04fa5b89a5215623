package record

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

// Practice is the record of one practice.
type Practice struct {
	ods    ident.ODS
	store  *Store
	ix     *index.Index
	in     chan *pending // to the home goroutine
	stream string
	access string // the access log's stream

	heads map[string]Hash // Sum of each stream's last entry; the home's alone

	pos   atomic.Pointer[ident.Position]
	mu    sync.Mutex
	moved chan struct{} // closed, and replaced, when pos moves; protected by mu

	notedMu sync.Mutex
	noted   map[Access]int // counts by access with zero Count and Time; protected by notedMu

	kept   kept
	recent recent
}

func (s *Store) openPractice(ods ident.ODS) (*Practice, error) {
	ix, err := s.db.Practice(ods)
	if err != nil {
		return nil, err
	}
	p := &Practice{
		ods: ods, store: s, ix: ix, in: make(chan *pending, 256),
		stream: s.Node, access: s.Node + accessSuffix,
		heads: map[string]Hash{}, moved: make(chan struct{}), noted: map[Access]int{},
		kept: kept{changes: map[string]uint64{}, made: map[any]made{}},
	}
	pos, err := ix.Position()
	if err != nil {
		return nil, err
	}
	p.pos.Store(&pos)
	if err := p.loadSums(s.ctx, pos); err != nil {
		return nil, err
	}
	if err := p.catchUp(s.ctx); err != nil {
		return nil, fmt.Errorf("record: open %s: %w", ods, err)
	}
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		p.home(s.ctx)
	}()
	return p, nil
}

// loadSums reads the chain's ends at a position.
func (p *Practice) loadSums(ctx context.Context, pos ident.Position) error {
	for _, stream := range pos.Streams() {
		e, err := p.store.Log.Entry(ctx, p.ods, stream, pos[stream])
		if err != nil {
			return fmt.Errorf("record: %s: the index is ahead of the log at %s: %w", p.ods, VersionID(stream, pos[stream]), err)
		}
		p.heads[stream] = e.Sum
	}
	return nil
}

// ODS is the practice's code.
func (p *Practice) ODS() ident.ODS { return p.ods }

// Now is the store's clock.
func (p *Practice) Now() time.Time { return p.store.Now() }

// Position is how far this node has applied the log.
func (p *Practice) Position() ident.Position { return p.pos.Load().Clone() }

// Wait returns when this node has applied at least pos, or Busy when the
// context ends first.
func (p *Practice) Wait(ctx context.Context, pos ident.Position) error {
	for {
		moved := p.watch()
		if p.pos.Load().Covers(pos) {
			return nil
		}
		select {
		case p.in <- &pending{}: // an empty pending makes the home look at the log
		default:
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Busy, "This node has not yet seen what you have seen. Try again in a moment.")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// watch gives a channel that is closed at the next move.
func (p *Practice) watch() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
}

func (p *Practice) advance(pos ident.Position) {
	p.pos.Store(&pos)
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.moved)
	p.moved = make(chan struct{})
}

// Follow calls fn with batches of entries, in order, from after pos until the
// context ends or fn returns an error. It sees every entry exactly once; a
// follower that keeps its position with its own state misses nothing. The
// access log is not followed.
func (p *Practice) Follow(ctx context.Context, pos ident.Position, fn func([]Entry) error) error {
	for {
		moved := p.watch()
		var err error
		if pos, err = p.Since(ctx, pos, fn); err != nil {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Since is Follow for who does not wait: it calls fn with what there is after
// pos now, and returns how far that went.
func (p *Practice) Since(ctx context.Context, pos ident.Position, fn func([]Entry) error) (ident.Position, error) {
	pos = pos.Clone()
	pos[p.access] = 1<<63 - 1
	for {
		seen := *p.pos.Load()
		if pos[p.stream] >= seen[p.stream] {
			return pos, nil
		}
		batch := p.recent.after(pos, seen, p.stream)
		if batch == nil {
			var err error
			if batch, err = p.store.Log.Read(ctx, p.ods, pos, 512); err != nil {
				return pos, err
			}
		}
		n := 0
		for n < len(batch) && batch[n].Seq <= seen[batch[n].Stream] {
			pos[batch[n].Stream] = batch[n].Seq
			n++
		}
		if n == 0 {
			return pos, nil
		}
		if err := fn(batch[:n]); err != nil {
			return pos, err
		}
	}
}

// Prepare makes the write of a new version from resource JSON: it parses,
// checks that type and id fit, and works out what the resource is found by.
// It does not validate against the definitions: doors do that with
// fhir.Validate before they call it. It may be called on any goroutine, and
// does the costly part of a commit.
func Prepare(ref ident.Ref, resource []byte) (Write, error) {
	if !ident.IsID(ref.ID) {
		return Write{}, fault.At(fault.Invalid, "id", "An id is 1 to 64 letters, digits, hyphens and dots.")
	}
	read := fhir.ParseResource
	if isOwn(ref.Type) {
		read = fhir.ParseOwn
	}
	r, err := read(resource)
	if err != nil {
		return Write{}, err
	}
	return PrepareParsed(ref, r)
}

// PrepareParsed is Prepare for a resource that has been parsed already.
func PrepareParsed(ref ident.Ref, r *fhir.Resource) (Write, error) {
	if r.Type() != ref.Type {
		return Write{}, fault.At(fault.Invalid, "resourceType", "The resource is not of type %s.", ref.Type)
	}
	w := Write{Op: Put, Ref: ref, Body: r.Keep(ref.ID)}
	if !isOwn(ref.Type) {
		w.Find = fhir.Extract(r)
	}
	w.finish()
	return w, nil
}

// isOwn tells whether a type is the system's own and not FHIR's.
func isOwn(typ string) bool { return len(typ) > 1 && typ[0] == '_' }

func (w *Write) finish() {
	if w.Op == Put && w.hash.IsZero() {
		e := Entry{Body: w.Body.Bytes}
		w.hash, w.packed = HashBody(w.Body.Bytes), e.PackedBody()
	}
}

// Remove makes the write that deletes a resource.
func Remove(ref ident.Ref) Write { return Write{Op: Delete, Ref: ref} }
