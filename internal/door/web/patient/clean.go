package patient

import (
	"net/http"

	"heartwood/internal/care/upload"
	"heartwood/internal/fault"
)

// cleanFile takes a photo or a PDF into a draft; the ledger draws pictures
// afresh when it is sent.
func cleanFile(f upload.File) (upload.Clean, error) {
	t := http.DetectContentType(f.Data)
	switch t {
	case "image/jpeg", "image/png", "application/pdf":
		return upload.Clean{Name: f.Name, Type: t, Data: f.Data}, nil
	}
	return upload.Clean{}, fault.At(fault.Invalid, "photos", "Choose a JPG or PNG photo, or a PDF.")
}
