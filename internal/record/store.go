package record

import (
	"context"
	"log/slog"
	"time"

	"heartwood/internal/ident"
)

// Config is what a Store needs.
type Config struct {
	Log  Log              // the durable log
	Dir  string           // where the indexes are kept; "" keeps them in memory
	Node string           // this node's stream name; "c" when empty
	Now  func() time.Time // the wall clock; time.Now when nil
	Slog *slog.Logger     // slog.Default() when nil
}

// Store serves the records of every practice in a log: it commits changes,
// follows the log into the indexes, and answers reads and searches from them.
type Store struct{}

// Open opens the indexes and brings them up to the log.
func Open(ctx context.Context, c Config) (*Store, error) { panic("not yet") }

// Close stops the store. What was acknowledged is durable already.
func (s *Store) Close() error { panic("not yet") }

// Practices lists the practices that have a record.
func (s *Store) Practices(ctx context.Context) ([]ident.ODS, error) { panic("not yet") }

// Practice gives the record of one practice, opening it if need be.
func (s *Store) Practice(ods ident.ODS) (*Practice, error) { panic("not yet") }

// Practice is the record of one practice.
type Practice struct{}

// ODS is the practice's code.
func (p *Practice) ODS() ident.ODS { panic("not yet") }

// Now is the store's clock.
func (p *Practice) Now() time.Time { panic("not yet") }

// Commit makes a change durable, or refuses it and changes nothing: Conflict
// when something in Expect is no longer true. It returns after the change can
// be read by Read and Search.
func (p *Practice) Commit(ctx context.Context, c Change) (Receipt, error) { panic("not yet") }

// Read returns the current version: NotFound, or Gone when it was deleted.
func (p *Practice) Read(ctx context.Context, ref ident.Ref) (Version, error) { panic("not yet") }

// VRead returns one version by its id.
func (p *Practice) VRead(ctx context.Context, ref ident.Ref, version string) (Version, error) {
	panic("not yet")
}

// History returns the versions of a resource, newest first, at most max,
// beginning before the version named ("" begins with the newest).
func (p *Practice) History(ctx context.Context, ref ident.Ref, before string, max int) ([]Version, error) {
	panic("not yet")
}

// Find searches, with a query as FHIR writes it:
// "Task?status=requested&patient=Patient/1&_sort=-authored-on&_count=50".
// Unknown parameters and bad values are Invalid faults that name them.
func (p *Practice) Find(ctx context.Context, query string) (Page, error) { panic("not yet") }

// Repeat returns the receipt of the change that used this key; ok is false
// when none did.
func (p *Practice) Repeat(ctx context.Context, key string) (r Receipt, ok bool, err error) {
	panic("not yet")
}

// Position is how far this node has applied the log.
func (p *Practice) Position() ident.Position { panic("not yet") }

// Wait returns when this node has applied at least pos, or Busy when the
// context ends first.
func (p *Practice) Wait(ctx context.Context, pos ident.Position) error { panic("not yet") }

// Follow calls fn with batches of entries, in order, from after pos until the
// context ends or fn returns an error. It sees every entry exactly once; a
// follower that keeps its position with its own state misses nothing.
func (p *Practice) Follow(ctx context.Context, pos ident.Position, fn func([]Entry) error) error {
	panic("not yet")
}

// Saw records that a person is about to see these, and returns when that is
// durable: call it before showing.
func (p *Practice) Saw(ctx context.Context, sights ...Access) error { panic("not yet") }

// Noted records a program's read. It is durable within a second, grouped
// with others of the same author.
func (p *Practice) Noted(a Access) { panic("not yet") }

// Accesses lists who saw a patient's record, newest first, at most max.
func (p *Practice) Accesses(ctx context.Context, patient string, before string, max int) ([]Access, error) {
	panic("not yet")
}

// Prepare makes the write of a new version from resource JSON: it parses,
// checks that type and id fit, and works out what the resource is found by.
// It does not validate against the definitions: doors do that with
// fhir.Validate before they call it.
func Prepare(ref ident.Ref, resource []byte) (Write, error) { panic("not yet") }

// Remove makes the write that deletes a resource.
func Remove(ref ident.Ref) Write { return Write{Op: Delete, Ref: ref} }
