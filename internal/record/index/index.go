// Package index answers what is current and what matches: heads, history,
// search postings and access rows of every practice, in an ordered key-value
// store.
//
// What comes in: the entries of a log, in order, and searches. What goes out:
// heads and sorted lists of resources. It must never be the truth: it can be
// dropped and rebuilt from the log, says how far it has applied it, and
// applies a batch and its position together or not at all.
//
// Keys begin with a kind byte and the practice, so that practices never meet:
//
//	@ practice                          → position applied
//	c practice type 0 id                → Head: the current version
//	t practice type 0 num               → id, in order of arrival
//	y practice type 0 id 0 ^hlc stream  → seq: history, newest first
//	k practice key                      → stream, seq, count of a change
//	p practice param value… num         → postings (see posting.go)
//	a practice patient 0 ^hlc stream    → seq of an access entry
//	n practice                          → the next num
//	s practice param                    → the longest span of the param's dates, ms
package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// format is raised whenever keys, values or extraction change their meaning:
// an index of another format is dropped and rebuilt.
const format = "3"

// DB holds the indexes of all practices of one node.
type DB struct{ kv *pebble.DB }

// ErrDamaged says that what is on disk is not what was written. An index can
// be dropped: it is built again from the log.
var ErrDamaged = errors.New("index: it is damaged on disk")

// damaged marks the engine's errors that mean damage.
func damaged(err error) error {
	if pebble.IsCorruptionError(err) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// Drop deletes the indexes in dir, which must be closed.
func Drop(dir string) error { return os.RemoveAll(dir) }

// Open opens the indexes in dir, "" for memory. An index of another format is
// emptied. cache may be nil.
func Open(dir string, cache *pebble.Cache) (*DB, error) {
	db, err := open(dir, cache)
	if err != nil {
		return nil, err
	}
	v, err := db.get([]byte("format"))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if string(v) == format {
		return db, nil
	}
	if err = db.kv.DeleteRange([]byte{0}, []byte{0xff}, pebble.NoSync); err == nil {
		err = db.kv.Set([]byte("format"), []byte(format), pebble.NoSync)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("index: reset: %w", err), db.Close())
	}
	return db, nil
}

func open(dir string, cache *pebble.Cache) (*DB, error) {
	o := &pebble.Options{
		Cache:        cache,
		MemTableSize: 16 << 20,
		// The log is the truth: after a crash the index is behind, at a
		// position it knows, and catches up. So it needs no log of its own.
		DisableWAL:            true,
		Logger:                quiet{},
		L0CompactionThreshold: 4,
		L0StopWritesThreshold: 24,
		// A damaged block is an error to whoever reads it, not the end of the
		// process; and what the engine would say of it holds people's names.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
	}
	// No filter on the last level: nearly all that is looked for is there, and
	// its filters would be too large to stay in the cache.
	for i := range o.Levels[:len(o.Levels)-1] {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	if dir == "" {
		o.FS = vfs.NewMem()
	}
	kv, err := pebble.Open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("index: open: %w", damaged(err))
	}
	return &DB{kv: kv}, nil
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(f string, a ...any) {
	panic(fmt.Sprintf(f, a...))
}

// Close flushes and closes.
func (d *DB) Close() error {
	return errors.Join(d.kv.Flush(), d.kv.Close())
}

func (d *DB) get(key []byte) ([]byte, error) { return get(d.kv, key) }

// get copies a value; a missing key is nil.
func get(r pebble.Reader, key []byte) ([]byte, error) {
	v, c, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: get: %w", damaged(err))
	}
	out := append([]byte{}, v...)
	return out, c.Close()
}

// Index is one practice's part of a DB. Apply is for one caller at a time;
// everything else may be called at any time.
type Index struct {
	db  *DB
	ods string
	mu  sync.RWMutex // protects next and spans
	// next is the number the next new resource gets.
	next uint32
	// spans is, by parameter, the longest time that one of its values covers.
	spans map[uint32]int64
}

// Practice opens one practice's index.
func (d *DB) Practice(ods ident.ODS) (*Index, error) {
	ix := &Index{db: d, ods: string(ods)}
	if err := ix.loadSpans(); err != nil {
		return nil, err
	}
	v, err := d.get(ix.key('n'))
	if err != nil {
		return nil, err
	}
	if len(v) == 4 {
		ix.next = binary.BigEndian.Uint32(v)
	}
	return ix, nil
}

// key begins a key of a kind.
func (ix *Index) key(kind byte, parts ...string) []byte {
	k := make([]byte, 0, 64)
	k = append(k, kind)
	k = append(k, ix.ods...)
	k = append(k, 0)
	for i, p := range parts {
		if i > 0 {
			k = append(k, 0)
		}
		k = append(k, p...)
	}
	return k
}

