package rest

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"heartwood/internal/fault"
)

// Large bodies take several times their size in memory while they are worked
// on, so that only so many bytes of them are taken in at once; the others
// wait their turn.

const (
	smallBody  = 1 << 20          // what is smaller never waits
	roomWait   = 30 * time.Second // the longest wait for a turn
	gzipFactor = 8                // what packed JSON unpacks to, about
)

type room struct{ *semaphore.Weighted }

func newRoom(bytes int64) room { return room{semaphore.NewWeighted(bytes)} }

// stay is the room that one body has.
type stay struct {
	room room
	size int64 // bytes held
	free int64 // bytes that the body may have
}

// enter waits for room for a body of at most limit bytes.
func (m room) enter(r *http.Request, limit int64) (*stay, error) {
	size := r.ContentLength
	if r.Header.Get("Content-Encoding") != "" {
		size *= gzipFactor
	}
	if r.ContentLength < 0 || size > limit {
		size = limit
	}
	s := &stay{room: m, free: smallBody}
	if size <= smallBody {
		return s, nil
	}
	return s, s.take(r, size)
}

// grow waits for room for a body that unpacks to more than was thought.
func (s *stay) grow(r *http.Request, limit int64) error {
	s.leave() // two that hold some and wait for more would wait for each other
	return s.take(r, limit)
}

func (s *stay) take(r *http.Request, size int64) error {
	ctx, cancel := context.WithTimeout(r.Context(), roomWait)
	defer cancel()
	if err := s.room.Acquire(ctx, size); err != nil {
		return fault.Wrap(err, fault.Busy, "Many large requests are being worked on. Try again in a moment; nothing was changed.")
	}
	s.size, s.free = size, size
	return nil
}

// leave gives the room back.
func (s *stay) leave() {
	if s.size > 0 {
		s.room.Release(s.size)
		s.size = 0
	}
}
