package record

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

// Config is what a Store needs.
type Config struct {
	Log  Log              // the durable log; the store does not close it
	Dir  string           // where the indexes are kept; "" keeps them in memory
	Node string           // this node's stream name; "c" when empty
	Now  func() time.Time // the wall clock; time.Now when nil
	Slog *slog.Logger     // slog.Default() when nil
	// Poll is how often to look for entries that other processes have
	// written; 0 when this process is the log's only writer.
	Poll time.Duration
	// Cache is the block cache that log and indexes share; nil for a small one.
	Cache *pebble.Cache
}

// Store serves the records of every practice in a log: it commits changes,
// follows the log into the indexes, and answers reads and searches from them.
type Store struct {
	Config
	clock  *Clock
	db     *index.DB
	bodies *bodyCache
	stop   context.CancelFunc
	ctx    context.Context
	wg     sync.WaitGroup

	mu        sync.Mutex // protects practices and closed
	practices map[ident.ODS]*Practice
	closed    bool
}

// Open opens the indexes and brings those of every practice up to the log.
// Indexes that are found damaged are dropped and built again.
func Open(ctx context.Context, c Config) (*Store, error) {
	s, err := openStore(ctx, c)
	if c.Dir == "" || !errors.Is(err, index.ErrDamaged) {
		return s, err
	}
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	c.Slog.Error("record: the indexes are damaged on disk; they are built again from the log", "error", err)
	if err := index.Drop(c.Dir); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The damaged indexes cannot be deleted.")
	}
	return openStore(ctx, c)
}

func openStore(ctx context.Context, c Config) (*Store, error) {
	if c.Node == "" {
		c.Node = "c"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	db, err := index.Open(c.Dir, c.Cache)
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.Background())
	s := &Store{
		Config: c, clock: NewClock(c.Now), db: db, bodies: newBodyCache(12 << 20),
		ctx: run, stop: stop, practices: map[ident.ODS]*Practice{},
	}
	all, err := c.Log.Practices(ctx)
	for _, ods := range all {
		if err == nil {
			_, err = s.Practice(ods)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops the store. What was acknowledged is durable already.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	practices := make([]*Practice, 0, len(s.practices))
	for _, p := range s.practices {
		practices = append(practices, p)
	}
	s.mu.Unlock()
	for _, p := range practices {
		p.flushNoted()
	}
	s.stop()
	s.wg.Wait()
	return s.db.Close()
}

// Practices lists the practices that have a record.
func (s *Store) Practices(ctx context.Context) ([]ident.ODS, error) {
	return s.Log.Practices(ctx)
}

// Practice gives the record of one practice, opening it if need be.
func (s *Store) Practice(ods ident.ODS) (*Practice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.practices[ods]; p != nil {
		return p, nil
	}
	if s.closed {
		return nil, fault.New(fault.Busy, "The record is closing. Try again in a moment.")
	}
	p, err := s.openPractice(ods)
	if err != nil {
		return nil, err
	}
	s.practices[ods] = p
	s.bodies.grow(4 << 20)
	return p, nil
}

// bodyCache keeps the bodies that were read last, up to a number of bytes.
type bodyCache struct {
	mu    sync.Mutex
	max   int
	size  int
	young map[Hash][]byte // protected by mu, as are old, size and max
	old   map[Hash][]byte
}

func newBodyCache(max int) *bodyCache {
	return &bodyCache{max: max / 2, young: map[Hash][]byte{}}
}

// grow makes room for so many bytes more.
func (c *bodyCache) grow(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.max += by / 2
}

// get looks in both halves; what is found in the old one moves to the young.
func (c *bodyCache) get(h Hash) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b, ok := c.young[h]; ok {
		return b, true
	}
	b, ok := c.old[h]
	if ok {
		c.add(h, b)
	}
	return b, ok
}

func (c *bodyCache) put(h Hash, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(h, b)
}

func (c *bodyCache) add(h Hash, b []byte) {
	if _, ok := c.young[h]; ok || len(b) > c.max/16 {
		return
	}
	if c.size += len(b) + 64; c.size > c.max {
		c.old, c.young, c.size = c.young, map[Hash][]byte{}, len(b)+64
	}
	c.young[h] = b
}
