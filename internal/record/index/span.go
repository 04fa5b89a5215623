package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/fhir"
)

// A search for a stretch of time scans the postings by the first moment of
// each value. A value that begins before the stretch may reach into it; the
// longest span of the parameter's values says how far before it is enough to
// begin. Most parameters are instants or days, so the scan is tight. A
// parameter that has had two values in one resource counts as endless, and
// its clauses are answered one by one.

// maxSpan is the longest span that is worth scanning by: about three years.
const maxSpan = 1000 * 24 * 3600 * 1000

func spanOf(v *fhir.Value) int64 {
	if v.Low == math.MinInt64 || v.High == math.MaxInt64 {
		return math.MaxInt64
	}
	return v.High - v.Low
}

// span is the longest span of a parameter's values so far.
func (ix *Index) span(id uint32) int64 {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.spans[id]
}

// widen notes spans that are longer than any before.
func (ix *Index) widen(w *writer, it *Item) {
	for i := range it.Find {
		v := &it.Find[i]
		if v.Param.Kind != fhir.ParamDate || v.Param.Name == updatedParam {
			continue
		}
		id, n := paramKey(it.Ref.Type, v.Param.Name), spanOf(v)
		if i > 0 && it.Find[i-1].Param == v.Param {
			n = math.MaxInt64 // each clause may be met by another of its values
		}
		if n <= max(ix.span(id), w.spans[id]) {
			continue
		}
		w.spans[id] = n
		w.set(binary.BigEndian.AppendUint32(ix.key('s'), id), binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
}

func (ix *Index) loadSpans() (err error) {
	ix.spans = map[uint32]int64{}
	p := ix.key('s')
	it, err := ix.db.kv.NewIter(&pebble.IterOptions{LowerBound: p, UpperBound: after(p)})
	if err != nil {
		return fmt.Errorf("index: spans: %w", err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		k, v := it.Key()[len(p):], it.Value()
		if len(k) == 4 && len(v) == 8 {
			ix.spans[binary.BigEndian.Uint32(k)] = int64(binary.BigEndian.Uint64(v))
		}
	}
	return errors.Join(it.Error(), it.Close())
}

// stretch is what several clauses on one date parameter ask for together: a
// range of first moments to scan, and what each value must satisfy.
type stretch struct {
	from, to int64 // first moments: from ≤ low < to
	keep     []func(low, high int64) bool
}

// add narrows the stretch by one term; ok is false for terms it cannot hold.
func (r *stretch) add(t Term, span int64) (ok bool) {
	before := func(n int64) int64 { return n - span + 1 } // values that begin earlier end by n
	switch t.Prefix {
	case "eq":
		r.from, r.to = max(r.from, t.Low), min(r.to, t.High)
		r.keep = append(r.keep, func(_, h int64) bool { return h <= t.High })
	case "ge":
		r.from = max(r.from, before(t.Low))
		r.keep = append(r.keep, func(_, h int64) bool { return h > t.Low })
	case "gt":
		r.from = max(r.from, before(t.High))
		r.keep = append(r.keep, func(_, h int64) bool { return h > t.High })
	case "sa":
		r.from = max(r.from, t.High)
	case "lt":
		r.to = min(r.to, t.Low)
	case "le":
		r.to = min(r.to, t.High)
	case "eb":
		r.to = min(r.to, t.Low)
		r.keep = append(r.keep, func(_, h int64) bool { return h <= t.Low })
	default:
		return false
	}
	return true
}

func (r *stretch) holds(low, high int64) bool {
	for _, k := range r.keep {
		if !k(low, high) {
			return false
		}
	}
	return true
}

// stretches takes the clauses that ask for stretches of one date parameter
// out of a query and gives each parameter one list; what it cannot take stays.
func (s *search) stretches(clauses []Clause) (lists []list, rest []Clause, err error) {
	at := map[uint32]*stretch{}
	for _, c := range clauses {
		id := paramKey(s.q.Type, c.Param.Name)
		span := s.ix.span(id)
		if c.Param.Name == updatedParam {
			span = 1
		}
		if c.Param.Kind != fhir.ParamDate || c.Modifier != "" || len(c.Terms) != 1 || span > maxSpan {
			rest = append(rest, c)
			continue
		}
		r := at[id]
		if r == nil {
			r = &stretch{from: math.MinInt64 + maxSpan, to: math.MaxInt64}
		}
		if !r.add(c.Terms[0], span) {
			rest = append(rest, c)
			continue
		}
		at[id] = r
	}
	for id, r := range at {
		l, err := s.within(id, r)
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, l)
	}
	return lists, rest, nil
}

// within scans one stretch.
func (s *search) within(id uint32, r *stretch) (list, error) {
	if r.from >= r.to {
		return &sliceList{}, nil
	}
	var nums []uint32
	k := add(s.ix.paramID(id), tagLow)
	err := s.scan(appendInt(k[:len(k):len(k)], r.from), upTo(k, r.to), func(key []byte) bool {
		v := key[len(k):]
		return r.holds(readInt(v), readInt(v[8:]))
	}, &nums)
	return sorted(nums), err
}
