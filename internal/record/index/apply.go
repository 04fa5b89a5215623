package index

import (
	"encoding/binary"
	"fmt"
	"maps"

	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// Item is one entry of the log as the index sees it.
type Item struct {
	Ref    ident.Ref
	Head   Head // Num is the index's business
	Find   []fhir.Value
	Key    string // the change's idempotency key, on its first entry
	Count  int    // entries of that change
	Access []string
	// Prev is the head before, when its owner has just looked (Looked); Known
	// tells whether there was one.
	Prev          Head
	Known, Looked bool
	// Old gives what the version before was found by. It is called only when
	// there was one that was not deleted.
	Old func(prev Head) ([]fhir.Value, error)
}

// Apply takes items in order and the position after them, together. What it
// has applied is visible when it returns.
func (ix *Index) Apply(items []Item, pos ident.Position) error {
	b := ix.db.kv.NewBatch()
	defer func() { _ = b.Close() }()
	w := writer{b: b, heads: map[ident.Ref]Head{}, next: ix.next, spans: map[uint32]int64{}}
	for i := range items {
		if err := ix.apply(&w, &items[i]); err != nil {
			return err
		}
	}
	next := w.next
	if next != ix.next {
		if err := b.Set(ix.key('n'), binary.BigEndian.AppendUint32(nil, next), nil); err != nil {
			return fmt.Errorf("index: apply: %w", err)
		}
	}
	if err := b.Set(ix.key('@'), []byte(pos.String()), nil); err != nil {
		return fmt.Errorf("index: apply: %w", err)
	}
	if err := b.Commit(pebble.NoSync); err != nil {
		return fmt.Errorf("index: apply: %w", err)
	}
	ix.mu.Lock()
	ix.next = next
	maps.Copy(ix.spans, w.spans)
	ix.mu.Unlock()
	return nil
}

func (ix *Index) apply(w *writer, it *Item) error {
	seq := binary.AppendUvarint(nil, it.Head.Seq)
	if it.Key != "" {
		v := binary.AppendUvarint(binary.AppendUvarint(nil, it.Head.Seq), uint64(it.Count))
		w.set(ix.key('k', it.Key), append(v, it.Head.Stream...))
	}
	if it.Access != nil {
		for _, patient := range it.Access {
			w.set(newest(append(ix.key('a', patient), 0), &it.Head), seq)
		}
		return w.err
	}
	prev, had := w.heads[it.Ref]
	switch {
	case had:
	case it.Looked:
		prev, had = it.Prev, it.Known
	default:
		var err error
		if prev, had, err = ix.Head(it.Ref); err != nil {
			return err
		}
	}
	h := it.Head
	if had {
		h.Num = prev.Num
		if !prev.Deleted {
			if err := ix.unpost(w, it, prev); err != nil {
				return err
			}
		}
	} else {
		h.Num = w.next
		w.next++
		w.set(binary.BigEndian.AppendUint32(append(ix.key('t', it.Ref.Type), 0), h.Num), []byte(it.Ref.ID))
	}
	if !h.Deleted {
		ix.widen(w, it)
		for _, k := range ix.postings(it.Ref.Type, it.Find, h.Time) {
			w.set(binary.BigEndian.AppendUint32(k, h.Num), nil)
		}
	}
	w.set(newest(append(ix.key('y', it.Ref.Type, it.Ref.ID), 0), &h), seq)
	w.set(ix.key('c', it.Ref.Type, it.Ref.ID), h.marshal())
	w.heads[it.Ref] = h
	return w.err
}

// unpost takes the version before out of the postings.
func (ix *Index) unpost(w *writer, it *Item, prev Head) error {
	old, err := it.Old(prev)
	if err != nil {
		return err
	}
	for _, k := range ix.postings(it.Ref.Type, old, prev.Time) {
		w.del(binary.BigEndian.AppendUint32(k, prev.Num))
	}
	return nil
}

// newest ends a key so that later readings of the clock come first.
func newest(k []byte, h *Head) []byte {
	return append(binary.BigEndian.AppendUint64(k, ^h.Time), h.Stream...)
}

// writer gathers one batch and remembers the heads it has moved.
type writer struct {
	b     *pebble.Batch
	heads map[ident.Ref]Head
	spans map[uint32]int64
	next  uint32
	err   error
}

func (w *writer) set(k, v []byte) {
	if w.err == nil {
		w.err = w.b.Set(k, v, nil)
	}
}

func (w *writer) del(k []byte) {
	if w.err == nil {
		w.err = w.b.Delete(k, nil)
	}
}
