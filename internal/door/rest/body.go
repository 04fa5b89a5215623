package rest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"heartwood/internal/fault"
)

// readBody reads what was sent: at most limit bytes, sent or unpacked.
func readBody(r *http.Request, limit int64, s *stay) ([]byte, error) {
	ct := r.Header.Get("Content-Type")
	if strings.HasSuffix(r.URL.Path, "/_search") {
		if typ, _, err := mime.ParseMediaType(ct); err != nil || typ != "application/x-www-form-urlencoded" {
			return nil, unsupportedMedia("Content-Type", "Send a search as application/x-www-form-urlencoded.")
		}
	} else if !isJSON(ct) {
		return nil, unsupportedMedia("Content-Type", "Send application/fhir+json (UTF-8, R4).")
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var src io.Reader = r.Body
	switch enc := r.Header.Get("Content-Encoding"); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(io.LimitReader(r.Body, limit+1))
		if err != nil {
			return nil, badGzip()
		}
		return unpack(r, z, limit, s)
	default:
		return nil, unsupportedMedia("Content-Encoding", "Send the content plain or packed with gzip.")
	}
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(src, limit+1))
	switch {
	case n > limit:
		return nil, tooLarge(limit)
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "The content ended before it was all here.")
	}
	return b.Bytes(), nil
}

// unpack reads packed content into the room that it has, and waits for more
// room when it unpacks to more than that.
func unpack(r *http.Request, z io.Reader, limit int64, s *stay) ([]byte, error) {
	var b bytes.Buffer
	most := min(s.free, limit)
	n, err := b.ReadFrom(io.LimitReader(z, most+1))
	if err == nil && n > most && most < limit {
		if err := s.grow(r, limit); err != nil {
			return nil, err
		}
		var more int64
		more, err = b.ReadFrom(io.LimitReader(z, limit+1-n))
		n += more
	}
	switch {
	case n > limit:
		return nil, tooLarge(limit)
	case err == nil:
		return b.Bytes(), nil
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return nil, fault.Wrap(err, fault.Invalid, "The content ended before it was all here.")
	}
	return nil, badGzip()
}

func badGzip() error {
	return fault.At(fault.Invalid, "Content-Encoding", "The content is not the gzip that it says it is, or it was cut short.")
}

func tooLarge(limit int64) error {
	if limit < 1<<20 {
		return fault.New(fault.TooLarge, "The content is larger than the %d bytes that are accepted in one go.", limit)
	}
	return fault.New(fault.TooLarge, "The content is larger than the %d MiB that are accepted in one go.", limit>>20)
}
