package record

import (
	"context"
	"fmt"

	"heartwood/internal/fhir"
	"heartwood/internal/record/index"
)

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
	p.kept.changed(entries)
	p.recent.add(entries, p.stream, p.access)
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
