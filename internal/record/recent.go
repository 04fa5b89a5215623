package record

import (
	"slices"
	"sync"

	"heartwood/internal/ident"
)

// recent is the end of a practice's log as it was applied: those who follow it
// are seldom further behind, and need not read and unpack again what was
// written a moment ago. It holds this node's own stream alone, without gaps;
// what it has not, the log has.
type recent struct {
	mu      sync.Mutex
	entries []Entry // protected by mu, as is size
	size    int     // bytes of their bodies
}

// What recent holds once it is made short, and half of what it ever holds.
const (
	recentEntries = 512
	recentBytes   = 512 << 10
)

// add takes entries that were applied. One of another stream, or a gap, makes
// it begin anew; the access log is not followed.
func (r *recent) add(entries []Entry, stream, access string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(entries) - recentEntries; n > 0 {
		entries, r.entries, r.size = entries[n:], nil, 0
	}
	for _, e := range entries {
		if e.Stream == access {
			continue
		}
		if n := len(r.entries); e.Stream != stream || n > 0 && r.entries[n-1].Seq+1 != e.Seq {
			r.entries, r.size = nil, 0
		}
		if e.Stream == stream {
			e.packed = nil
			r.entries = append(r.entries, e)
			r.size += len(e.Body)
		}
	}
	if len(r.entries) > 2*recentEntries || r.size > 2*recentBytes { // not each time: what stays is copied
		r.trim()
	}
}

// trim keeps what may be held of the end; the caller holds mu.
func (r *recent) trim() {
	over := 0
	for len(r.entries)-over > recentEntries || r.size > recentBytes && over < len(r.entries) {
		r.size -= len(r.entries[over].Body)
		over++
	}
	r.entries = slices.Clone(r.entries[over:]) // those that go are freed
}

// after gives the entries of the stream that follow a position, when no other
// stream has any that follow it and none is missing;
// nil when the log must be asked.
func (r *recent) after(pos, seen ident.Position, stream string) []Entry {
	for other, seq := range seen {
		if other != stream && pos[other] < seq {
			return nil
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) == 0 || r.entries[0].Seq > pos[stream]+1 {
		return nil
	}
	at := pos[stream] + 1 - r.entries[0].Seq
	if at >= uint64(len(r.entries)) {
		return nil
	}
	return slices.Clone(r.entries[at:])
}
