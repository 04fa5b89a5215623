package load

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"heartwood/internal/fault"
	"heartwood/internal/network"
)

const (
	maxNesting = 4         // how deeply files may be packed in files
	bombAfter  = 256 << 20 // unpacked bytes after which the ratio counts
	bombRatio  = 2000      // more than this much larger than what was read is no honest file
	maxWindow  = 128 << 20 // memory that a zstd frame may ask for
)

// source is one file on disk.
type source struct {
	path  string
	named bool // it was named itself, and not found in a folder
	err   error
}

// find lists the files that paths name, and their size together. Synthea
// refers from patients to practitioners and hospitals, so those come first.
func find(paths []string) (found []source, total int64) {
	var first, rest []source
	for _, path := range paths {
		err := filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				rest = append(rest, source{path: at, named: true, err: err})
				return nil //nolint:nilerr // it is listed, and the walk goes on
			}
			if d.IsDir() {
				return nil
			}
			if at != path && !d.Type().IsRegular() {
				return nil
			}
			if i, err := os.Stat(at); err == nil {
				total += i.Size()
			}
			s := source{path: at, named: at == path}
			if n := filepath.Base(at); strings.HasPrefix(n, "hospitalInformation") || strings.HasPrefix(n, "practitionerInformation") {
				first = append(first, s)
			} else {
				rest = append(rest, s)
			}
			return nil
		})
		if err != nil {
			rest = append(rest, source{path: path, named: true, err: err})
		}
	}
	return append(first, rest...), total
}

// stopped marks an error that came from the receiver of documents, and ends
// the run.
type stopped struct{ error }

// reader takes a file apart.
type reader struct {
	max  int
	emit func(document) error
}

// documents gives every document of the file to emit, and every reason why
// there is none. It fails only when emit does.
func (s source) documents(m *meter, max int, emit func(document) error) error {
	r := reader{max: max, emit: func(d document) error {
		if err := emit(d); err != nil {
			return stopped{err}
		}
		return nil
	}}
	err := s.err
	if err == nil {
		var f *os.File
		if f, err = os.Open(s.path); err == nil {
			defer func() { _ = f.Close() }()
			raw := &counted{r: f, at: f, meter: m}
			if isZip(f) {
				err = r.zipped(s.path, f, raw)
			} else {
				err = r.take(s.path, raw, raw, 0, s.named)
			}
		}
	}
	var halt stopped
	if errors.As(err, &halt) {
		return halt.error
	}
	if err == nil {
		return nil
	}
	return emit(document{file: s.path, refusal: refusedAt(s.path, 0, unreadable(err))})
}

// unreadable is a sentence for a file that cannot be read to its end.
func unreadable(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "There is no such file.")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Forbidden, "The file may not be read.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Wrap(err, fault.Invalid, "The file ends too early.")
	}
	return fault.Wrap(err, fault.Invalid, "The file is damaged and cannot be read further.")
}

// take works out what the bytes are by their beginning and takes them apart.
// raw counts what was read from disk, whatever it has been unpacked to.
func (r *reader) take(name string, in io.Reader, raw *counted, depth int, named bool) error {
	if depth > maxNesting {
		return fault.New(fault.TooLarge, "Files are packed in files more than %d times.", maxNesting)
	}
	br := bufio.NewReaderSize(in, 64<<10)
	head, err := br.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case len(head) == 0:
		return r.emit(document{file: name, passed: true})
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(br)
		if err != nil {
			return err
		}
		return r.take(name, &bounded{r: z, raw: raw}, raw, depth+1, named)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) || len(head) > 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		defer z.Close()
		return r.take(name, &bounded{r: z, raw: raw}, raw, depth+1, named)
	case isTar(head):
		return r.archive(name, br, raw, depth)
	}
	return r.text(name, br, head, named)
}

// text takes what is not packed: JSON, NDJSON or an organisation file.
func (r *reader) text(name string, br *bufio.Reader, head []byte, named bool) error {
	refuse := func(sentence string) error {
		if named || strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".xml") {
			return fault.New(fault.Unsupported, "%s", sentence)
		}
		return r.emit(document{file: name, passed: true})
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3)
		head = head[3:]
	}
	if kind := network.Sniff(head); kind != network.Unknown {
		return r.organisations(name, br, kind)
	}
	start := bytes.TrimLeft(head, " \t\r\n")
	base := filepath.Base(name[strings.LastIndexByte(name, ':')+1:])
	switch {
	case len(start) == 0:
		return r.emit(document{file: name, passed: true})
	case base == "package.json" || base == ".index.json":
		return r.emit(document{file: name, passed: true}) // a FHIR package's own list
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return refuse("The file is UTF-16; FHIR is UTF-8.")
	case start[0] == '<':
		return refuse("The file is XML, which is not taken yet. Send JSON.")
	case start[0] == '[':
		return refuse("The file is a JSON array. Send resources, Bundles or NDJSON.")
	case start[0] != '{' && !strings.HasSuffix(name, ".ndjson"):
		return refuse("This is not a kind of file that can be loaded.")
	}
	return r.split(name, br, strings.Contains(base, ".ndjson"))
}

// organisations takes an NHS organisation file.
func (r *reader) organisations(name string, in io.Reader, kind network.Kind) error {
	for row, err := range network.Read(in, kind) {
		d := document{file: name, number: row.Line, body: row.Resource}
		if err != nil {
			d.refusal = refusedAt(name, row.Line, err)
		}
		if err := r.emit(d); err != nil {
			return err
		}
	}
	return nil
}
