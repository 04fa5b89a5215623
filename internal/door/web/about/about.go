// Package about is what the site says of itself: what it does with what people
// tell it, and how far everyone can use it.
//
// What comes in: anybody. What goes out: pages of plain words. It must never
// ask who is reading, and never say what the program does not do.
package about

import (
	"embed"
	"net/http"

	"heartwood/internal/door/web/page"
)

//go:embed *.html
var files embed.FS

// The pages' addresses; the footer of every page leads to them.
const (
	Privacy       = "/privacy"
	Accessibility = "/accessibility"
)

// About serves the pages.
type About struct{}

type words struct{}

var (
	privacy       = page.New[words](files, "privacy.html")
	accessibility = page.New[words](files, "accessibility.html")
)

// Routes puts the pages on a mux.
func (About) Routes(mux *http.ServeMux) {
	mux.Handle("GET /privacy", show("Your privacy and cookies", privacy))
	mux.Handle("GET /accessibility", show("Accessibility statement", accessibility))
}

func show(title string, t *page.Template[words]) page.Func {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := page.Base(r)
		f.Title = title
		return t.Render(w, r, http.StatusOK, f, words{})
	}
}
