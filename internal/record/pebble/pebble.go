// Package pebble is the embedded engine of the durable log: one Pebble store
// in one folder, for a practice's own server, a site node and the demo.
//
// What comes in: sealed entries. What goes out: the same entries. It must
// never return from Append before the entries are on disk, and never hold a
// second process on the same folder.
//
// Keys: e practice 0 stream 0 seq → entry; b practice 0 hash → packed body;
// h practice 0 stream → the stream's last seq.
package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pack"
)

// Config is where and how the log is kept.
type Config struct {
	Dir   string        // the log's folder, made when it is not there; "" keeps it in memory
	FS    vfs.FS        // the file system; the real one when nil
	Cache *pebble.Cache // shared with the indexes; nil for one of its own
}

// Log is a record.Log in one folder.
type Log struct {
	kv *pebble.DB

	mu    sync.Mutex                   // protects heads and orders appends
	heads map[ident.ODS]ident.Position // the last seq of each stream
	locks map[ident.ODS]*sync.Mutex    // one append at a time per practice
}

var _ record.Log = (*Log)(nil)

// Open opens or makes the log.
func Open(c Config) (*Log, error) {
	o := &pebble.Options{
		FS: c.FS, Cache: c.Cache, MemTableSize: 8 << 20, Logger: quiet{},
		// A damaged block is an error to whoever reads it, not the end of the
		// process; and what the engine would say of it holds keys.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
	}
	// No filter on the last level: nearly all that is looked for is there, and
	// its filters would be too large to stay in the cache.
	for i := range o.Levels[:len(o.Levels)-1] {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	if c.Dir == "" && c.FS == nil {
		o.FS = vfs.NewMem()
	}
	if c.Dir != "" {
		if err := makeFolder(c.FS, c.Dir); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The folder for the record could not be made.")
		}
	}
	kv, err := pebble.Open(c.Dir, o)
	if err != nil {
		return nil, fmt.Errorf("log: open %s: %w", filepath.Base(c.Dir), err)
	}
	l := &Log{kv: kv, heads: map[ident.ODS]ident.Position{}, locks: map[ident.ODS]*sync.Mutex{}}
	if err := l.loadHeads(); err != nil {
		return nil, errors.Join(err, kv.Close())
	}
	return l, nil
}

// makeFolder makes the log's folder so that the folder itself outlives a power
// cut: its name, and its parent's, are synced where they stand.
func makeFolder(fs vfs.FS, dir string) error {
	if fs == nil {
		fs = vfs.Default
	}
	if _, err := fs.Stat(dir); err == nil {
		return nil
	}
	if err := fs.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for up := fs.PathDir(dir); ; up = fs.PathDir(up) {
		d, err := fs.OpenDir(up)
		if errors.Is(err, os.ErrPermission) {
			return nil // not ours, so it was there before
		}
		if err == nil {
			err = errors.Join(d.Sync(), d.Close())
		}
		if err != nil || up == fs.PathDir(up) {
			return err
		}
	}
}

type quiet struct{}

func (quiet) Infof(string, ...any)      {}
func (quiet) Errorf(string, ...any)     {}
func (quiet) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (l *Log) loadHeads() error {
	it, err := l.kv.NewIter(&pebble.IterOptions{LowerBound: []byte("h"), UpperBound: []byte("i")})
	if err != nil {
		return fmt.Errorf("log: heads: %w", err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		ods, stream := split(it.Key()[1:])
		if l.heads[ods] == nil {
			l.heads[ods] = ident.Position{}
		}
		l.heads[ods][stream] = binary.BigEndian.Uint64(it.Value())
	}
	return errors.Join(it.Error(), it.Close())
}

func split(k []byte) (ods ident.ODS, rest string) {
	for i, c := range k {
		if c == 0 {
			return ident.ODS(k[:i]), string(k[i+1:])
		}
	}
	return ident.ODS(k), ""
}

func entryKey(ods ident.ODS, stream string, seq uint64) []byte {
	k := append([]byte{'e'}, ods...)
	k = append(append(k, 0), stream...)
	return binary.BigEndian.AppendUint64(append(k, 0), seq)
}

func headKey(ods ident.ODS, stream string) []byte {
	return append(append(append([]byte{'h'}, ods...), 0), stream...)
}

func bodyKey(ods ident.ODS, h record.Hash) []byte {
	return append(append(append([]byte{'b'}, ods...), 0), h[:]...)
}

// practice gives the practice's append lock.
func (l *Log) practice(ods ident.ODS) *sync.Mutex {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.locks[ods]
	if m == nil {
		m = &sync.Mutex{}
		l.locks[ods] = m
	}
	return m
}

// Append implements record.Log with one batch and one sync.
func (l *Log) Append(ctx context.Context, ods ident.ODS, heads ident.Position, entries []record.Entry) error {
	m := l.practice(ods)
	m.Lock()
	defer m.Unlock()
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Busy, "The change was given up before it was made.")
	}
	now, err := l.Heads(ctx, ods)
	if err != nil {
		return err
	}
	next, err := record.Continue(now, heads, entries)
	if err != nil {
		return err
	}
	b := l.kv.NewBatch()
	defer func() { _ = b.Close() }()
	for i := range entries {
		e := &entries[i]
		if err := b.Set(entryKey(ods, e.Stream, e.Seq), e.Marshal(), nil); err != nil {
			return fmt.Errorf("log: append: %w", err)
		}
		if !e.BodyHash.IsZero() {
			if err := b.Set(bodyKey(ods, e.BodyHash), e.PackedBody(), nil); err != nil {
				return fmt.Errorf("log: append: %w", err)
			}
		}
	}
	for stream := range heads {
		if err := b.Set(headKey(ods, stream), binary.BigEndian.AppendUint64(nil, next[stream]), nil); err != nil {
			return fmt.Errorf("log: append: %w", err)
		}
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return fmt.Errorf("log: append: %w", err)
	}
	l.mu.Lock()
	l.heads[ods] = next
	l.mu.Unlock()
	return nil
}

