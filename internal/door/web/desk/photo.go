package desk

import (
	"encoding/base64"
	"net/http"
	"slices"

	"heartwood/internal/access"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// photoTypes are what a photo's page may be; uploads are redrawn before they
// are kept, so nothing else should be met.
var photoTypes = []string{"image/jpeg", "image/png", "application/pdf"}

// photo sends one picture or document of a request.
func (d *Desk) photo(w http.ResponseWriter, r *http.Request) error {
	v, view, err := d.open(r, access.WorkQueue)
	if err != nil {
		return err
	}
	binary := ident.Ref{Type: "Binary", ID: r.PathValue("binary")}
	of := func(p request.Photo) bool { return p.Binary == binary.String() }
	if !slices.ContainsFunc(view.Photos, of) {
		thread, err := d.messages.Thread(r.Context(), v.ods, view.ID)
		if err != nil {
			return err
		}
		var sent []request.Photo
		for _, m := range thread {
			sent = append(sent, m.Photos...)
		}
		if !slices.ContainsFunc(sent, of) {
			return fault.New(fault.NotFound, "This request has no such photo.")
		}
	}
	kept, err := v.practice.Read(r.Context(), binary)
	if err != nil {
		return err
	}
	res, err := kept.Resource()
	if err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(res.Get("data").Str())
	typ := res.Get("contentType").Str()
	if err != nil || !slices.Contains(photoTypes, typ) {
		return fault.New(fault.Unsupported, "This file cannot be shown.")
	}
	if err := v.looked(r.Context(), access.Sight{Patient: view.Patient, What: "photo"}); err != nil {
		return err
	}
	page.File(w, typ, data)
	return nil
}
