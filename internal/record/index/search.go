package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Match is one resource that a search found.
type Match struct {
	Ref  ident.Ref
	Head Head
}

// Result is one page of a search.
type Result struct {
	Matches []Match
	Next    string // cursor, "" at the end
	Total   int    // -1 when not asked for
}

// SortKeys gives the sort values of a version for each key of the query, in
// an order-keeping form; the index has no bodies, so its owner works them out.
type SortKeys func(h Head, sort []Sort) (string, error)

// Search runs a query on one consistent state. Count must be set, 0 for the
// total alone.
func (ix *Index) Search(q Query, keys SortKeys) (res Result, err error) {
	snap := ix.db.kv.NewSnapshot()
	defer func() { err = errors.Join(err, snap.Close()) }()
	s := search{ix: ix, r: snap, q: q}
	if len(q.Sort) > 0 {
		return s.sorted(keys)
	}
	return s.inOrder()
}

type search struct {
	ix *Index
	r  pebble.Reader
	q  Query
}

// inOrder pages through matches in order of arrival.
func (s *search) inOrder() (Result, error) {
	res := Result{Total: -1}
	from := uint32(0)
	if s.q.Cursor != "" {
		n, err := strconv.ParseUint(s.q.Cursor, 36, 32)
		if err != nil {
			return res, fault.At(fault.Invalid, "_cursor", "The cursor is not one of ours.")
		}
		from = uint32(n)
	}
	total, first := 0, from
	if s.q.Total {
		first = 0 // those of the pages before count
	}
	err := s.each(first, func(num uint32) (bool, error) {
		m, ok, err := s.match(num)
		if err != nil || !ok {
			return true, err
		}
		total++
		switch {
		case num < from:
		case len(res.Matches) < s.q.Count:
			res.Matches = append(res.Matches, m)
		case res.Next == "" && s.q.Count > 0:
			res.Next = strconv.FormatUint(uint64(num), 36)
		}
		return s.q.Total || res.Next == "", nil
	})
	if s.q.Total {
		res.Total = total
	}
	return res, err
}

// sorted gathers every match, orders them, and cuts a page out.
func (s *search) sorted(keys SortKeys) (Result, error) {
	type row struct {
		key string
		m   Match
	}
	res := Result{Total: -1}
	var rows []row
	err := s.each(0, func(num uint32) (bool, error) {
		m, ok, err := s.match(num)
		if err != nil || !ok {
			return true, err
		}
		k, err := keys(m.Head, s.q.Sort)
		rows = append(rows, row{k, m})
		return true, err
	})
	if err != nil {
		return res, err
	}
	down := s.q.Sort[0].Down
	slices.SortFunc(rows, func(a, b row) int {
		c := strings.Compare(a.key, b.key)
		if c == 0 {
			c = int(int64(a.m.Head.Num) - int64(b.m.Head.Num))
		}
		if down {
			return -c
		}
		return c
	})
	if s.q.Total {
		res.Total = len(rows)
	}
	from := 0
	if s.q.Cursor != "" {
		n, err := strconv.ParseUint(s.q.Cursor, 36, 32)
		if err != nil {
			return res, fault.At(fault.Invalid, "_cursor", "The cursor is not one of ours.")
		}
		for from = 0; from < len(rows) && uint64(rows[from].m.Head.Num) != n; from++ {
		}
	}
	for i := from; i < len(rows); i++ {
		if len(res.Matches) == s.q.Count {
			if s.q.Count > 0 {
				res.Next = strconv.FormatUint(uint64(rows[i].m.Head.Num), 36)
			}
			break
		}
		res.Matches = append(res.Matches, rows[i].m)
	}
	return res, nil
}

// match reads what stands behind a number; deleted resources do not match.
func (s *search) match(num uint32) (Match, bool, error) {
	id, err := get(s.r, binary.BigEndian.AppendUint32(append(s.ix.key('t', s.q.Type), 0), num))
	if err != nil || id == nil {
		return Match{}, false, err
	}
	ref := ident.Ref{Type: s.q.Type, ID: string(id)}
	h, ok, err := s.ix.head(s.r, ref)
	return Match{ref, h}, ok && !h.Deleted, err
}

