package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

func commit(t *testing.T, p *record.Practice, ref ident.Ref) {
	t.Helper()
	w, err := record.Prepare(ref, []byte(`{"resourceType":"Basic"}`))
	if err == nil {
		_, err = p.Commit(context.Background(), record.Change{Writes: []record.Write{w}})
	}
	if err != nil {
		t.Error(err)
	}
}

// Two stores on one log stand for two processes: a page of the second waits
// for what a form of the first has written.
func TestAPageWaitsForWhatItsReaderWrote(t *testing.T) {
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	var doors [2]http.Handler
	for i := range doors {
		s, err := record.Open(context.Background(), record.Config{Log: log, Poll: time.Hour}) // only Wait makes it look
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		p, err := s.Practice("Z99901")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			commit(t, p, ident.Ref{Type: "Basic", ID: "first"}) // the practice has a record
		}
		ref := ident.Ref{Type: "Basic", ID: "b"}
		d := &door{Config: Config{Store: s}}
		doors[i] = d.positioned(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				commit(t, p, ref)
				http.Redirect(w, r, "/p/Z99901/", http.StatusSeeOther)
				return
			}
			if _, err := p.Read(r.Context(), ref); err != nil {
				http.NotFound(w, r)
			}
		}))
	}
	post := httptest.NewRecorder()
	doors[0].ServeHTTP(post, httptest.NewRequest("POST", "/p/Z99901/ask", nil))
	get := func(cookies ...*http.Cookie) int {
		r := httptest.NewRequest("GET", "/p/Z99901/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		doors[1].ServeHTTP(w, r)
		return w.Code
	}
	if got := get(); got != http.StatusNotFound {
		t.Fatalf("without the cookie: %d; the second process is not behind, so the test proves nothing", got)
	}
	if got := get(post.Result().Cookies()...); got != http.StatusOK {
		t.Errorf("with the cookie: %d", got)
	}
	if got := get(&http.Cookie{Name: positionCookie, Value: "nonsense"}); got != http.StatusOK {
		t.Errorf("with a cookie that is not ours: %d", got)
	}
}