// Head is what the index knows of a resource's current version.
type Head struct {
	Num     uint32 // the resource's number in this index, in order of arrival
	Stream  string
	Seq     uint64
	Time    uint64 // HLC
	Deleted bool
	Hash    [32]byte
	Splice  fhir.Splice
}

func (h *Head) marshal() []byte {
	b := make([]byte, 0, 80)
	b = binary.BigEndian.AppendUint32(b, h.Num)
	b = binary.AppendUvarint(b, h.Seq)
	b = binary.AppendUvarint(b, h.Time)
	d := byte(0)
	if h.Deleted {
		d = 1
	}
	b = append(b, d)
	b = append(b, h.Hash[:]...)
	b = binary.AppendUvarint(b, uint64(h.Splice))
	return append(b, h.Stream...)
}

var errDamaged = errors.New("index: a value is damaged; drop the index and let it be rebuilt")

func unmarshalHead(b []byte) (h Head, err error) {
	defer func() {
		if recover() != nil { // a slice bound: the value is too short
			err = errDamaged
		}
	}()
	h.Num = binary.BigEndian.Uint32(b)
	b = b[4:]
	var n int
	h.Seq, n = binary.Uvarint(b)
	b = b[n:]
	h.Time, n = binary.Uvarint(b)
	b = b[n:]
	h.Deleted = b[0] == 1
	b = b[1:]
	copy(h.Hash[:], b[:32])
	b = b[32:]
	s, n := binary.Uvarint(b)
	h.Splice = fhir.Splice(s)
	h.Stream = string(b[n:])
	return h, nil
}

// Head returns the current version's head; ok is false when the resource has
// never been.
func (ix *Index) Head(ref ident.Ref) (h Head, ok bool, err error) {
	return ix.head(ix.db.kv, ref)
}

func (ix *Index) head(r pebble.Reader, ref ident.Ref) (h Head, ok bool, err error) {
	v, c, err := r.Get(ix.key('c', ref.Type, ref.ID))
	if errors.Is(err, pebble.ErrNotFound) {
		return Head{}, false, nil
	}
	if err != nil {
		return Head{}, false, fmt.Errorf("index: head: %w", err)
	}
	h, err = unmarshalHead(v)
	return h, err == nil, errors.Join(err, c.Close())
}

// Position is how far the log has been applied.
func (ix *Index) Position() (ident.Position, error) {
	v, err := ix.db.get(ix.key('@'))
	if err != nil {
		return nil, err
	}
	return ident.ParsePosition(string(v))
}

// Point is one entry of the log by stream and sequence.
type Point struct {
	Stream string
	Seq    uint64
}

// History yields a resource's versions, newest first.
func (ix *Index) History(ref ident.Ref) iter.Seq2[Point, error] {
	return ix.points(append(ix.key('y', ref.Type, ref.ID), 0))
}

// Accesses yields the access entries about a patient, newest first.
func (ix *Index) Accesses(patient string) iter.Seq2[Point, error] {
	return ix.points(append(ix.key('a', patient), 0))
}

// points reads the keys behind a prefix as far as they are asked for. An error
// is the last thing that it yields.
func (ix *Index) points(prefix []byte) iter.Seq2[Point, error] {
	return func(yield func(Point, error) bool) {
		it, err := ix.db.kv.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
		if err != nil {
			yield(Point{}, fmt.Errorf("index: history: %w", err))
			return
		}
		for ok := it.First(); ok; ok = it.Next() {
			seq, _ := binary.Uvarint(it.Value())
			if !yield(Point{Stream: string(it.Key()[len(prefix)+8:]), Seq: seq}, nil) {
				_ = it.Close()
				return
			}
		}
		if err := errors.Join(it.Error(), it.Close()); err != nil {
			yield(Point{}, fmt.Errorf("index: history: %w", err))
		}
	}
}

// after is the first key that does not begin with prefix.
func after(prefix []byte) []byte {
	b := append([]byte{}, prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}

// Done is where a change that used an idempotency key is in the log.
type Done struct {
	Point
	Count int // entries of the change
}

// Key returns the change that used an idempotency key.
func (ix *Index) Key(key string) (d Done, ok bool, err error) {
	v, err := ix.db.get(ix.key('k', key))
	if err != nil || v == nil {
		return Done{}, false, err
	}
	seq, n := binary.Uvarint(v)
	count, m := binary.Uvarint(v[n:])
	return Done{Point{string(v[n+m:]), seq}, int(count)}, true, nil
}
