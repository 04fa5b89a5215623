package patient

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Drafts keeps half-filled forms for a day. It is not the record: what a
// person has not sent is theirs. Each draft is sealed with a key that only
// their browser's cookie holds, so the files tell nothing to whoever reads the
// disk, and a draft that is lost or swept away costs some typing and no more.
type Drafts struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	mem   map[string]memDraft // protected by mu
	swept time.Time           // protected by mu
	used  int64               // bytes kept, counted afresh by each sweep; protected by mu
}

type memDraft struct {
	sealed []byte
	at     time.Time
}

// Limits of what is kept.
const (
	draftLife  = 24 * time.Hour
	sweepEvery = 10 * time.Minute
	memLimit   = 256 << 20 // bytes in memory
	dirLimit   = 4 << 30   // bytes on disk
)

// NewDrafts keeps drafts as files in dir, or in memory when dir is "".
func NewDrafts(dir string, now func() time.Time) *Drafts {
	return &Drafts{dir: dir, now: now, mem: map[string]memDraft{}}
}

// newToken is a draft's secret, kept in the person's cookie.
func newToken() string { return ident.NewID() + ident.NewID() }

// keyOf is what a token's part is filed under and sealed with.
func keyOf(token, part string) (name string, aead cipher.AEAD) {
	k, err := hkdf.Key(sha256.New, []byte(token), nil, "heartwood draft "+part, 64)
	if err != nil {
		panic(err) // 64 bytes are within the limit of the function
	}
	block, err := aes.NewCipher(k[32:])
	if err != nil {
		panic(err) // the key has the right length
	}
	aead, err = cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(k[:16]), aead
}

// Put keeps one part of the draft of somebody who has not signed in.
func (d *Drafts) Put(ctx context.Context, token, part string, plain []byte) error {
	return d.put(ctx, token, part, plain, false)
}

// put keeps one part of a draft. The last quarter of the room is for people
// who are known: strangers cannot shut them out.
func (d *Drafts) put(_ context.Context, token, part string, plain []byte, known bool) error {
	if !d.room(int64(len(plain)), known) {
		return fault.New(fault.Busy, "Too many people are filling in forms. Please try again in a few minutes."+overSentence)
	}
	name, aead := keyOf(token, part)
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	sealed := aead.Seal(nonce, nonce, plain, nil)
	if d.dir == "" {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.mem[name] = memDraft{sealed, d.now()}
		return nil
	}
	return addLayer(filepath.Join(d.dir, name), sealed)
}

// Get gives one part of a draft; ok is false when there is none, or it is not
// this token's.
func (d *Drafts) Get(_ context.Context, token, part string) (plain []byte, ok bool, err error) {
	name, aead := keyOf(token, part)
	all, err := d.read(name)
	if err != nil {
		return nil, false, err
	}
	for sealed := range all {
		if len(sealed) < aead.NonceSize() {
			continue
		}
		plain, err = aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
		if err == nil {
			return plain, true, nil
		}
	}
	return nil, false, nil // a file that was changed is as good as none
}

// read gives what was put under a name, the last first.
func (d *Drafts) read(name string) (iter.Seq[[]byte], error) {
	if d.dir != "" {
		path := filepath.Join(d.dir, name)
		info, err := os.Stat(path) //nolint:gosec // the name is a hash in hexadecimal
		if err != nil || d.now().Sub(info.ModTime()) > draftLife {
			return layers(nil), nil
		}
		b, err := os.ReadFile(path) //nolint:gosec // the name is a hash in hexadecimal
		if errors.Is(err, fs.ErrNotExist) {
			return layers(nil), nil
		}
		return layers(b), err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.mem[name]
	if !ok || d.now().Sub(m.at) > draftLife {
		return layers(nil), nil
	}
	return slices.Values([][]byte{m.sealed}), nil
}

// Linger has one part of a draft kept for so much longer than a day.
func (d *Drafts) Linger(_ context.Context, token, part string, more time.Duration) error {
	name, _ := keyOf(token, part)
	until := d.now().Add(more)
	if d.dir != "" {
		err := os.Chtimes(filepath.Join(d.dir, name), until, until)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if m, ok := d.mem[name]; ok {
		d.mem[name] = memDraft{m.sealed, until}
	}
	return nil
}

// Drop forgets one part of a draft.
func (d *Drafts) Drop(_ context.Context, token, part string) {
	name, _ := keyOf(token, part)
	if d.dir != "" {
		_ = os.Remove(filepath.Join(d.dir, name)) //nolint:gosec // a hash in hexadecimal; it is swept away later otherwise
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.mem, name)
}

// room tells whether n more bytes can be kept, for somebody known or not. Now and then it forgets the
// drafts that are a day old, and counts the rest.
func (d *Drafts) room(n int64, known bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	limit := int64(dirLimit)
	if d.dir == "" {
		limit = memLimit
	}
	if !known {
		limit -= limit / 4
	}
	if now := d.now(); now.Sub(d.swept) >= sweepEvery || d.used+n > limit && now.Sub(d.swept) >= sweepEvery/10 {
		d.swept, d.used = now, d.sweep(now)
	}
	if d.used+n > limit {
		return false
	}
	d.used += n
	return true
}

// sweep forgets what is old and gives the bytes that stay.
func (d *Drafts) sweep(now time.Time) (kept int64) {
	for name, m := range d.mem {
		if now.Sub(m.at) > draftLife {
			delete(d.mem, name)
			continue
		}
		kept += int64(len(m.sealed))
	}
	if d.dir == "" {
		return kept
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return kept // there is nothing there yet
	}
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil: // it has gone meanwhile
		case now.Sub(info.ModTime()) > draftLife:
			_ = os.Remove(filepath.Join(d.dir, e.Name()))
		default:
			kept += info.Size()
		}
	}
	return kept
}
