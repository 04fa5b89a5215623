// Package record keeps what was decided: one append-only log of entries per
// practice, each entry one version of one FHIR resource.
//
// What comes in: Changes (who, why, what, and what must still be true). What
// goes out: a Receipt once the change is durable, versions, search results,
// and the entries themselves to followers. It must never acknowledge what is
// not durable, never overwrite an entry, and never let two changes that
// relied on the same version both succeed.
//
// The log (Log: engines in pebble/ and postgres/) is the only truth. Current
// versions, history and search are a follower of it, kept in index/, and can
// be dropped and rebuilt at any time.
package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero tells whether there is no hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// Author is who made a change or looked at a record, and in what role.
type Author struct {
	Ref  string `json:"ref"`            // "Practitioner/…", "Patient/…", "Device/…"
	Role string `json:"role,omitempty"` // "navigator", "clinician", "system" …
	For  string `json:"for,omitempty"`  // the patient a proxy or member of staff acts for
}

// System is the author of what the program does of itself.
var System = Author{Ref: "Device/heartwood", Role: "system"}

// Op is what an entry does to its resource.
type Op uint8

// The operations.
const (
	Put    Op = iota + 1 // a new version with a body
	Delete               // a version without a body; the resource is gone until the next Put
)

// Entry is one version of one resource, as the log keeps it.
type Entry struct {
	Practice ident.ODS
	Stream   string // the writing node's stream: "c" for the centre, "c.access" for its access log
	Seq      uint64 // 1, 2, 3 … in its stream
	Time     HLC
	Author   Author
	Reason   string
	Key      string // the change's idempotency key, on its first entry only
	Rest     uint32 // how many more entries of the same change follow this one
	Op       Op
	Type, ID string
	Parents  []string // the versions that this one supersedes
	BodyHash Hash     // zero for Delete
	Splice   fhir.Splice
	Prev     Hash // Sum of the stream's previous entry
	Sum      Hash // of all the above
	Body     []byte

	packed []byte // Body as engines keep it, once it has been worked out
}

// Version is the entry's version id, unique in the practice: "c.812".
func (e *Entry) Version() string { return VersionID(e.Stream, e.Seq) }

// Ref is the resource the entry is about.
func (e *Entry) Ref() ident.Ref { return ident.Ref{Type: e.Type, ID: e.ID} }

// Log is the durable, ordered history of every practice. It is the only truth.
type Log interface {
	// Append makes entries durable, all or none, if the practice's head of
	// every stream named in heads is still what heads says (0: no entry yet).
	// The entries are complete (Seq, Prev, Sum) and follow those heads without
	// a gap; every stream they write must be named. When a head has moved it
	// returns a fault of kind Conflict and changes nothing. When it returns
	// nil the entries survive a crash. After an error that Is ErrUncertain
	// they may be there, or may yet come; after any other they are not.
	Append(ctx context.Context, practice ident.ODS, heads ident.Position, entries []Entry) error
	// Read returns up to max entries after from, bodies included, each stream
	// in order of Seq. Nothing more to read is an empty slice.
	Read(ctx context.Context, practice ident.ODS, from ident.Position, max int) ([]Entry, error)
	// Entry returns one entry with its body, or a NotFound fault.
	Entry(ctx context.Context, practice ident.ODS, stream string, seq uint64) (Entry, error)
	// Heads returns the last Seq of each stream of the practice.
	Heads(ctx context.Context, practice ident.ODS) (ident.Position, error)
	// Practices lists every practice that has an entry.
	Practices(ctx context.Context) ([]ident.ODS, error)
	// Body returns a body of the practice by its hash, or a NotFound fault.
	Body(ctx context.Context, practice ident.ODS, hash Hash) ([]byte, error)
	Close() error
}

// ErrUncertain says that an append was given to the log and no answer came: it
// may have been made, and it may still be.
var ErrUncertain = errors.New("record: it is not certain that the append was made")

// Change is what one decision does: it is made durable whole or not at all.
type Change struct {
	Author Author
	Reason string // why, in a few plain words: "triage: raised to urgent"
	// Key makes the change happen once: a second Commit with the same key
	// changes nothing and returns the first one's Receipt. "" for none.
	Key    string
	Expect []Expect
	Writes []Write
}

// Write is one version of one resource to append.
type Write struct {
	Op   Op
	Ref  ident.Ref
	Body fhir.Body    // for Put
	Find []fhir.Value // what the resource is found by; made by Prepare
	// Fresh says that the id was made by ident.NewID for this write, so that
	// nothing can have it: the record need not look.
	Fresh bool

	hash   Hash
	packed []byte
}

// Expect is something that must be true at the moment of commit, or the
// change is refused and nothing is written.
type Expect struct {
	// Ref must be at Version. "" means: it must not exist (or be deleted).
	Ref     ident.Ref
	Version string
	// None, when set, replaces the above: no current resource matches this
	// search ("Patient?identifier=…"), as in a conditional create.
	None string
}

// Receipt proves a change: where it is in the log.
type Receipt struct {
	Position ident.Position
	Versions []Version // one for each Write, in order
	Repeat   bool      // the key had been used: this is the first commit's receipt
}

// Version is one version of one resource, as it is read.
type Version struct {
	Ref     ident.Ref
	ID      string // version id, "c.812"
	Time    time.Time
	Deleted bool
	Body    fhir.Body
	// Who and why: given by History, VRead and Commit, not by Read and Find.
	Author Author
	Reason string
}

// JSON is the resource with id, meta.versionId and meta.lastUpdated.
func (v Version) JSON() []byte { return fhir.Present(v.Body, v.ID, v.Time) }

// Resource parses the version. Its own bytes were checked when they were
// written, so this fails only when memory or disk has gone wrong.
func (v Version) Resource() (*fhir.Resource, error) { return fhir.ParseResource(v.JSON()) }

// Expect is the precondition that this is still the current version.
func (v Version) Expect() Expect { return Expect{Ref: v.Ref, Version: v.ID} }

// Page is one page of search results.
type Page struct {
	Matches  []Version
	Included []Version // by _include and _revinclude, each once
	Next     string    // cursor of the next page, "" at the end
	Total    int       // of all pages; -1 when it was not asked for
	Position ident.Position
}

// Access is one sight of a record: who saw what of which patient.
type Access struct {
	Author  Author
	Purpose string // "direct care", "self access", "program"
	Patient string // "Patient/…", "" for what belongs to no patient
	Type    string // resource type, or a page's name
	Count   int
	Time    time.Time
}
