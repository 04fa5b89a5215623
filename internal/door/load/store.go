package load

import (
	"bytes"
	"context"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	groupWrites = 1000    // resources that are stored in one go
	groupBytes  = 4 << 20 // and their bytes
)

// group is units that will be stored together. Storing several transactions
// as one change halves none of them.
type group struct {
	units  []unit
	writes []record.Write
	at     map[ident.Ref]int // in writes
	bytes  int
}

// store takes prepared units in the order of the input and stores them.
func (r *run) store(ctx context.Context) error {
	g := &group{at: map[ident.Ref]int{}}
	var held int64
	flush := func() error {
		err := r.flush(ctx, g)
		*g = group{at: map[ident.Ref]int{}}
		r.memory.Release(held)
		held = 0
		return err
	}
	for j := range r.order {
		var units []unit
		select {
		case units = <-j.units:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, u := range units {
			r.sum.note(u)
			if g.clashes(u) || len(g.writes)+len(u.items) > groupWrites || g.bytes > groupBytes || u.asks() {
				if err := r.flush(ctx, g); err != nil {
					return err
				}
				*g = group{at: map[ident.Ref]int{}}
			}
			if u.asks() {
				r.resolve(ctx, &u)
			}
			g.add(u)
		}
		if held += j.weight; held > inFlight/4 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return flush()
}

// asks tells whether a unit has conditional references, which are looked up
// after all that came before is stored.
func (u *unit) asks() bool {
	for _, it := range u.items {
		if it.conditional != nil {
			return true
		}
	}
	return false
}

// clashes tells whether the unit writes something else to a resource that the
// group writes already.
func (g *group) clashes(u unit) bool {
	for _, it := range u.items {
		if i, ok := g.at[it.write.Ref]; ok && !bytes.Equal(g.writes[i].Body.Bytes, it.write.Body.Bytes) {
			return true
		}
	}
	return false
}

func (g *group) add(u unit) {
	if len(u.items) == 0 {
		return
	}
	g.units = append(g.units, u)
	for _, it := range u.items {
		g.bytes += len(it.write.Body.Bytes)
		if _, ok := g.at[it.write.Ref]; ok {
			continue
		}
		g.at[it.write.Ref] = len(g.writes)
		g.writes = append(g.writes, it.write)
	}
}

// flush stores the group; when it is refused, each of its units by itself.
func (r *run) flush(ctx context.Context, g *group) error {
	if len(g.writes) == 0 {
		return nil
	}
	same, err := r.put(ctx, g.writes)
	if err == nil {
		first := map[ident.Ref]bool{}
		for _, u := range g.units {
			for _, it := range u.items {
				ref := it.write.Ref
				r.sum.count(ref.Type, same[g.at[ref]] || first[ref])
				first[ref] = true
				r.meter.done.Add(1)
			}
		}
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch fault.KindOf(err) {
	case fault.Busy, fault.TooMany, fault.Unauthenticated, fault.Forbidden, fault.Internal:
		return err // it would go no better with the next
	}
	if len(g.units) == 1 {
		u := g.units[0]
		for _, it := range u.items {
			r.sum.list(Refusal{File: u.file, Entry: it.entry, Where: it.where, Message: fault.From(err).Message})
		}
		return nil
	}
	for _, u := range g.units {
		one := &group{at: map[ident.Ref]int{}}
		one.add(u)
		if err := r.flush(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// put stores writes, and waits a little when the record is busy.
func (r *run) put(ctx context.Context, writes []record.Write) (same []bool, err error) {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		same, err = r.cfg.Sink.Put(ctx, writes)
		if !fault.Is(err, fault.Busy) && !fault.Is(err, fault.TooMany) && !fault.Is(err, fault.Conflict) || wait > 2*time.Second {
			return same, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// resolve replaces the conditional references of a unit by what they find. A
// reference that finds nothing, or more than one, is kept as it is written.
func (r *run) resolve(ctx context.Context, u *unit) {
	known := map[string]string{}
	for i := range u.items {
		it := &u.items[i]
		if it.conditional == nil {
			continue
		}
		body := rewrite(it.conditional.Root(), func(s string) (string, bool) {
			if !isConditional(s) {
				return "", false
			}
			to, ok := known[s]
			if !ok {
				if refs, err := r.cfg.Sink.Find(ctx, s); err == nil && len(refs) == 1 {
					to = refs[0].String()
				}
				known[s] = to
			}
			return to, to != ""
		})
		it.conditional = nil
		if res, err := fhir.ParseResource(body); err == nil {
			if w, err := record.PrepareParsed(it.write.Ref, res); err == nil {
				it.write = w
			}
		}
	}
}
