package desk

import (
	"bytes"
	"html/template"
	"net/http"

	"heartwood/internal/door/web/page"
)

// partHeader names the region that a page's script wants again: then only
// that region is answered, without the frame.
const partHeader = "Heartwood-Part"

// seenHeader is the version that the page shows of what the region is about.
const seenHeader = "Heartwood-Seen"

func fragment(w http.ResponseWriter, r *http.Request, t *template.Template, name string, data any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return err
	}
	h := w.Header()
	page.Secure(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", partHeader)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // the reader may have gone
	}
	return nil
}
