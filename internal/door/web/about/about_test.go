package about_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heartwood/internal/door/web/about"
	"heartwood/internal/door/web/page/pagecheck"
)

func TestTemplates(t *testing.T) { pagecheck.All(t) }

// Every page leads to the two, and they are there for anybody.
func TestThePagesAndTheWayToThem(t *testing.T) {
	mux := http.NewServeMux()
	about.About{}.Routes(mux)
	for path, want := range map[string]string{about.Privacy: "only use cookies that this website needs", about.Accessibility: "version 2.2"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s answered %d", path, w.Code)
		}
		for _, link := range []string{about.Privacy, about.Accessibility} {
			if !strings.Contains(w.Body.String(), `href="`+link+`"`) {
				t.Errorf("%s has no link to %s", path, link)
			}
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
}
