package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/board"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// hardLimit is the largest body of any request; each form has its own, lower.
const hardLimit = 64 << 20

// guarded bounds what a request may send and how long it may take, and turns a
// panic into the page for our own failures.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page.Secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, hardLimit)
		if !strings.HasPrefix(r.URL.Path, "/live/") {
			lasts := pageTime
			if r.ContentLength != 0 {
				// Who stops half way does not hold us for ever.
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
				lasts += bodyTime
			}
			ctx, cancel := context.WithTimeout(r.Context(), lasts)
			defer cancel()
			r = r.WithContext(ctx)
		}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(v)
			}
			page.Error(w, r, fmt.Errorf("panic: %s\n%s", what(v), debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// what says what a panic was without any value that might be a patient's: the
// runtime's own sentences, else only the type.
func what(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", v)
}

// framed starts each page's frame: whose practice it is and who is looking. A
// practice that has no record here is not found, whatever the page.
func (d *door) framed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := spoken(r)
		f := page.Frame{Demo: d.Demo, Home: "/", Lang: lang, Langs: others(r, lang)}
		p, signedIn := access.From(r.Context())
		if signedIn {
			f.User = &page.User{Name: p.Name, Role: roleName(p.Role), Practice: d.practices.name(r.Context(), p.Practice)}
			f.SignOut = "/sign-out"
		}
		ods, named := practiceOf(r.URL.Path)
		if named {
			if !d.practices.known(r.Context(), ods) {
				page.Error(w, page.WithBase(r, f), fault.New(fault.NotFound, "There is no such practice here."))
				return
			}
			f.Practice = d.practices.name(r.Context(), ods)
		}
		if d.SignIn != nil && named && !strings.HasPrefix(r.URL.Path, "/live/") {
			f.SignIn = signInFor(r)
			if !signedIn {
				f.Account = []page.Link{{Text: "Sign in", Href: f.SignIn}}
			}
		}
		if d.SignIn != nil && strings.HasPrefix(r.URL.Path, board.Path) {
			f.SignIn = "/sign-in/staff?next=" + url.QueryEscape(board.Path)
		}
		next.ServeHTTP(w, page.WithBase(r, f))
	})
}

// practiceOf is the practice that an address names, in capitals.
func practiceOf(path string) (ident.ODS, bool) {
	parts := strings.SplitN(path, "/", 4) // "", area, practice, rest
	if len(parts) < 3 {
		return "", false
	}
	switch parts[1] {
	case "p", "desk", "manage", "live":
		ods, err := ident.ParseODS(parts[2])
		return ods, err == nil || parts[2] != ""
	}
	return "", false
}

func roleName(r access.Role) string {
	return map[access.Role]string{
		access.Patient: "Patient", access.Proxy: "Proxy", access.Navigator: "Care navigator",
		access.Clinician: "Clinician", access.Manager: "Practice manager", access.Commissioner: "Commissioner",
	}[r]
}

// signInFor is where somebody signs in to come back to the page that they
// asked for; after a form, to the front of its area.
func signInFor(r *http.Request) string {
	at, next := "/sign-in", r.URL.RequestURI()
	parts := strings.SplitN(r.URL.Path, "/", 4)
	if r.Method != http.MethodGet {
		next = "/" + parts[1] + "/" + parts[2] + "/"
		if len(parts) > 3 && parts[1] == "p" && strings.HasPrefix(parts[3], "ask") {
			next += "ask" // which leads on with what they had filled in
		}
	}
	if parts[1] != "p" {
		at = "/sign-in/staff"
	}
	return at + "?next=" + url.QueryEscape(next)
}

// onlyHTTPS has browsers come by https from now on, where that is how the site
// is reached.
func onlyHTTPS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}
