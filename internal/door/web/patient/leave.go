package patient

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"heartwood/internal/care/online"
)

// leave is the quick way out, for who is watched: this browser forgets the
// form that was begun, and goes to a page that nobody wonders about. It is a
// link, because a form may not lead to another site.
func (a *Patients) leave(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	to := online.Default().Exit
	if s, err := online.Load(r.Context(), v.practice); err == nil {
		to = s.Exit
	}
	if r.Header.Get("Sec-Fetch-Site") != "cross-site" { // no other site makes us forget a form
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the site has https
			Name: a.cookieName(v.ods), Path: v.root(), MaxAge: -1, HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
		})
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Clear-Site-Data", `"cache"`)
	h.Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// keepID names a form to the browser without telling its secret.
func (d *draft) keepID() string {
	sum := sha256.Sum256([]byte("keep " + d.token))
	return hex.EncodeToString(sum[:8])
}
