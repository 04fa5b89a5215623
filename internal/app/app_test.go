package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heartwood/internal/app"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const practice = ident.ODS("Z90009")

// open gives an installation with one patient.
func open(t *testing.T) (*app.App, http.Handler) {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{
		Data: t.TempDir(), Origin: "http://localhost", Slog: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	p, err := a.Store.Practice(practice)
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Prepare(ident.Ref{Type: "Patient", ID: "p1"}, []byte(`{"resourceType":"Patient","id":"p1","birthDate":"1980-01-01"}`))
	if err == nil {
		_, err = p.Commit(context.Background(), record.Change{Writes: []record.Write{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, a.Handler()
}

func receive(t *testing.T, a *app.App) request.Receipt {
	t.Helper()
	r, err := request.New(a.Store).Receive(context.Background(), practice,
		record.Author{Ref: "Patient/p1", Role: "patient", For: "Patient/p1"},
		request.Ask{
			Patient: "Patient/p1", Asker: request.Self, Channel: request.Web, Kind: request.NewProblem,
			What: "A sore elbow after tennis.", Contact: request.Contact{How: "message"},
		}, "form-1")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNoProgramCanMakeARequestDisappear(t *testing.T) {
	hazard.Covers(t, "H-001")
	a, h := open(t)
	r := receive(t, a)
	token, err := a.Keys.Mint(practice, "system/*.cruds", time.Hour, "test")
	if err != nil {
		t.Fatal(err)
	}
	do := func(method, path, body string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(method, "/fhir/"+string(practice)+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/fhir+json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w
	}
	before := do("GET", "/Task/"+r.ID, "").Body.String()
	closed := strings.Replace(before, `"status":"requested"`, `"status":"completed"`, 1)
	if closed == before {
		t.Fatalf("the request is not as expected: %s", before)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"delete":                    do("DELETE", "/Task/"+r.ID, ""),
		"close without an outcome":  do("PUT", "/Task/"+r.ID, closed),
		"delete in a transaction":   do("POST", "/", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Task/`+r.ID+`"}}]}`),
		"delete by a search for it": do("DELETE", "/Task?_id="+r.ID, ""),
	} {
		if w.Code < 400 || !strings.Contains(w.Body.String(), "OperationOutcome") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if after := do("GET", "/Task/"+r.ID, "").Body.String(); after != before {
		t.Errorf("the request was changed from %s to %s", before, after)
	}
}

func TestPagesSayWhoTheyAre(t *testing.T) {
	_, h := open(t)
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/p/" + string(practice) + "/": 200, "/nowhere": 404, "/fhir/" + string(practice) + "/metadata": 200, "/fhir/" + string(practice) + "/Patient/p1": 401} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if strings.HasPrefix(path, "/fhir") {
			continue
		}
		if csp := w.Header().Get("Content-Security-Policy"); path != "/healthz" && !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: content security policy %q", path, csp)
		}
	}
}

func TestControlSpeaksForTheRunningServer(t *testing.T) {
	a, _ := open(t)
	receive(t, a)
	if _, ok := app.Running(context.Background(), a.Data); ok {
		t.Fatal("a server that does not run answers")
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	l := listener(t)
	go func() { done <- a.Serve(ctx, l) }()
	var c app.Control
	for ok := false; !ok; time.Sleep(5 * time.Millisecond) {
		c, ok = app.Running(context.Background(), a.Data)
	}
	if p, err := c.Verify(ctx); err != nil || p.Practices != 1 {
		t.Errorf("verify: %+v %v", p, err)
	}
	rep, err := c.Reconcile(ctx, practice, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || !rep.Balanced() || rep.Total.In != 1 || rep.Total.Open != 1 {
		t.Errorf("reconcile: %+v %v", rep, err)
	}
	var b strings.Builder
	if err := c.Backup(ctx, &b); err != nil || b.Len() == 0 {
		t.Errorf("backup: %d bytes, %v", b.Len(), err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
