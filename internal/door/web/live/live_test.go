package live_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/live"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/view/worklist"
)

const ods = ident.ODS("Z99901")

type bench struct {
	p      *record.Practice
	list   *worklist.List
	server *httptest.Server
	stop   chan struct{}
}

func newBench(t *testing.T) bench {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	must(t, err)
	store, err := record.Open(t.Context(), record.Config{Log: log})
	must(t, err)
	p, err := store.Practice(ods)
	must(t, err)
	b := bench{p: p, list: worklist.New(p), stop: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = b.list.Run(ctx) }() // ends when the test does
	must(t, b.list.Ready(t.Context()))
	mux := http.NewServeMux()
	live.New(func(context.Context, ident.ODS) (*worklist.List, error) { return b.list, nil }, b.stop).Routes(mux)
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get("Test-As"); name != "" {
			r = r.WithContext(access.With(r.Context(), access.Person{Name: name, Role: access.Navigator, Practice: ods, Ref: "Practitioner/" + name}))
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		b.server.Close()
		cancel()
		<-ended
		_, _ = store.Close(), log.Close()
	})
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// request puts one open request into the record.
func (b bench) request(t *testing.T, id, priority string) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: "Task", ID: id}, []byte(`{"resourceType":"Task","status":"requested","intent":"order","priority":"`+priority+`",
		"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]},"authoredOn":"2026-03-03T10:00:00Z"}`))
	must(t, err)
	_, err = b.p.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/test", Role: "system"}, Reason: "test", Writes: []record.Write{w}})
	must(t, err)
}

// stream opens a stream and gives its event names as they come.
func (b bench) stream(t *testing.T, as, path string) (events <-chan string, closeIt func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+path, nil)
	must(t, err)
	r.Header.Set("Test-As", as)
	resp, err := http.DefaultClient.Do(r)
	must(t, err)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s answered %d %s", path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	ch := make(chan string, 16)
	go func() {
		defer close(ch)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if e, ok := strings.CutPrefix(s.Text(), "event: "); ok {
				ch <- e
			}
			if strings.Contains(s.Text(), "Patient") {
				ch <- "leak"
			}
		}
	}()
	return ch, cancel
}

func next(t *testing.T, events <-chan string, want string) {
	t.Helper()
	select {
	case got, open := <-events:
		if got != want || !open && want != "" {
			t.Fatalf("got event %q (open %v), not %q", got, open, want)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("no event %q came", want)
	}
}

func TestAChangeIsToldToEveryPage(t *testing.T) {
	b := newBench(t)
	one, closeOne := b.stream(t, "ann", "/live/Z99901/queue")
	defer closeOne()
	two, closeTwo := b.stream(t, "ben", "/live/Z99901/queue")
	defer closeTwo()
	next(t, one, "hello")
	next(t, two, "hello")
	b.request(t, "r1", "urgent")
	next(t, one, "change")
	next(t, two, "change")
}

func TestPresenceLastsAsLongAsThePage(t *testing.T) {
	b := newBench(t)
	b.request(t, "r1", "routine")
	must(t, b.list.Wait(t.Context(), b.p.Position()))
	queue, closeQueue := b.stream(t, "ann", "/live/Z99901/queue")
	defer closeQueue()
	next(t, queue, "hello")
	page, closePage := b.stream(t, "ben", "/live/Z99901/request/r1")
	next(t, page, "hello")
	next(t, queue, "change")
	looking := func() int {
		row, _ := b.list.Row(ident.Ref{Type: "Task", ID: "r1"})
		return len(row.Looking)
	}
	if looking() != 1 {
		t.Fatalf("%d people look at the request, not 1", looking())
	}
	closePage()
	next(t, queue, "change")
	if looking() != 0 {
		t.Fatalf("%d people still look at the request", looking())
	}
}

func TestAnotherRequestDoesNotDisturb(t *testing.T) {
	b := newBench(t)
	b.request(t, "r1", "routine")
	must(t, b.list.Wait(t.Context(), b.p.Position()))
	page, closePage := b.stream(t, "ben", "/live/Z99901/request/r1")
	defer closePage()
	next(t, page, "hello")
	b.request(t, "r2", "stat")
	select {
	case e := <-page:
		t.Fatalf("event %q about another request", e)
	case <-time.After(600 * time.Millisecond):
	}
	b.request(t, "r1", "urgent")
	next(t, page, "change")
}

func TestStreamsEndWithTheServer(t *testing.T) {
	b := newBench(t)
	queue, closeQueue := b.stream(t, "ann", "/live/Z99901/queue")
	defer closeQueue()
	next(t, queue, "hello")
	close(b.stop)
	next(t, queue, "")
}

func TestStrangersGetNoStream(t *testing.T) {
	b := newBench(t)
	for path, want := range map[string]int{
		"/live/Z99901/queue": 401, "/live/Z99901/request/r1": 401, "/live/nowhere!/queue": 404,
	} {
		resp, err := http.Get(b.server.URL + path) //nolint:noctx // a short test
		must(t, err)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answered %d, not %d", path, resp.StatusCode, want)
		}
	}
}
