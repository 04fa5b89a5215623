// Package doorlog is the doors' own journal: that a form came, written to a
// file of its own and on disk before the form is decided about.
//
// What comes in: a form's key, its channel and the time, then what became of
// it: kept under a reference, or refused. What goes out: the same, for
// reconciliation. It is not part of the record, shares no code with it, and
// lies beside it, so that it shows what the record has lost. It must never
// hold anything about a person: keys are kept as digests. It must never be
// rewritten: it is only added to.
package doorlog

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Journal keeps one file for each practice in a folder. A nil Journal keeps
// nothing.
type Journal struct {
	dir  string
	node string

	mu    sync.Mutex // protects files
	files map[ident.ODS]*file
}

// file is one practice's journal.
type file struct {
	mu      sync.Mutex // protects f for writing
	f       *os.File
	written atomic.Uint64 // lines

	syncing sync.Mutex // one sync at a time: who waits finds theirs done
	synced  uint64     // lines that are on disk; protected by syncing
}

// line is one line of a journal: JSON, a tab, and the CRC-32 of the JSON.
type line struct {
	At        time.Time `json:"at"`
	Did       string    `json:"did"` // came, kept, refused, settled
	Form      string    `json:"form"`
	Channel   string    `json:"channel,omitempty"`
	Reference string    `json:"reference,omitempty"`
	Why       string    `json:"why,omitempty"`
	By        string    `json:"by,omitempty"`
}

// Open opens the journals in a folder, making it and this node's name.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("doorlog: %w", err)
	}
	name := filepath.Join(dir, "node")
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		var one [8]byte
		_, _ = rand.Read(one[:]) // never fails
		b = []byte(hex.EncodeToString(one[:]))
		err = os.WriteFile(name, b, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("doorlog: %w", err)
	}
	return &Journal{dir: dir, node: strings.TrimSpace(string(b)), files: map[ident.ODS]*file{}}, nil
}

// Close closes the files.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var errs []error
	for ods, f := range j.files {
		errs = append(errs, f.f.Close())
		delete(j.files, ods)
	}
	return errors.Join(errs...)
}

// Node is the name under which this process's doors are known.
func (j *Journal) Node() string {
	if j == nil {
		return ""
	}
	return j.node
}

// Digest is a form's key as it is kept: nobody can tell the key from it.
func Digest(key string) string {
	sum := sha256.Sum256([]byte("heartwood door " + key))
	return hex.EncodeToString(sum[:12])
}

// Came notes that a form has come, and returns once that is on disk. claim is
// what the request then says of where it came in: "node/digest"; "" when
// nothing was noted, which is logged and keeps nobody's form from being taken.
func (j *Journal) Came(practice ident.ODS, key, channel string, now time.Time) (claim string) {
	if j == nil || key == "" {
		return ""
	}
	d := Digest(key)
	if err := j.add(practice, line{At: now, Did: "came", Form: d, Channel: channel}, true); err != nil {
		slog.Error("the door's log could not be written: a form is taken without it", "practice", practice, "cause", err)
		return ""
	}
	return j.node + "/" + d
}

// Kept notes that the form is in the ledger. It need not survive a crash: the
// ledger says the same.
func (j *Journal) Kept(practice ident.ODS, key, reference string, now time.Time) {
	if j != nil && key != "" {
		_ = j.add(practice, line{At: now, Did: "kept", Form: Digest(key), Reference: reference}, false)
	}
}

// Refused notes that whoever sent the form was told that it was not taken.
func (j *Journal) Refused(practice ident.ODS, key string, now time.Time) {
	if j != nil && key != "" {
		_ = j.add(practice, line{At: now, Did: "refused", Form: Digest(key)}, false)
	}
}

// Settle notes what somebody did about a form that never reached the ledger.
func (j *Journal) Settle(practice ident.ODS, form, why, by string, now time.Time) error {
	if j == nil {
		return errors.New("doorlog: there is none")
	}
	return j.add(practice, line{At: now, Did: "settled", Form: form, Why: why, By: by}, true)
}

func (j *Journal) add(practice ident.ODS, l line, sync bool) error {
	f, err := j.file(practice)
	if err != nil {
		return err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	b = fmt.Appendf(b, "\t%08x\n", crc32.ChecksumIEEE(b))
	f.mu.Lock()
	_, err = f.f.Write(b)
	n := f.written.Add(1)
	f.mu.Unlock()
	if err != nil || !sync {
		return err
	}
	return f.sync(n)
}

// sync returns once the first n lines are on disk; one sync serves all who
// wait for it.
func (f *file) sync(n uint64) error {
	f.syncing.Lock()
	defer f.syncing.Unlock()
	if f.synced >= n {
		return nil
	}
	all := f.written.Load()
	if err := f.f.Sync(); err != nil {
		return err
	}
	f.synced = all
	return nil
}

func (j *Journal) path(practice ident.ODS) string {
	return filepath.Join(j.dir, string(practice)+".log")
}

func (j *Journal) file(practice ident.ODS) (*file, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if f := j.files[practice]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(j.path(practice), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := whole(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	j.files[practice] = &file{f: f}
	return j.files[practice], nil
}

// whole ends a line that a crash has cut short, so that the next one is not
// spoiled by it.
func whole(f *os.File) error {
	size, err := f.Seek(0, 2)
	if err != nil || size == 0 {
		return err
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], size-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.Write([]byte("\n"))
	}
	return err
}

var stores sync.Map // *record.Store → *Journal

// Keep says where the doors of a store keep their journal; nil for nowhere.
func Keep(s *record.Store, j *Journal) {
	if j == nil {
		stores.Delete(s)
		return
	}
	stores.Store(s, j)
}

// Of is the journal of the doors of a store, nil when it has none.
func Of(s *record.Store) *Journal {
	j, _ := stores.Load(s)
	found, _ := j.(*Journal)
	return found
}