// Heads implements record.Log.
func (l *Log) Heads(_ context.Context, ods ident.ODS) (ident.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heads[ods].Clone(), nil
}

// Practices implements record.Log.
func (l *Log) Practices(context.Context) ([]ident.ODS, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]ident.ODS, 0, len(l.heads))
	for ods := range l.heads {
		out = append(out, ods)
	}
	return out, nil
}

// Read implements record.Log.
func (l *Log) Read(ctx context.Context, ods ident.ODS, from ident.Position, max int) ([]record.Entry, error) {
	heads, err := l.Heads(ctx, ods)
	if err != nil {
		return nil, err
	}
	var out []record.Entry
	for _, stream := range heads.Streams() {
		if from[stream] >= heads[stream] {
			continue
		}
		got, err := l.readStream(ctx, ods, stream, from[stream]+1, heads[stream], max-len(out))
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

func (l *Log) readStream(ctx context.Context, ods ident.ODS, stream string, first, last uint64, max int) (out []record.Entry, err error) {
	if max <= 0 {
		return nil, nil
	}
	it, err := l.kv.NewIter(&pebble.IterOptions{
		LowerBound: entryKey(ods, stream, first),
		UpperBound: entryKey(ods, stream, last+1),
	})
	if err != nil {
		return nil, fmt.Errorf("log: read: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok && len(out) < max; ok = it.Next() {
		e, err := l.decode(ctx, it.Value())
		if err != nil {
			return nil, fmt.Errorf("log: %s %s.%d: %w", ods, stream, first+uint64(len(out)), err)
		}
		out = append(out, e)
	}
	return out, it.Error()
}

func (l *Log) decode(ctx context.Context, v []byte) (record.Entry, error) {
	e, err := record.UnmarshalEntry(v)
	if err != nil || e.BodyHash.IsZero() {
		return e, err
	}
	e.Body, err = l.Body(ctx, e.Practice, e.BodyHash)
	return e, err
}

// Entry implements record.Log.
func (l *Log) Entry(ctx context.Context, ods ident.ODS, stream string, seq uint64) (record.Entry, error) {
	v, c, err := l.kv.Get(entryKey(ods, stream, seq))
	if errors.Is(err, pebble.ErrNotFound) {
		return record.Entry{}, fault.New(fault.NotFound, "There is no such version.")
	}
	if err != nil {
		return record.Entry{}, fmt.Errorf("log: entry: %w", err)
	}
	e, err := l.decode(ctx, v)
	return e, errors.Join(err, c.Close())
}

// Body implements record.Log.
func (l *Log) Body(_ context.Context, ods ident.ODS, h record.Hash) ([]byte, error) {
	v, c, err := l.kv.Get(bodyKey(ods, h))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "There is no such body.")
	}
	if err != nil {
		return nil, fmt.Errorf("log: body: %w", err)
	}
	body, err := pack.Unpack(v)
	return body, errors.Join(err, c.Close())
}

// Close implements record.Log.
func (l *Log) Close() error { return l.kv.Close() }
