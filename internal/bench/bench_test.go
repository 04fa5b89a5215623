package bench_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/bench"
	"heartwood/internal/door/rest"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// Every measurement works against our own door, without one error.
func TestRun(t *testing.T) {
	store := memory.Open(t, nil)
	server := httptest.NewServer(rest.New(rest.Config{
		Store: store,
		Authenticate: func(*http.Request, ident.ODS) (rest.Caller, error) {
			scopes, err := access.ParseScopes("system/*.cruds")
			return rest.Caller{Author: record.Author{Ref: "Device/bench"}, Scopes: scopes}, err
		},
	}))
	defer server.Close()
	var out bytes.Buffer
	res, err := bench.Run(context.Background(), bench.Config{
		Base: server.URL + "/fhir/Z99901", Clients: 4, Duration: 50 * time.Millisecond, PID: os.Getpid(), Bundle: 10,
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 5 {
		t.Fatalf("%+v", res)
	}
	for _, r := range res.Rows {
		if r.Errors != 0 || r.Count == 0 || r.PerSec <= 0 || r.P99 < r.P50 {
			t.Errorf("%+v", r)
		}
	}
	t.Logf("\n%s", &out)
}

// A base that refuses is an error, not a row of zeros.
func TestRunRefused(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := bench.Run(context.Background(), bench.Config{Base: server.URL, Duration: time.Millisecond}, &bytes.Buffer{}); err == nil {
		t.Error("no error")
	}
}
