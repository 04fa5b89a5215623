package page

import (
	"net/http"
	"strconv"
)

// File sends a file that somebody uploaded, as what it was found to be and as
// nothing else: it may run nothing, load nothing and be framed by nothing.
// What is not a picture is saved, not opened in the page's place.
func File(w http.ResponseWriter, mediaType string, data []byte) {
	h := w.Header()
	Secure(h)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox")
	h.Set("Content-Type", mediaType)
	switch mediaType {
	case "image/jpeg", "image/png":
		h.Set("Content-Disposition", "inline")
	case "application/pdf":
		h.Set("Content-Disposition", `attachment; filename="document.pdf"`)
	default:
		h.Set("Content-Disposition", "attachment")
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(data) // the reader may have gone
}
