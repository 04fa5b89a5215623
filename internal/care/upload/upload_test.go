package upload

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// picture is blue, with a red corner at its top left.
func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			px := []byte{0, 0, 255, 255}
			if y < h/2 && x < w/2 {
				px = []byte{255, 0, 0, 255}
			}
			copy(m.Pix[m.PixOffset(x, y):], px)
		}
	}
	return m
}

func asBytes(t testing.TB, enc func(*bytes.Buffer) error) []byte {
	var b bytes.Buffer
	if err := enc(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aJPEG(t testing.TB) []byte {
	return asBytes(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(64, 32), nil) })
}

func aPNG(t testing.TB) []byte {
	return asBytes(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(64, 32)) })
}

// withEXIF puts an orientation and a place into a JPEG.
func withEXIF(j []byte, o byte) []byte {
	tiff := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), o, 0, 0, 0, 0, 0, 0)
	seg := append([]byte("Exif\x00\x00"), append(tiff, "GPS 51.5074 N"...)...)
	out := append([]byte{}, j[:2]...)
	out = append(out, 0xFF, 0xE1, byte((len(seg)+2)>>8), byte(len(seg)+2))
	return append(append(out, seg...), j[2:]...)
}

const pdf = "%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

func TestCheck(t *testing.T) {
	j, p := aJPEG(t), aPNG(t)
	for _, c := range []struct {
		what string
		f    File
		typ  string // "" refused
	}{
		{"a photo", File{"knee.JPG", "image/jpeg", j}, "image/jpeg"},
		{"no type, no name", File{"", "", j}, "image/jpeg"},
		{"a screenshot", File{"shot.png", "image/png", p}, "image/png"},
		{"a letter", File{"letter.pdf", "application/pdf", []byte(pdf)}, "application/pdf"},
		{"a PNG that says JPEG", File{"a.png", "image/jpeg", p}, ""},
		{"a JPEG named PDF", File{"a.pdf", "", j}, ""},
		{"a page that says photo", File{"a.jpg", "image/jpeg", []byte("<html><script>alert(1)</script>")}, ""},
		{"a drawing that runs script", File{"a.svg", "image/svg+xml", []byte("<svg onload=alert(1)>")}, ""},
		{"a program", File{"a.jpg", "image/jpeg", []byte("MZ\x90\x00")}, ""},
		{"a name that hides", File{"../../etc/passwd\x00.jpg", "image/jpeg", j}, "image/jpeg"},
		{"half a photo", File{"a.jpg", "image/jpeg", j[:len(j)/3]}, ""},
		{"empty", File{"a.jpg", "image/jpeg", nil}, ""},
		{"too large", File{"a.jpg", "image/jpeg", append(bytes.Clone(j), make([]byte, MaxBytes)...)}, ""},
		{"HEIC", File{"a.heic", "image/heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1")}, ""},
		{"a PDF with script", File{"a.pdf", "", []byte(strings.Replace(pdf, "<<>>", "<</OpenAction<</S/JavaScript/JS(x)>>>>", 1))}, ""},
		{"a PDF with a password", File{"a.pdf", "", []byte(strings.Replace(pdf, "trailer<<>>", "trailer<</Encrypt 5 0 R>>", 1))}, ""},
		{"a PDF with a file inside", File{"a.pdf", "", []byte(strings.Replace(pdf, "<<>>", "<</Type/EmbeddedFile>>", 1))}, ""},
		{"a PDF with script that is packed", File{"a.pdf", "", packedPDF("<</S/JavaScript/JS(x)>>")}, ""},
		{"a PDF of packed objects", File{"a.pdf", "", packedPDF("<</Type/Page>>")}, "application/pdf"},
		{"a PDF of 51 pages", File{"a.pdf", "", packedPDF(strings.Repeat("<</Type /Page >>", 51))}, ""},
		{"a PDF with a zip behind", File{"a.pdf", "", []byte(pdf + "PK\x03\x04")}, ""},
		{"a PNG bomb", File{"a.png", "", bomb(p)}, ""},
	} {
		got, err := Check(c.f)
		if got.Type != c.typ || (err == nil) != (c.typ != "") {
			t.Errorf("%s: got %q, %v", c.what, got.Type, err)
		}
		if strings.ContainsAny(got.Name, "/\\\x00<>") {
			t.Errorf("%s: name %q", c.what, got.Name)
		}
	}
}

// bomb says in its header that it is enormous.
func bomb(p []byte) []byte {
	b := bytes.Clone(p)
	copy(b[16:24], []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30})
	return b
}

// What a picture hides is gone: the place, and anything behind its end.
func TestHiddenDataGoes(t *testing.T) {
	got, err := Check(File{"a.jpg", "image/jpeg", append(withEXIF(aJPEG(t), 1), "<script>hidden</script>"...)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"GPS", "Exif", "script"} {
		if bytes.Contains(got.Data, []byte(s)) {
			t.Errorf("%s is still in it", s)
		}
	}
}

// A picture taken with the phone on its side is turned upright.
func TestUpright(t *testing.T) {
	where := map[byte][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for o, corner := range where {
		got, err := Check(File{"a.jpg", "", withEXIF(aJPEG(t), o)})
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(got.Data))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (o >= 5) != (w < h) {
			t.Errorf("orientation %d: %d by %d", o, w, h)
		}
		r, _, b, _ := m.At(corner[0]*(w-1)/1, corner[1]*(h-1)/1).RGBA()
		if r < 0xA000 || b > 0x6000 {
			t.Errorf("orientation %d: the red corner is not at %v", o, corner)
		}
	}
}

// A large photo is kept smaller, in its proportions.
func TestLargePhotosShrink(t *testing.T) {
	big := asBytes(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 5000, 2500)), nil) })
	got, err := Check(File{"a.jpg", "image/jpeg", big})
	if err != nil {
		t.Fatal(err)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(got.Data))
	if err != nil || c.Width*c.Height > KeptPixels || c.Width < 4000 || c.Width/2 != c.Height {
		t.Errorf("%d by %d, %v", c.Width, c.Height, err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("a.jpg", "image/jpeg", withEXIF(aJPEG(f), 6))
	f.Add("a.png", "image/png", aPNG(f))
	f.Add("a.pdf", "application/pdf", []byte(pdf))
	f.Fuzz(func(t *testing.T, name, typ string, data []byte) {
		c, err := Check(File{name, typ, data})
		if err == nil && (c.Name == "" || len(c.Data) == 0 || Sniff(c.Data) == "") {
			t.Fatalf("%q %q", c.Name, c.Type)
		}
	})
}