// each calls fn with the numbers from first on that match every clause, in
// order, until it says stop.
func (s *search) each(first uint32, fn func(uint32) (more bool, err error)) (err error) {
	if s.q.IDs != nil || len(s.q.Clauses) == 0 {
		return s.eachByID(first, fn)
	}
	lists := make([]list, 0, len(s.q.Clauses))
	defer func() {
		for _, l := range lists {
			err = errors.Join(err, l.close())
		}
	}()
	ranges, rest, err := s.stretches(s.q.Clauses)
	if err != nil {
		return err
	}
	lists = append(lists, ranges...)
	for _, c := range rest {
		l, err := s.clause(c)
		if err != nil {
			return err
		}
		lists = append(lists, l)
	}
	return intersect(lists, first, fn)
}

// intersect leapfrogs over sorted lists, from a number on.
func intersect(lists []list, at uint32, fn func(uint32) (bool, error)) error {
	for {
		agreed := 0
		for i := 0; agreed < len(lists); i = (i + 1) % len(lists) {
			n, ok, err := lists[i].seek(at)
			if err != nil || !ok {
				return err
			}
			if n == at {
				agreed++
			} else {
				at, agreed = n, 1
			}
		}
		more, err := fn(at)
		if err != nil || !more || at == 1<<32-1 {
			return err
		}
		at++
	}
}

// eachByID serves _id, and searches without a clause.
func (s *search) eachByID(first uint32, fn func(uint32) (bool, error)) (err error) {
	if s.q.IDs == nil {
		prefix := append(s.ix.key('t', s.q.Type), 0)
		l, err := s.postings(prefix)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.close()) }()
		return intersect([]list{l}, first, fn)
	}
	rest := s.q
	rest.IDs = nil
	var nums []uint32
	for _, id := range s.q.IDs {
		h, ok, err := s.ix.head(s.r, ident.Ref{Type: s.q.Type, ID: id})
		if err != nil {
			return err
		}
		if ok && !h.Deleted {
			nums = append(nums, h.Num)
		}
	}
	nums = sorted(nums).nums
	if len(rest.Clauses) == 0 {
		return intersect([]list{&sliceList{nums: nums}}, first, fn)
	}
	inner := search{ix: s.ix, r: s.r, q: rest}
	return inner.each(first, func(n uint32) (bool, error) {
		if _, ok := slices.BinarySearch(nums, n); !ok {
			return true, nil
		}
		return fn(n)
	})
}

// list is a sorted list of resource numbers.
type list interface {
	// seek is the first number that is at least n.
	seek(n uint32) (num uint32, ok bool, err error)
	close() error
}

type sliceList struct{ nums []uint32 }

// sorted makes a list of numbers in any order, which may repeat.
func sorted(nums []uint32) *sliceList {
	slices.Sort(nums)
	return &sliceList{nums: slices.Compact(nums)}
}

func (l *sliceList) seek(n uint32) (uint32, bool, error) {
	i, _ := slices.BinarySearch(l.nums, n)
	if i == len(l.nums) {
		return 0, false, nil
	}
	return l.nums[i], true, nil
}

func (l *sliceList) close() error { return nil }

// keyList reads numbers from the ends of keys that begin with one prefix.
type keyList struct {
	it     *pebble.Iterator
	prefix []byte
	at     uint32
	valid  bool
}

func (s *search) postings(prefix []byte) (list, error) {
	it, err := s.r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return nil, fmt.Errorf("index: search: %w", err)
	}
	return &keyList{it: it, prefix: prefix}, nil
}

func (l *keyList) seek(n uint32) (uint32, bool, error) {
	if l.valid && l.at >= n {
		return l.at, true, nil
	}
	var ok bool
	if l.valid && l.at+1 == n {
		ok = l.it.Next()
	} else {
		ok = l.it.SeekGE(binary.BigEndian.AppendUint32(l.prefix[:len(l.prefix):len(l.prefix)], n))
	}
	if l.valid = ok; !ok {
		return 0, false, l.it.Error()
	}
	k := l.it.Key()
	l.at = binary.BigEndian.Uint32(k[len(k)-4:])
	if l.at < n {
		l.valid = l.it.SeekGE(binary.BigEndian.AppendUint32(l.prefix[:len(l.prefix):len(l.prefix)], n))
		if !l.valid {
			return 0, false, l.it.Error()
		}
		k = l.it.Key()
		l.at = binary.BigEndian.Uint32(k[len(k)-4:])
	}
	return l.at, true, nil
}

func (l *keyList) close() error { return l.it.Close() }
