package record

import (
	"context"
	"errors"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

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
