package upload

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
)

// Limits on a PDF.
const (
	MaxPages     = 50
	maxUnpacked  = 16 << 20 // bytes of packed objects that are looked into
	maxPackedOne = 4 << 20  // of one of them
)

// active are parts of a PDF that do something when it is opened.
var active = []string{"/JavaScript", "/JS", "/Launch", "/RichMedia", "/OpenAction", "/AA", "/SubmitForm", "/GoToR", "/XFA"}

// checkPDF takes a plain PDF: whole, nothing after its end, nothing active,
// nothing inside it, not locked, not too long. What is packed is looked into.
// A PDF cannot be drawn afresh here; what its pictures say of where they were
// taken is wiped, and pages serve it as a download, with a policy that lets it
// run nothing.
func checkPDF(b []byte) ([]byte, string, error) {
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 || len(bytes.TrimSpace(b[end+5:])) > 0 {
		return nil, "", refuse("The PDF is damaged, or has something after its end. Save it again and send that.")
	}
	if names(b, "/Encrypt") {
		return nil, "", refuse("The PDF is locked with a password, so we cannot open it. Save it without a password and send that.")
	}
	packed, ok := unpacked(b)
	if !ok {
		return nil, "", refuse("The PDF is too large inside. Print it to a new PDF, or send a photo of each page.")
	}
	all := [][]byte{b, packed}
	for _, part := range all {
		if names(part, "/EmbeddedFile") || names(part, "/EmbeddedFiles") || names(part, "/FileAttachment") {
			return nil, "", refuse("The PDF has other files inside it, which we do not take. Print it to a new PDF and send that.")
		}
		for _, a := range active {
			if names(part, a) {
				return nil, "", refuse("The PDF has active content, which we do not take. Print it to a new PDF and send that.")
			}
		}
	}
	if n := pages(b) + pages(packed); n > MaxPages {
		return nil, "", refuse("The PDF has %d pages. Send the %d that matter most.", n, MaxPages)
	}
	return unplaced(b), "application/pdf", nil
}

var pageObject = regexp.MustCompile(`/Type\s*/Page[^s\w]`)

func pages(b []byte) int { return len(pageObject.FindAllIndex(b, -1)) }

// unpacked gives the packed objects (ISO 32000-1, 7.5.7) of a PDF, in which
// anything could hide; false when there is too much of it.
func unpacked(b []byte) ([]byte, bool) {
	var out []byte
	for rest := b; ; {
		i := bytes.Index(rest, []byte("/ObjStm"))
		if i < 0 {
			return out, true
		}
		rest = rest[i+len("/ObjStm"):]
		s := bytes.Index(rest, []byte("stream"))
		if s < 0 {
			return out, true
		}
		data := bytes.TrimLeft(rest[s+len("stream"):], "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			continue // packed in a way that viewers seldom know
		}
		one, _ := io.ReadAll(io.LimitReader(z, maxPackedOne+1)) // what can be read of it
		if out = append(append(out, one...), '\n'); len(one) > maxPackedOne || len(out) > maxUnpacked {
			return nil, false
		}
	}
}

var (
	exif = []byte("Exif\x00\x00")
	xmp  = regexp.MustCompile(`(?s)<x:xmpmeta.*?</x:xmpmeta>`)
)

// unplaced is the PDF without what its pictures say of themselves, where and
// when they were taken among it. Nothing changes its place, so the PDF stays
// whole.
func unplaced(b []byte) []byte {
	out := bytes.Clone(b)
	for at := 0; ; {
		i := bytes.Index(out[at:], exif)
		if i < 0 {
			break
		}
		i += at
		at = i + len(exif)
		if i < 4 || out[i-4] != 0xFF || out[i-3] != 0xE1 {
			continue // not the part of a JPEG
		}
		end := min(i-2+int(out[i-2])<<8+int(out[i-1]), len(out))
		for k := at; k < end; k++ {
			out[k] = 0
		}
	}
	for _, m := range xmp.FindAllIndex(out, -1) {
		for k := m[0]; k < m[1]; k++ {
			out[k] = ' '
		}
	}
	return out
}

// names tells whether a PDF has a name: /JS but not /JSomething.
func names(b []byte, name string) bool {
	for {
		i := bytes.Index(b, []byte(name))
		if i < 0 {
			return false
		}
		b = b[i+len(name):]
		if len(b) == 0 || !isAlnum(b[0]) {
			return true
		}
	}
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
