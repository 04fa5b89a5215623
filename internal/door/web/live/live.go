// Package live tells open pages that something changed, so that a queue is
// never a minute old and two people do not answer the same request.
//
// What comes in: an event stream that a page keeps open, from staff who have
// signed in. What goes out: "change" events that carry a number and nothing
// else; the page then asks for its own part again, through the same checks as
// before. It must never send anything about a patient, and never keep a
// stream open for somebody who may no longer see the page.
package live

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

// Times of a stream.
const (
	beat    = 15 * time.Second       // proof of life, and of presence
	settle  = 200 * time.Millisecond // changes come in bursts
	longest = 10 * time.Minute       // then the browser comes again, and is asked again who it is
)

// Live serves the event streams.
type Live struct {
	queue func(context.Context, ident.ODS) (*worklist.List, error)
	stop  <-chan struct{}
}

// New makes the streams over the practices' running work lists. They all end
// when stop is closed, so that a server can shut down; nil is never.
func New(queue func(ctx context.Context, practice ident.ODS) (*worklist.List, error), stop <-chan struct{}) *Live {
	return &Live{queue: queue, stop: stop}
}

// Routes puts the streams on a mux.
func (l *Live) Routes(mux *http.ServeMux) {
	mux.Handle("GET /live/{ods}/queue", page.Func(l.queueStream))
	mux.Handle("GET /live/{ods}/request/{id}", page.Func(l.requestStream))
}

func (l *Live) enter(r *http.Request) (access.Person, *worklist.List, error) {
	ods, err := ident.ParseODS(r.PathValue("ods"))
	if err != nil {
		return access.Person{}, nil, fault.New(fault.NotFound, "There is no such practice.")
	}
	p, _ := access.From(r.Context())
	if err := access.May(p, access.WorkQueue, ods, ""); err != nil {
		return p, nil, err
	}
	list, err := l.queue(r.Context(), ods)
	return p, list, err
}

// queueStream says whenever the queue, or who looks at it, changed.
func (l *Live) queueStream(w http.ResponseWriter, r *http.Request) error {
	_, list, err := l.enter(r)
	if err != nil {
		return err
	}
	return l.stream(w, r, list, func() {}, func() string { return strconv.FormatUint(list.Revision(), 10) })
}

// requestStream does the same for one request, and holds the visitor's
// presence on it while the page is open.
func (l *Live) requestStream(w http.ResponseWriter, r *http.Request) error {
	p, list, err := l.enter(r)
	if err != nil {
		return err
	}
	task := ident.Ref{Type: "Task", ID: r.PathValue("id")}
	me, ok := ident.ParseRef(p.Ref)
	if !ok || !ident.IsID(task.ID) {
		return fault.New(fault.NotFound, "There is no such request.")
	}
	defer list.Leave(task, me)
	return l.stream(w, r, list,
		func() { list.Open(r.Context(), task, worklist.Person{Ref: me, Name: p.Name}) },
		func() string {
			row, open := list.Row(task)
			return fmt.Sprint(open, row.Version, row.Looking)
		})
}

// stream sends an event whenever state differs, until the page closes. It
// calls alive at the start and with every beat.
func (l *Live) stream(w http.ResponseWriter, r *http.Request, list *worklist.List, alive func(), state func() string) error {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	out := http.NewResponseController(w)
	h := w.Header()
	page.Secure(h)
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	changed := list.Subscribe(ctx)
	alive()
	seen := state()
	send := func(format string, args ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(beat)) // a reader that has stalled is let go
		_, err := fmt.Fprintf(w, format, args...)      //nolint:gosec // numbers only, in an event stream
		return err == nil && out.Flush() == nil
	}
	if !send("retry: 2000\nevent: hello\ndata: {}\n\n") {
		return nil
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.stop:
			return nil
		case <-ticker.C:
			alive()
			if !send(": still here\n\n") {
				return nil
			}
		case _, ok := <-changed:
			if !ok {
				return nil
			}
			wait(ctx, settle)
			now := state()
			if now == seen {
				continue
			}
			seen = now
			if !send("event: change\ndata: {\"revision\":%d}\n\n", list.Revision()) {
				return nil
			}
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
