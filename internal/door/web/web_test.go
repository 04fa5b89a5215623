package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"heartwood/internal/access"
	"heartwood/internal/door/web"
	"heartwood/internal/door/web/page/pagecheck"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
	"heartwood/internal/view/worklist"
)

func TestTemplatesFitTheirStructs(t *testing.T) { pagecheck.All(t) }

const organisation = `{"resourceType":"Organization","id":"Z99901","name":"Alder Lane Surgery"}`

// site is the whole door over a real record in memory; as may name who is
// signed in.
func site(t *testing.T, as *access.Person) http.Handler {
	t.Helper()
	log, err := pebble.Open(pebble.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); _ = log.Close() })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	w, err := record.Prepare(ident.Ref{Type: "Organization", ID: "Z99901"}, []byte(organisation))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(context.Background(), record.Change{Author: record.Author{Ref: "Device/test"}, Reason: "test", Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	list := worklist.New(p)
	h := web.New(web.Config{
		Store: s, Demo: true, SignIn: func(*http.ServeMux) {},
		Queue: func(context.Context, ident.ODS) (*worklist.List, error) { return list, nil },
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if as != nil {
			r = r.WithContext(access.With(r.Context(), *as))
		}
		h.ServeHTTP(w, r)
	})
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestFrontPages(t *testing.T) {
	h := site(t, nil)
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/", 200, "Alder Lane Surgery"},
		{"/p/Z99901/", 200, "Call 999"},
		{"/p/z99901/", 200, "Alder Lane Surgery"},
		{"/p/Z99901/ask", 200, "Start now"},
		{"/p/Z12345/", 404, "no such practice"},
		{"/p/%3Cscript%3E/", 404, "no such practice"},
		{"/desk/Z12345/", 404, "no such practice"},
		{"/nowhere", 404, "Page not found"},
		{"/p/Z99901/ask/nonsense", 404, "no such page"},
		{"/p/Z99901/ask/../../../etc/passwd", 307, ""},
		{"/assets/../web.go", 307, ""},
		{"/assets/manifest.json", 404, ""},
	} {
		w := get(h, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d, want %d with %q", c.path, w.Code, c.status, c.says)
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the security headers are missing", c.path)
		}
	}
}

func TestPagesThatNeedSomebodySendThemToSignIn(t *testing.T) {
	h := site(t, nil)
	for _, c := range []struct{ path, to string }{
		{"/p/Z99901/of/me/record", "/sign-in?next=" + url.QueryEscape("/p/Z99901/of/me/record")},
		{"/p/Z99901/people", "/sign-in?next=" + url.QueryEscape("/p/Z99901/people")},
		{"/desk/Z99901/", "/sign-in/staff?next=" + url.QueryEscape("/desk/Z99901/")},
		{"/manage/Z99901/", "/sign-in/staff?next=" + url.QueryEscape("/manage/Z99901/")},
	} {
		if w := get(h, c.path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.to {
			t.Errorf("%s: %d to %q", c.path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := get(h, "/live/Z99901/queue"); w.Code != http.StatusUnauthorized {
		t.Errorf("a stream without anybody: %d", w.Code)
	}
}

func TestStaffOfAnotherPracticeMayNotWorkHere(t *testing.T) {
	h := site(t, &access.Person{AccountID: "a", Name: "Sam Lee", Role: access.Navigator, Practice: "Z99902", Ref: "Practitioner/1"})
	if w := get(h, "/desk/Z99901/"); w.Code != http.StatusForbidden {
		t.Errorf("the desk: %d", w.Code)
	}
	// On the patients' pages they are nobody; sent to sign in, they would be
	// sent back, round and round.
	if w := get(h, "/p/Z99901/of/me/record"); w.Code != http.StatusForbidden {
		t.Errorf("a record: %d", w.Code)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	h := site(t, nil)
	for _, c := range []struct {
		header, value string
		status        int
	}{
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Origin", "https://evil.example", 403},
		{"Sec-Fetch-Site", "same-origin", 303},
	} {
		r := httptest.NewRequest("POST", "/p/Z99901/ask", nil)
		r.Header.Set(c.header, c.value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.header, c.value, w.Code, c.status)
		}
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	h := site(t, nil)
	jar := start(t, h)
	r := httptest.NewRequest("POST", "/p/Z99901/ask/who", strings.NewReader("asker="+strings.Repeat("x", 1<<20)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(jar)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a megabyte for one choice: %d", w.Code)
	}
}

// start begins a form and gives the browser's cookie.
func start(t *testing.T, h http.Handler) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/p/Z99901/ask", nil))
	c := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("%d, cookies %v", w.Code, c)
	}
	return c[0]
}
