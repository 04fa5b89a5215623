package bylink

import (
	"net/http"

	"heartwood/internal/care/online"
	"heartwood/internal/care/upload"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

// maxUpload is how many bytes a reply with its files may have.
const maxUpload = upload.MaxFiles*upload.MaxBytes + page.TextLimit

// sentFiles are the files of a reply; one that cannot be read is a fault of the
// form.
func sentFiles(form *page.Form) (out []upload.File) {
	for _, h := range form.Files["photos"] {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		b, err := page.ReadFile(h, upload.MaxBytes)
		if err != nil {
			form.Fail("photos", fault.From(err).Message)
			break
		}
		out = append(out, upload.File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Data: b})
	}
	return out
}

// notice are the practice's own words over a box for messages; a page that
// cannot read them has none.
func (b *Pages) notice(r *http.Request) online.Own {
	ods, _, _ := b.Open(r.PathValue("link"))
	p, err := b.Store.Practice(ods)
	if err != nil {
		return online.Own{}
	}
	s, err := online.Load(r.Context(), p)
	if err != nil {
		return online.Own{}
	}
	return s.NoticeIn(page.Base(r).Lang)
}
