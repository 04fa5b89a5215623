package feed

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"

	"heartwood/internal/atomicfile"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Bookmark keeps how far a follower has got.
type Bookmark interface {
	// Load gives what was last saved, nil when nothing was.
	Load() (ident.Position, error)
	Save(ident.Position) error
}

// Memory is a bookmark that is lost when the program ends, for followers whose
// own state is too.
type Memory struct {
	mu sync.Mutex
	at ident.Position // protected by mu
}

// Load gives what was last saved.
func (m *Memory) Load() (ident.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == nil {
		return nil, nil
	}
	return m.at.Clone(), nil
}

// Save keeps a position.
func (m *Memory) Save(p ident.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = p.Clone()
	return nil
}

// File is a bookmark in a file, replaced whole so that a crash leaves the old
// one or the new one.
type File struct{ Path string }

// Load reads the file; nil when there is none.
func (f File) Load() (ident.Position, error) {
	b, err := os.ReadFile(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, bookmarkFault(err)
	}
	return ident.ParsePosition(strings.TrimSpace(string(b)))
}

// Save replaces the file.
func (f File) Save(p ident.Position) error {
	if err := atomicfile.WriteDurable(f.Path, []byte(p.String()+"\n")); err != nil {
		return bookmarkFault(err)
	}
	return nil
}

func bookmarkFault(err error) error {
	return fault.Wrap(err, fault.Internal, "A follower's place could not be kept.")
}
