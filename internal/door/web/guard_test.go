package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heartwood/internal/ident"
)

// Whatever the path, the practice that a page is framed for is the one that
// its handler will read from the same path, or none.
func FuzzPracticeOf(f *testing.F) {
	for _, s := range []string{"/p/Z99901/", "/desk/z99901", "/p//", "/p/%00/x", "/live/A/queue", "/", "", "/p/../desk/Z99901/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		ods, named := practiceOf(path)
		if ods == "" {
			return
		}
		parts := strings.Split(path, "/")
		if want, err := ident.ParseODS(parts[2]); !named || err != nil || want != ods {
			t.Errorf("%q: %q, %v", path, ods, named)
		}
	})
}

func TestPanicBecomesAPageThatTellsNothing(t *testing.T) {
	for _, v := range []any{"Mrs Secret", errors.New("secret")} {
		h := guarded(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(v) }))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != 500 || strings.Contains(strings.ToLower(w.Body.String()), "secret") || !strings.Contains(w.Body.String(), "reference") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if s := what(v); strings.Contains(strings.ToLower(s), "secret") {
			t.Errorf("the log would say %q", s)
		}
	}
}

func TestSignInComesBackToThePage(t *testing.T) {
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/p/Z99901/of/me/record?x=1", "/sign-in?next=%2Fp%2FZ99901%2Fof%2Fme%2Frecord%3Fx%3D1"},
		{"POST", "/p/Z99901/of/me/requests/1", "/sign-in?next=%2Fp%2FZ99901%2F"},
		{"GET", "/manage/Z99901/", "/sign-in/staff?next=%2Fmanage%2FZ99901%2F"},
	} {
		if got := signInFor(httptest.NewRequest(c.method, c.path, nil)); got != c.want {
			t.Errorf("%s %s: %s", c.method, c.path, got)
		}
	}
}
