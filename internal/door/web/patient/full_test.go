package patient

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// There is no more room for half-filled forms while somebody writes of an
// emergency: the request is kept all the same, and the advice is given.
func TestEmergencyWhenTheFormCannotBeKept(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-002")
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := record.Open(t.Context(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(); _ = log.Close() })
	drafts := NewDrafts("", time.Now)
	mux := http.NewServeMux()
	New(Config{Store: store, Drafts: drafts}).Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	post := func(step string, pairs ...string) (path, body string) {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		res, err := client.PostForm(server.URL+"/p/Z99901/ask"+step, v)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.Request.URL.Path, string(b)
	}
	post("")
	post("/who", "asker", "self")
	post("/you", "given", "Dee", "family", "Dunn", "birth-day", "3", "birth-month", "4", "birth-year", "1980", "phone", "07700 900 002")
	if path, body := post("/kind", "kind", "new-problem"); path != "/p/Z99901/ask/what" {
		t.Fatalf("at %s: %s", path, body)
	}
	drafts.mu.Lock()
	drafts.used, drafts.swept = memLimit, time.Now()
	drafts.mu.Unlock()
	if _, body := post("/what", "what", "My left ear has been sore since Monday."); !strings.Contains(body, "Call 999 in an emergency") {
		t.Error("without room a person is not told what to do")
	}
	path, body := post("/what", "what", "I have crushing chest pain going down my left arm and I am sweating.")
	if !strings.Contains(body, "tel:999") || !strings.Contains(body, "HW-") {
		t.Errorf("no advice or receipt at %s", path)
	}
	q, err := request.New(store).Queue(context.Background(), "Z99901")
	if err != nil || len(q) != 1 || q[0].Urgency != request.Stat {
		t.Errorf("%d requests: %v", len(q), err)
	}
}
