package upload

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"
)

// packedPDF is a PDF with objects in a packed stream.
func packedPDF(objects string) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write([]byte(objects)) // to memory: never fails
	_ = w.Close()
	return []byte("%PDF-1.5\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\r\n" + z.String() + "\nendstream endobj\n%%EOF\n")
}

// What the pictures of a PDF say of where they were taken is wiped, and the
// PDF is otherwise as it was.
func TestPDFDoesNotSayWhere(t *testing.T) {
	jpeg := "\xFF\xD8\xFF\xE1\x00\x13Exif\x00\x00GPS 51.5 N!\xFF\xDB"
	src := strings.Replace(pdf, "endobj", "stream"+jpeg+"endstream<x:xmpmeta>exif:GPSLatitude 51.5</x:xmpmeta>endobj", 1)
	c, err := Check(File{Name: "a.pdf", Data: []byte(src)})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(c.Data, []byte("51.5")) || bytes.Contains(c.Data, []byte("GPS")) {
		t.Errorf("it still says where: %q", c.Data)
	}
	if len(c.Data) != len(src) || !bytes.Contains(c.Data, []byte("\xFF\xDBendstream")) {
		t.Errorf("it is not as it was: %q", c.Data)
	}
}

// Each refusal says what to do instead.
func TestRefusalsSayWhatToDo(t *testing.T) {
	for name, f := range map[string]File{
		"a password":   {Name: "a.pdf", Data: []byte(strings.Replace(pdf, "trailer<<>>", "trailer<</Encrypt 5 0 R>>", 1))},
		"51 pages":     {Name: "a.pdf", Data: packedPDF(strings.Repeat("<</Type /Page >>", 51))},
		"a file in it": {Name: "a.pdf", Data: packedPDF("<</Type/EmbeddedFile>>")},
		"HEIC":         {Name: "a.heic", Data: []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")},
	} {
		if _, err := Check(f); err == nil || !strings.Contains(err.Error(), "end ") && !strings.Contains(err.Error(), "screenshot") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
