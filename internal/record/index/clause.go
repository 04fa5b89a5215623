package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/fhir"
)

// clause is the sorted list of resources that match one clause.
func (s *search) clause(c Clause) (list, error) {
	p := s.ix.param(s.q.Type, c.Param.Name)
	if c.Modifier == "missing" {
		has, err := s.postings(add(p, tagHas))
		if err != nil || c.Terms[0].Code == "false" {
			return has, err
		}
		return s.allBut(has)
	}
	keys := exactKeys(p, c)
	if len(keys) == 1 && c.Modifier != "not" {
		return s.postings(keys[0])
	}
	var nums []uint32
	for _, k := range keys {
		if err := s.scan(k, after(k), nil, &nums); err != nil {
			return nil, err
		}
	}
	if keys == nil {
		for _, t := range c.Terms {
			if err := s.ranges(p, c, t, &nums); err != nil {
				return nil, err
			}
		}
	}
	l := sorted(nums)
	if c.Modifier == "not" {
		return s.allBut(l)
	}
	return l, nil
}

// exactKeys are the posting prefixes of a clause that asks for exact values;
// nil when the clause asks for ranges or texts.
func exactKeys(p []byte, c Clause) [][]byte {
	var keys [][]byte
	for _, t := range c.Terms {
		switch {
		case c.Param.Kind == fhir.ParamToken && !t.HasSystem:
			keys = append(keys, exact(p, "|"+t.Code))
		case c.Param.Kind == fhir.ParamToken && t.System == "":
			keys = append(keys, exact(p, "||"+t.Code))
		case c.Param.Kind == fhir.ParamToken:
			keys = append(keys, exact(p, t.System+"|"+t.Code))
		case c.Param.Kind == fhir.ParamReference:
			for _, r := range referenceForms(c, t) {
				keys = append(keys, exact(p, r))
			}
		case c.Param.Kind == fhir.ParamURI, c.Modifier == "exact":
			keys = append(keys, exact(p, t.Code))
		}
	}
	return keys
}

// referenceForms are the ways a reference may have been written.
func referenceForms(c Clause, t Term) []string {
	switch {
	case c.Modifier == "identifier":
		return []string{"#" + t.System + "|" + t.Code}
	case c.Modifier != "":
		return []string{c.Modifier + "/" + t.Code}
	case strings.ContainsAny(t.Code, "/:"):
		return []string{t.Code}
	}
	out := make([]string, 0, len(c.Param.Targets))
	for _, target := range c.Param.Targets {
		out = append(out, target+"/"+t.Code)
	}
	return append(out, t.Code)
}

// ranges adds what matches one text, date or number.
func (s *search) ranges(p []byte, c Clause, t Term, nums *[]uint32) error {
	switch c.Param.Kind {
	case fhir.ParamString:
		return s.text(p, c, t, nums)
	case fhir.ParamDate:
		return s.dates(p, t, nums)
	default:
		return s.numbers(p, t, nums)
	}
}

func (s *search) text(p []byte, c Clause, t Term, nums *[]uint32) error {
	f := fhir.Fold(t.Code)
	if c.Modifier == "contains" {
		k := add(p, tagText)
		return s.scan(k, after(k), func(rest []byte) bool {
			return strings.Contains(string(rest[len(k):len(rest)-5]), f)
		}, nums)
	}
	if len(f) > maxText {
		f = f[:maxText]
	}
	k := append(add(p, tagText), f...)
	return s.scan(k, after(k), nil, nums)
}

func (s *search) dates(p []byte, t Term, nums *[]uint32) error {
	low := func(from, to int64, keep func(low, high int64) bool) error {
		k := add(p, tagLow)
		return s.scan(appendInt(k[:len(k):len(k)], from), upTo(k, to), func(key []byte) bool {
			v := key[len(k):]
			return keep == nil || keep(readInt(v), readInt(v[8:]))
		}, nums)
	}
	high := func(from int64) error { // resources that end after from
		k := add(p, tagHigh)
		if from == math.MaxInt64 {
			return nil
		}
		return s.scan(appendInt(k[:len(k):len(k)], from+1), after(k), nil, nums)
	}
	const first = math.MinInt64
	switch t.Prefix {
	case "ne":
		return low(first, math.MaxInt64, func(l, h int64) bool { return l < t.Low || h > t.High })
	case "gt":
		return high(t.High)
	case "ge":
		return high(t.Low)
	case "lt":
		return low(first, t.Low, nil)
	case "le":
		return low(first, t.High, nil)
	case "sa":
		return low(t.High, math.MaxInt64, nil)
	case "eb":
		return low(first, t.Low, func(_, h int64) bool { return h <= t.Low })
	case "ap":
		slack := (t.High - t.Low) / 2
		return low(first, t.High+slack, func(_, h int64) bool { return h > t.Low-slack })
	default:
		return low(t.Low, t.High, func(_, h int64) bool { return h <= t.High })
	}
}

// upTo bounds a scan of k's integers before n; the greatest n means no bound.
func upTo(k []byte, n int64) []byte {
	if n == math.MaxInt64 {
		return after(k)
	}
	return appendInt(k[:len(k):len(k)], n)
}

func (s *search) numbers(p []byte, t Term, nums *[]uint32) error {
	k := add(p, tagNum)
	from, to := math.Inf(-1), math.Inf(1)
	keep := func(float64) bool { return true }
	switch t.Prefix {
	case "gt", "sa":
		from, keep = t.Num, func(f float64) bool { return f > t.Num }
	case "ge":
		from = t.Num
	case "lt", "eb":
		to, keep = t.Num, func(f float64) bool { return f < t.Num }
	case "le":
		to = t.Num
	case "ne":
		keep = func(f float64) bool { return f < t.Num-t.Half || f >= t.Num+t.Half }
	case "ap":
		from, to = t.Num-math.Abs(t.Num)/10, t.Num+math.Abs(t.Num)/10
	default:
		from, to = t.Num-t.Half, t.Num+t.Half
		keep = func(f float64) bool { return f < to || t.Half == 0 }
	}
	unit := xxhash.Sum64String(t.System + "|" + t.Code)
	end := after(appendFloat(k[:len(k):len(k)], to))
	return s.scan(appendFloat(k[:len(k):len(k)], from), end, func(key []byte) bool {
		v := key[len(k):]
		return keep(readFloat(v)) && (!t.HasSystem || binary.BigEndian.Uint64(v[8:]) == unit)
	}, nums)
}

// scan adds the numbers at the ends of the keys from..to that keep accepts.
func (s *search) scan(from, to []byte, keep func(key []byte) bool, nums *[]uint32) (err error) {
	it, err := s.r.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return fmt.Errorf("index: search: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		k := it.Key()
		if keep == nil || keep(k) {
			*nums = append(*nums, binary.BigEndian.Uint32(k[len(k)-4:]))
		}
	}
	return it.Error()
}

// allBut is every resource of the type that is not in l; it closes l.
func (s *search) allBut(l list) (_ list, err error) {
	defer func() { err = errors.Join(err, l.close()) }()
	var all []uint32
	prefix := append(s.ix.key('t', s.q.Type), 0)
	if err := s.scan(prefix, after(prefix), nil, &all); err != nil {
		return nil, err
	}
	out := all[:0]
	for _, n := range all {
		m, ok, err := l.seek(n)
		if err != nil {
			return nil, err
		}
		if !ok || m != n {
			out = append(out, n)
		}
	}
	return &sliceList{nums: out}, nil
}
