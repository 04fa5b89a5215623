package room_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"heartwood/internal/call/room"
	"heartwood/internal/call/room/signal"
)

//go:embed testdata/page.html
var page []byte

// chromium is a real browser with a made-up camera and microphone, on a page
// that does what a test asks.
type chromium struct {
	t    *testing.T
	asks chan ask
	told chan told
	n    int

	mu    sync.Mutex // protects the field below
	doors map[string]*door
}

// door stands for a WebSocket between a person's page and a room.
type door struct {
	said   chan signal.Said
	member *room.Member
}

// through gives the door of a person, made when it is first asked for.
func (c *chromium) through(name string) *door {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doors[name] == nil {
		c.doors[name] = &door{said: make(chan signal.Said, 1000)}
	}
	return c.doors[name]
}

func (c *chromium) said(w http.ResponseWriter, r *http.Request) {
	select {
	case s := <-c.through(r.PathValue("name")).said:
		json.NewEncoder(w).Encode(s)
	case <-r.Context().Done():
	case <-time.After(20 * time.Second):
		w.WriteHeader(http.StatusNoContent)
	}
}

func (c *chromium) tell(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err == nil {
		err = c.through(r.PathValue("name")).member.Tell(r.Context(), raw)
	}
	if err != nil {
		io.WriteString(w, err.Error())
	}
}

type ask struct {
	ID int    `json:"id"`
	JS string `json:"js"`
}

type told struct {
	ID    int             `json:"id"`
	Value json.RawMessage `json:"value"`
	Wrong string          `json:"wrong"`
}

func findChromium(t *testing.T) string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("there is no Chromium: sh test/need.sh installs it")
	return ""
}

// openChromium starts the browser; it ends with the test.
func openChromium(t *testing.T) *chromium {
	t.Helper()
	c := &chromium{t: t, asks: make(chan ask), told: make(chan told, 1), doors: map[string]*door{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /said/{name}", c.said)
	mux.HandleFunc("POST /tell/{name}", c.tell)
	mux.HandleFunc("POST /next", c.next)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	cmd := exec.Command(findChromium(t), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
		"--allow-loopback-in-peer-connection", "--user-data-dir="+t.TempDir(), server.URL)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its group, which we made
		cmd.Wait()
		server.CloseClientConnections()
	})
	return c
}

// next takes what came of the last thing, and gives the page the next.
func (c *chromium) next(w http.ResponseWriter, r *http.Request) {
	var got told
	if json.NewDecoder(r.Body).Decode(&got) == nil && got.ID > 0 {
		c.told <- got
	}
	select {
	case a := <-c.asks:
		json.NewEncoder(w).Encode(a)
	case <-r.Context().Done():
	case <-time.After(20 * time.Second):
		w.WriteHeader(http.StatusNoContent)
	}
}

// do has the page run js and puts what it returns into to.
func (c *chromium) do(to any, js string, args ...any) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c.n++
	given, err := json.Marshal(args)
	if err != nil {
		c.t.Fatal(err)
	}
	js = "const args = " + string(given) + "; " + js
	select {
	case c.asks <- ask{c.n, js}:
	case <-ctx.Done():
		c.t.Fatal("the browser does not ask what to do")
	}
	select {
	case got := <-c.told:
		if got.Wrong != "" {
			c.t.Fatalf("the page: %s\nin %s", got.Wrong, js)
		}
		if to == nil || bytes.Equal(got.Value, []byte("null")) {
			return
		}
		if err := json.Unmarshal(got.Value, to); err != nil {
			c.t.Fatal(err)
		}
	case <-ctx.Done():
		c.t.Fatalf("the browser does not answer %s", js)
	}
}

// until waits for what must come about.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("this never happened: %s", what)
}
