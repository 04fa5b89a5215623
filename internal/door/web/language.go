package web

import (
	"net/http"
	"net/url"
	"strings"

	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

const (
	languageCookie = "hw-language"
	languagePath   = "/language/"
	languageYear   = 365 * 24 * 60 * 60 // seconds
)

// translated tells whether an address is one of those that patients read. What
// staff read is English.
func translated(path string) bool {
	switch area, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); area {
	case "desk", "manage", "board", "demo", "live":
		return false
	case "sign-in":
		return rest != "staff" && rest != "code"
	}
	return true
}

// spoken is the language of a page: the one that was chosen, else the first
// that the browser asks for.
func spoken(r *http.Request) words.Lang {
	if !translated(r.URL.Path) {
		return words.English
	}
	if c, err := r.Cookie(languageCookie); err == nil && words.Lang(c.Value).Known() {
		return words.Lang(c.Value)
	}
	return words.Accept(r.Header.Get("Accept-Language"))
}

// others are the links to a page in the other languages it can be had in.
func others(r *http.Request, lang words.Lang) []page.Link {
	if !translated(r.URL.Path) {
		return nil
	}
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		next = r.URL.Path
	}
	var out []page.Link
	for _, l := range words.Languages() {
		if l != lang {
			out = append(out, page.Link{Text: l.Name(), Lang: l, Href: languagePath + string(l) + "?next=" + url.QueryEscape(next)})
		}
	}
	return out
}

// language keeps the choice of a language and goes back to the page.
func (d *door) language(w http.ResponseWriter, r *http.Request) error {
	lang := words.Lang(r.PathValue("lang"))
	if !lang.Known() {
		return fault.New(fault.NotFound, "These pages cannot be had in that language.")
	}
	next := r.URL.Query().Get("next")
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		next = "/"
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the site has https
		Name: languageCookie, Value: string(lang), Path: "/", MaxAge: languageYear,
		HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}
