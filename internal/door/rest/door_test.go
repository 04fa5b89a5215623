package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const testBase = "/fhir/Z99901"

// knock is a door on a real store in memory.
type knock struct {
	testing.TB
	handler  http.Handler
	practice *record.Practice
}

func open(t testing.TB) *knock {
	t.Helper()
	s := memory.Open(t, nil)
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	h := New(Config{
		Store: s, Authenticate: testTokens, Base: "http://fhir.test", MaxBody: 256 << 10, MaxBundle: 1 << 20,
		MaxWait: 50 * time.Millisecond, Slog: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return &knock{t, h, p}
}

// large lets real data in.
func (k *knock) large() {
	d := k.handler.(*door)
	d.MaxBody, d.MaxBundle, d.room = 64<<20, 64<<20, newRoom(64<<20)
}

// testTokens takes the scopes themselves as the token; "patient:ID scopes"
// limits it to a patient.
func testTokens(r *http.Request, ods ident.ODS) (Caller, error) {
	tok, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok:
		return Caller{}, fault.New(fault.Unauthenticated, "Send a bearer token.")
	case tok == "expired":
		return Caller{}, fault.New(fault.Unauthenticated, "The token has expired.")
	case ods != "Z99901":
		return Caller{}, fault.New(fault.Forbidden, "The token is for another practice.")
	}
	c := Caller{Author: record.Author{Ref: "Device/test", Role: "program"}}
	if rest, ok := strings.CutPrefix(tok, "patient:"); ok {
		c.Patient, tok, _ = strings.Cut(rest, " ")
		c.Patient = "Patient/" + c.Patient
	}
	var err error
	c.Scopes, err = access.ParseScopes(tok)
	return c, err
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// do sends a request; headers are "Name: value".
func (k *knock) do(method, path, body string, headers ...string) answer {
	k.Helper()
	if !strings.HasPrefix(path, "/fhir/") {
		path = testBase + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer system/*.cruds")
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(name)
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	return answer{w, k}
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	if a.Body.Len() > 0 {
		r, err := fhir.ParseResource(a.Body.Bytes())
		if err != nil {
			a.t.Fatalf("the answer is not a resource: %v: %s", err, a.Body)
		}
		if err := fhir.Refusal(fhir.Validate(r)); err != nil {
			a.t.Fatalf("the answer is not valid R4: %v: %s", err, a.Body)
		}
	}
	return a
}

func (a answer) json() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
		a.t.Fatalf("the answer is not JSON: %v: %s", err, a.Body)
	}
	return v
}

// at follows names and indexes into the answer's JSON.
func (a answer) at(path ...any) any {
	a.t.Helper()
	var v any = a.json()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) str(path ...any) string {
	a.t.Helper()
	s, _ := a.at(path...).(string)
	return s
}

func (a answer) entries() []any {
	a.t.Helper()
	l, _ := a.at("entry").([]any)
	return l
}

// refused checks for an OperationOutcome whose first issue names where; "*"
// is any place.
func (a answer) refused(status int, where string) answer {
	a.t.Helper()
	a.want(status)
	if a.str("resourceType") != "OperationOutcome" {
		a.t.Fatalf("not an OperationOutcome: %s", a.Body)
	}
	if a.str("issue", 0, "diagnostics") == "" || a.str("issue", 0, "code") == "" {
		a.t.Fatalf("the outcome says nothing: %s", a.Body)
	}
	if got := a.str("issue", 0, "expression", 0); got != where && where != "*" {
		a.t.Fatalf("the outcome names %q, want %q: %s", got, where, a.Body)
	}
	return a
}

func (k *knock) position() string {
	p := k.practice.Position()
	delete(p, "c.access") // sights move it whenever they are written
	return p.String()
}

const ada = `{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],` +
	`"name":[{"family":"Lovett","given":["Ada"]}],"gender":"female","birthDate":"1980-02-29"}`

// create makes a resource and gives its id.
func (k *knock) create(typ, body string) string {
	k.Helper()
	return k.do("POST", "/"+typ, body).want(201).str("id")
}

func compact(t testing.TB, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
