package patient

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/care/upload"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

const (
	maxPhoto  = upload.MaxBytes
	maxUpload = upload.MaxFiles*upload.MaxBytes + page.TextLimit
)

func fillPhotos(*draft) *page.Form { return page.NewForm(nil) }

// savePhotos takes away the photo whose button was pressed.
func savePhotos(_ visit, d *draft, f *page.Form) {
	part, ok := strings.CutPrefix(f.Value("more"), "remove ")
	if !ok {
		return
	}
	d.Photos = slices.DeleteFunc(slices.Clone(d.Photos), func(p draftPhoto) bool { return p.Part == part })
}

// forget drops the photos that are no longer with the draft.
func (a *Patients) forget(ctx context.Context, d *draft, before []draftPhoto) {
	for _, p := range before {
		if !slices.Contains(d.Photos, p) {
			a.drafts.Drop(ctx, d.token, p.Part)
		}
	}
}

// takePhotos cleans the files that were sent and keeps them with the draft.
func (a *Patients) takePhotos(r *http.Request, d *draft, f *page.Form) error {
	for _, h := range f.Files["photos"] {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		if len(d.Photos) >= upload.MaxFiles {
			f.Fail("photos", fmt.Sprintf("You can add up to %d photos", upload.MaxFiles))
			return nil
		}
		if over(r, a.limits.photos) {
			f.Fail("photos", errManyPhotos.Message)
			return nil
		}
		b, err := page.ReadFile(h, upload.MaxBytes)
		if err == nil {
			var c upload.Clean
			c, err = upload.Check(upload.File{Name: h.Filename, Type: h.Header.Get("Content-Type"), Data: b})
			if err == nil {
				err = a.addPhoto(r.Context(), d, c)
			}
		}
		switch k := fault.KindOf(err); {
		case err == nil:
		case k == fault.Internal || k == fault.Busy:
			return err
		default:
			f.Fail("photos", fault.From(err).Message)
		}
	}
	return nil
}

func (d *draft) photoLines(v visit) []photoLine {
	var out []photoLine
	for i, p := range d.Photos {
		l := photoLine{Name: p.Name, Part: p.Part}
		if strings.HasPrefix(p.Type, "image/") {
			l.Src = v.root() + "ask/photos/" + strconv.Itoa(i)
		}
		out = append(out, l)
	}
	return out
}

func (d *draft) photoNames() string {
	if len(d.Photos) == 0 {
		return "None"
	}
	var s []string
	for _, p := range d.Photos {
		s = append(s, p.Name)
	}
	return strings.Join(s, "\n")
}

// draftPhoto shows a photo that has been added but not sent.
func (a *Patients) draftPhoto(w http.ResponseWriter, r *http.Request) error {
	_, d, _, err := a.at(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || d == nil || n < 0 || n >= len(d.Photos) {
		return fault.New(fault.NotFound, "There is no such photo.")
	}
	b, ok, err := a.drafts.Get(r.Context(), d.token, d.Photos[n].Part)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Gone, "This photo is no longer here. Please add it again.")
	}
	return picture(w, d.Photos[n].Type, b)
}

// picture sends a file that upload has cleaned.
func picture(w http.ResponseWriter, mediaType string, data []byte) error {
	switch mediaType {
	case "image/jpeg", "image/png", "application/pdf":
	default:
		return fault.New(fault.Unsupported, "This file cannot be shown here.")
	}
	page.File(w, mediaType, data)
	return nil
}
