package load

import (
	"bytes"
	"context"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Sink is where resources go.
type Sink interface {
	// Put makes every write durable that is not current already, all of them
	// in one change or none, and says of each whether it was current. No two
	// writes are of the same resource.
	Put(ctx context.Context, writes []record.Write) (same []bool, err error)
	// Find answers a search such as "Practitioner?identifier=…" with at most
	// two of its matches.
	Find(ctx context.Context, query string) ([]ident.Ref, error)
}

// StoreSink puts resources straight into a practice's record.
type StoreSink struct {
	Practice *record.Practice
	Author   record.Author
	Reason   string // "import" when empty
	// Guard refuses or completes a change before it is committed; nil lets
	// everything through.
	Guard func(context.Context, *record.Practice, *record.Change) error
}

// Put commits what is new in one change.
func (s StoreSink) Put(ctx context.Context, writes []record.Write) ([]bool, error) {
	c := record.Change{Author: s.Author, Reason: s.Reason}
	if c.Reason == "" {
		c.Reason = care.Imported
	}
	same := make([]bool, len(writes))
	for i, w := range writes {
		v, err := s.Practice.Read(ctx, w.Ref)
		switch {
		case err == nil && bytes.Equal(v.Body.Bytes, w.Body.Bytes):
			same[i] = true
			continue
		case err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone):
			return nil, err
		}
		c.Writes = append(c.Writes, w)
	}
	if s.Guard != nil {
		if err := s.Guard(ctx, s.Practice, &c); err != nil {
			return nil, err
		}
	}
	_, err := s.Practice.Commit(ctx, c)
	return same, err
}

// Find searches the record.
func (s StoreSink) Find(ctx context.Context, query string) ([]ident.Ref, error) {
	page, err := s.Practice.Find(ctx, query+"&_count=2")
	if err != nil {
		return nil, err
	}
	var refs []ident.Ref
	for _, v := range page.Matches {
		refs = append(refs, v.Ref)
	}
	return refs, nil
}
