package access

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// revocations are the tokens that have been withdrawn before they expired: a
// file beside the keys with one token id a line, which every process that has
// the keys reads again when it has changed.
type revocations struct {
	path string
	mu   sync.Mutex
	size int64           // of the file when it was read; protected by mu
	at   time.Time       // its time then; protected by mu
	ids  map[string]bool // protected by mu
}

// Revoke withdraws a token for good. It works while a server is running.
func (k *Keys) Revoke(token string) error {
	c, err := k.Verify(token)
	if err != nil {
		return err
	}
	return k.revoked.add(c.ID)
}

func (r *revocations) add(id string) error {
	if !ident.IsID(id) {
		return fault.New(fault.Invalid, "This is not a token's id.")
	}
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return keyFault(err)
	}
	_, err = f.WriteString(id + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return keyFault(err)
	}
	return nil
}

// has tells whether a token has been withdrawn. When the file cannot be read
// the answer is an error, and the token is not taken.
func (r *revocations) has(id string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		r.ids = nil
		return false, nil
	}
	if err != nil {
		return false, keyFault(err)
	}
	if r.ids == nil || info.Size() != r.size || !info.ModTime().Equal(r.at) {
		b, err := os.ReadFile(r.path)
		if err != nil {
			return false, keyFault(err)
		}
		r.ids = map[string]bool{}
		for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
			r.ids[lines.Text()] = true
		}
		r.size, r.at = info.Size(), info.ModTime()
	}
	return r.ids[id], nil
}

func revokedIn(dir string) *revocations { return &revocations{path: filepath.Join(dir, "revoked")} }
