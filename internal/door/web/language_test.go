package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heartwood/internal/words"
)

func TestLanguageOfAPage(t *testing.T) {
	for _, c := range []struct {
		path, cookie, accept string
		want                 words.Lang
	}{
		{"/", "", "", "en"},
		{"/p/T10001/", "", "cy-GB,cy;q=0.9,en;q=0.8", "cy"},
		{"/p/T10001/", "en", "cy-GB,en;q=0.8", "en"}, // what was chosen goes first
		{"/p/T10001/ask", "cy", "en", "cy"},
		{"/p/T10001/ask", "xx", "de,fr", "en"},
		{"/sign-in", "cy", "", "cy"},
		{"/sign-in/staff", "cy", "", "en"}, // staff's pages are English
		{"/desk/T10001/", "cy", "cy", "en"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: languageCookie, Value: c.cookie})
		}
		r.Header.Set("Accept-Language", c.accept)
		if got := spoken(r); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

// The switch goes back to the page it was on, and to no other site.
func TestLanguageSwitch(t *testing.T) {
	d := &door{}
	for next, want := range map[string]string{
		"/p/T10001/ask/what?x=1": "/p/T10001/ask/what?x=1", "": "/", "//elsewhere.example/": "/",
		"https://elsewhere.example/": "/", "/\\elsewhere.example": "/", "/\t/elsewhere.example": "/",
	} {
		r := httptest.NewRequest(http.MethodGet, "/language/cy", nil)
		q := r.URL.Query()
		q.Set("next", next)
		r.URL.RawQuery = q.Encode()
		r.SetPathValue("lang", "cy")
		w := httptest.NewRecorder()
		if err := d.language(w, r); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
		if !strings.HasPrefix(w.Header().Get("Set-Cookie"), "hw-language=cy;") {
			t.Error("the choice is not kept")
		}
	}
}
