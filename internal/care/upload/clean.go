package upload

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"path"
	"strings"
	"unicode"

	"golang.org/x/image/webp"

	"heartwood/internal/fault"
)

// drawing bounds how many pictures are drawn at once, and so the memory that
// uploads can take.
var drawing = make(chan struct{}, 2)

// refuse makes a refusal about a file, with what the person can do.
func refuse(format string, args ...any) error {
	return fault.At(fault.Invalid, "photos", format, args...)
}

// kind is a type of file that is taken.
type kind struct {
	media string
	names []string // extensions that may name it
	clean func([]byte) ([]byte, string, error)
}

var kinds = map[string]kind{
	"jpeg": {"image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}, redrawJPEG},
	"png":  {"image/png", []string{".png"}, redrawPNG},
	"webp": {"image/webp", []string{".webp"}, redrawWebP},
	"pdf":  {"application/pdf", []string{".pdf"}, checkPDF},
}

// Check makes a file safe to keep, or says why it is not taken.
func Check(f File) (Clean, error) {
	name := tidy(f.Name)
	switch {
	case len(f.Data) == 0:
		return Clean{}, refuse("The file %s is empty. Choose another.", name)
	case len(f.Data) > MaxBytes:
		return Clean{}, refuse("The file %s is larger than 10 MB. Choose a smaller one.", name)
	}
	real := Sniff(f.Data)
	k, ok := kinds[real]
	switch {
	case real == "heic":
		return Clean{}, refuse("The photo %s is in a format that we cannot open (HEIC). Take a screenshot of it and send that. On an iPhone you can also choose Settings, Camera, Formats, Most Compatible, and take it again.", name)
	case !ok:
		return Clean{}, refuse("The file %s is not a photo or a PDF. Send a JPEG, PNG, WebP or PDF file.", name)
	case !k.declared(f.Type):
		return Clean{}, refuse("The file %s is not what it says it is. Send a JPEG, PNG, WebP or PDF file.", name)
	case !k.named(name):
		return Clean{}, refuse("The name of the file %s does not fit what is in it. Rename it or send another.", name)
	}
	drawing <- struct{}{}
	defer func() { <-drawing }()
	data, media, err := k.clean(f.Data)
	if err != nil {
		return Clean{}, err
	}
	return Clean{Name: rename(name, media), Type: media, Data: data}, nil
}

// All checks every file and gives all refusals at once.
func All(files []File) ([]Clean, []error) {
	var errs []error
	if len(files) > MaxFiles {
		return nil, []error{refuse("You can send up to %d files. Take some away.", MaxFiles)}
	}
	out := make([]Clean, 0, len(files))
	for _, f := range files {
		c, err := Check(f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, c)
	}
	return out, errs
}

func (k kind) declared(media string) bool {
	media, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(media)), ";")
	switch media {
	case "", "application/octet-stream", k.media:
		return true
	}
	return media == "image/jpg" && k.media == "image/jpeg"
}

func (k kind) named(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	if ext == "" {
		return true
	}
	for _, n := range k.names {
		if ext == n {
			return true
		}
	}
	return false
}

// Sniff tells what a file really is from its first bytes: jpeg, png, webp,
// pdf or heic; "" for anything else.
func Sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}):
		return "jpeg"
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return "webp"
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return "pdf"
	case len(b) > 12 && string(b[4:8]) == "ftyp":
		switch string(b[8:12]) {
		case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif":
			return "heic"
		}
	}
	return ""
}

// tidy makes a name short and plain: no folders, no signs.
func tidy(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	name = path.Base(name)
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .-_()", r) {
			return r
		}
		return -1
	}, name)
	name = strings.Trim(name, " .")
	if r := []rune(name); len(r) > 60 {
		name = string(r[:40]) + string(r[len(r)-20:])
	}
	if name == "" {
		return "photo"
	}
	return name
}

func rename(name, media string) string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	switch media {
	case "image/jpeg":
		return stem + ".jpg"
	case "image/png":
		return stem + ".png"
	}
	return stem + ".pdf"
}

// size refuses a picture that is too large before it is decoded.
func size(c image.Config, err error) error {
	switch {
	case err != nil || c.Width <= 0 || c.Height <= 0:
		return unreadable()
	case c.Width > 20_000 || c.Height > 20_000 || c.Width*c.Height > MaxPixels:
		return refuse("The picture is larger than 40 megapixels. Choose a smaller one.")
	}
	return nil
}

func unreadable() error { return refuse("The picture is damaged and cannot be read. Choose another.") }

func redrawJPEG(b []byte) ([]byte, string, error) {
	if err := size(jpeg.DecodeConfig(bytes.NewReader(b))); err != nil {
		return nil, "", err
	}
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, "", unreadable()
	}
	return asJPEG(upright(smaller(m), orientation(b)))
}

func redrawPNG(b []byte) ([]byte, string, error) {
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err == nil && b[24] == 16 { // 16 bits for a sample: twice the memory
		c.Width *= 2
	}
	if err := size(c, err); err != nil {
		return nil, "", err
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, "", unreadable()
	}
	m = smaller(m)
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&out, m); err != nil {
		return nil, "", unreadable()
	}
	if out.Len() > MaxBytes {
		return asJPEG(m)
	}
	return out.Bytes(), "image/png", nil
}

func redrawWebP(b []byte) ([]byte, string, error) {
	if err := size(webp.DecodeConfig(bytes.NewReader(b))); err != nil {
		return nil, "", err
	}
	m, err := webp.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, "", unreadable()
	}
	return asJPEG(smaller(m))
}

func asJPEG(m image.Image) ([]byte, string, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 88}); err != nil {
		return nil, "", unreadable()
	}
	return out.Bytes(), "image/jpeg", nil
}
