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

// enter waits for room for a body of at most limit bytes; leave gives it back.
func (m room) enter(r *http.Request, limit int64) (leave func(), err error) {
	size := r.ContentLength
	if r.Header.Get("Content-Encoding") != "" {
		size *= gzipFactor
	}
	if r.ContentLength < 0 || size > limit {
		size = limit
	}
	if size <= smallBody {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), roomWait)
	defer cancel()
	if err := m.Acquire(ctx, size); err != nil {
		return nil, fault.Wrap(err, fault.Busy, "Many large requests are being worked on. Try again in a moment; nothing was changed.")
	}
	return func() { m.Release(size) }, nil
}
