package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// worker is one client: one request at a time.
type worker struct {
	*runner
	rand   *rand.Rand
	buf    []byte
	took   []time.Duration
	errors int64
	last   error
}

func newWorker(r *runner, i int) *worker {
	source := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // the same work every time is the point
	return &worker{runner: r, rand: source, buf: make([]byte, 0, 8<<10)}
}

// ids are the patients made so far, to read and to search for.
type ids struct {
	mu   sync.RWMutex
	list []string // protected by mu
}

const keepIDs = 50_000

func (s *ids) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) < keepIDs {
		s.list = append(s.list, id)
	}
}

func (s *ids) pick(r *rand.Rand) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list[r.IntN(len(s.list))]
}

// send makes one request; the answer is read to its end and thrown away.
func (w *worker) send(ctx context.Context, method, path string, body []byte) (http.Header, error) {
	var src io.Reader
	if body != nil {
		src = newReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.Base+path, src)
	if err != nil {
		return nil, err
	}
	if w.Token != "" {
		req.Header["Authorization"] = []string{"Bearer " + w.Token}
	}
	if body != nil {
		req.Header["Content-Type"] = []string{"application/fhir+json"}
		req.ContentLength = int64(len(body))
	}
	res, err := w.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 300))
		_, _ = io.Copy(io.Discard, res.Body)
		return nil, fmt.Errorf("%s %s: %s: %s", method, strings.SplitN(path, "?", 2)[0], res.Status, said)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res.Header, err
}

// createPatient makes a patient and remembers it.
func (w *worker) createPatient(ctx context.Context) error {
	w.buf = appendPatient(w.buf[:0], w.made.Add(1))
	h, err := w.send(ctx, http.MethodPost, "/Patient", w.buf)
	if err != nil {
		return err
	}
	if id := idOf(h.Get("Location")); id != "" {
		w.patients.add(id)
	}
	return nil
}

// idOf takes the id out of a Location.
func idOf(location string) string {
	_, rest, _ := strings.Cut(location, "/Patient/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}
