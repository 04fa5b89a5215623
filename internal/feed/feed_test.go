package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func practice(t *testing.T) *record.Practice {
	t.Helper()
	s := memory.Open(t, nil)
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t *testing.T, p *record.Practice, id string) {
	t.Helper()
	w, err := record.Prepare(ident.Ref{Type: "Basic", ID: id}, fmt.Appendf(nil, `{"resourceType":"Basic","id":%q}`, id))
	if err == nil {
		_, err = p.Commit(context.Background(), record.Change{Reason: "test", Writes: []record.Write{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run follows until n entries have been seen.
func run(t *testing.T, f Follower, n int, fail func(id string) bool) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var mu sync.Mutex
	var seen []string
	f.Slog = slog.New(slog.DiscardHandler)
	f.Handle = func(_ context.Context, batch []record.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		for i := range batch {
			if fail != nil && fail(batch[i].ID) {
				return errors.New("not yet")
			}
		}
		for i := range batch {
			seen = append(seen, batch[i].ID)
		}
		if len(seen) >= n {
			cancel()
		}
		return nil
	}
	if err := f.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestFollowerTakesUpWhereItLeftOff(t *testing.T) {
	p := practice(t)
	for _, keep := range []Bookmark{&Memory{}, File{Path: filepath.Join(t.TempDir(), "places", "test")}} {
		at := p.Position()
		if err := keep.Save(at); err != nil {
			t.Fatal(err)
		}
		f := Follower{Name: "test", Source: p, Bookmark: keep}
		put(t, p, "a")
		put(t, p, "b")
		if got := fmt.Sprint(run(t, f, 2, nil)); got != "[a b]" {
			t.Errorf("%T first: %s", keep, got)
		}
		put(t, p, "c")
		if got := fmt.Sprint(run(t, f, 1, nil)); got != "[c]" {
			t.Errorf("%T then: %s", keep, got)
		}
	}
}

func TestFollowerTriesTheSameAgain(t *testing.T) {
	p := practice(t)
	put(t, p, "a")
	put(t, p, "b")
	failures := 2
	got := run(t, Follower{Name: "test", Source: p}, 2, func(id string) bool {
		if id == "b" && failures > 0 {
			failures--
			return true
		}
		return false
	})
	if fmt.Sprint(got) != "[a b]" {
		t.Errorf("saw %v", got)
	}
}
