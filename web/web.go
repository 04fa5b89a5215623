// Package web holds the built front end: the style sheet, scripts and images
// that pages load.
//
// What comes in: the files that `go run ./web/build` puts in dist. What goes
// out: their addresses, which change whenever their content does, and the
// files themselves. It must never load anything from another host. When
// nothing has been built, pages still work, without style or script.
package web

import (
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Prefix is where the door serves the bundle.
const Prefix = "/assets/"

// Bundle is the built front end.
type Bundle struct {
	files fs.FS
	names map[string]string // "heartwood.css" to "heartwood-5F3A.css"
}

// Assets gives the bundle that was built into this program.
func Assets() *Bundle {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return Open(sub)
}

// Open reads a bundle from a folder; one without a manifest is not built.
func Open(files fs.FS) *Bundle {
	b := &Bundle{files: files, names: map[string]string{}}
	if m, err := fs.ReadFile(files, "manifest.json"); err == nil {
		_ = json.Unmarshal(m, &b.names) // a broken manifest is as good as none
	}
	return b
}

// Built tells whether there is anything to serve.
func (b *Bundle) Built() bool { return len(b.names) > 0 }

// URL is the address of an asset by its plain name, "" when it is not built.
func (b *Bundle) URL(name string) string {
	if n, ok := b.names[name]; ok {
		return Prefix + n
	}
	return ""
}

// ServeHTTP serves the files below Prefix. Their names carry a hash of their
// content, so browsers may keep them for ever.
func (b *Bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	if !b.has(name) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		if small, err := fs.ReadFile(b.files, name+".gz"); err == nil {
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			h.Set("Content-Length", strconv.Itoa(len(small)))
			if r.Method != http.MethodHead {
				_, _ = w.Write(small) //nolint:gosec // our own file; the reader may have gone
			}
			return
		}
	}
	http.ServeFileFS(w, r, b.files, name) //nolint:gosec // a name that the manifest has
}

func (b *Bundle) has(name string) bool {
	for _, n := range b.names {
		if n == name {
			return true
		}
	}
	return false
}
