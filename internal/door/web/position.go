package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Where several processes serve one practice, the page after a form may come
// from another process than the form's. The browser carries how far the
// record was when its form was answered, and every page waits until its
// process has seen as much.
const (
	positionCookie = "position"
	positionKept   = 5 * time.Minute // by then every process has caught up
	positionWait   = 3 * time.Second
)

// positioned honours and gives positions; a process that is alone needs none.
func (d *door) positioned(next http.Handler) http.Handler {
	if d.Store.Poll == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := d.recordOf(r)
		if p == nil {
			next.ServeHTTP(w, r)
			return
		}
		await(r, p)
		if r.Method == http.MethodPost {
			w = &positionWriter{ResponseWriter: w, practice: p, secure: d.Secure}
		}
		next.ServeHTTP(w, r)
	})
}

// recordOf is the record of the practice that an address is about, nil when
// there is none here.
func (d *door) recordOf(r *http.Request) *record.Practice {
	ods, ok := practiceOf(r.URL.Path)
	if !ok {
		return nil
	}
	known, err := d.Store.Practices(r.Context())
	if err != nil || !slices.Contains(known, ods) {
		return nil
	}
	p, err := d.Store.Practice(ods)
	if err != nil {
		return nil
	}
	return p
}

// await waits for what the browser has seen. A page that is a moment behind
// is better than none, so a wait that is too long is given up.
func await(r *http.Request, p *record.Practice) {
	c, err := r.Cookie(positionCookie)
	if err != nil {
		return
	}
	v, err := url.QueryUnescape(c.Value)
	if err != nil {
		return
	}
	ods, text, ok := strings.Cut(v, " ")
	if !ok || ods != string(p.ODS()) {
		return
	}
	pos, err := ident.ParsePosition(text)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), positionWait)
	defer cancel()
	_ = p.Wait(ctx, pos)
}

// positionWriter adds the cookie when the answer begins.
type positionWriter struct {
	http.ResponseWriter
	practice *record.Practice
	secure   bool
	begun    bool
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *positionWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader adds the cookie and begins the answer.
func (w *positionWriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		http.SetCookie(w.ResponseWriter, &http.Cookie{ //nolint:gosec // Secure wherever there is https
			Name: positionCookie, Value: url.QueryEscape(string(w.practice.ODS()) + " " + w.practice.Position().String()),
			Path: "/", MaxAge: int(positionKept / time.Second), HttpOnly: true, Secure: w.secure, SameSite: http.SameSiteLaxMode,
		})
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the answer where the handler has not.
func (w *positionWriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}
