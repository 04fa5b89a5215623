package record

import (
	"crypto/sha256"
	"fmt"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record/pack"
)

// Continue checks an append for an engine: that the practice's heads are what
// the writer thinks, and that the entries follow them without a gap. It
// returns the heads after the append.
func Continue(now, heads ident.Position, entries []Entry) (ident.Position, error) {
	next := now.Clone()
	for stream, seq := range heads {
		if now[stream] != seq {
			return nil, fault.New(fault.Conflict, "The record was changed by someone else at the same moment.")
		}
	}
	for i := range entries {
		e := &entries[i]
		if _, named := heads[e.Stream]; !named || e.Seq != next[e.Stream]+1 {
			return nil, fmt.Errorf("record: entry %s does not follow %s", e.Version(), next)
		}
		next[e.Stream] = e.Seq
	}
	return next, nil
}

// HashBody is the content address of a body.
func HashBody(body []byte) Hash { return sha256.Sum256(body) }

// PackedBody is the body as engines keep it.
func (e *Entry) PackedBody() []byte {
	if e.packed == nil && e.Body != nil {
		e.packed = pack.Pack(e.Body)
	}
	return e.packed
}
