package load

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"io"
	"os"

	"heartwood/internal/fault"
)

// isTar looks for the magic of a POSIX or GNU header.
func isTar(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }

// archive takes every file of a tar archive. Names in it are only ever shown.
func (r *reader) archive(name string, in io.Reader, raw *counted, depth int) error {
	for t := tar.NewReader(in); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		inner := name + ":" + h.Name
		if err := r.orRefuse(inner, r.take(inner, t, raw, depth+1, false)); err != nil {
			return err
		}
	}
}

// isZip looks for the magic of a zip archive, which is read from its end and
// so only when it is a file itself.
func isZip(f *os.File) bool {
	var magic [4]byte
	_, err := f.ReadAt(magic[:], 0)
	return err == nil && string(magic[:]) == "PK\x03\x04"
}

// zipped takes every file of a zip archive.
func (r *reader) zipped(name string, f *os.File, raw *counted) error {
	i, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(raw, i.Size())
	if err != nil {
		return err
	}
	for _, member := range z.File {
		if !member.Mode().IsRegular() {
			continue
		}
		if err := r.member(name+":"+member.Name, member, raw); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) member(name string, m *zip.File, raw *counted) error {
	in, err := m.Open()
	if err == nil {
		defer func() { _ = in.Close() }()
		err = r.take(name, &bounded{r: in, raw: raw}, raw, 1, false)
	}
	return r.orRefuse(name, err)
}

// orRefuse lists a file of an archive that could not be read, and lets only
// what ends the run through.
func (r *reader) orRefuse(name string, err error) error {
	var halt stopped
	if err == nil || errors.As(err, &halt) {
		return err
	}
	return r.emit(document{file: name, refusal: refusedAt(name, 0, unreadable(err))})
}

// counted counts what is read from disk.
type counted struct {
	r     io.Reader
	at    io.ReaderAt
	meter *meter
	n     int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	c.meter.read.Add(int64(n))
	return n, err
}

// ReadAt is for archives that are not read from front to back.
func (c *counted) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.at.ReadAt(b, off)
	c.n += int64(n)
	c.meter.read.Add(int64(n))
	return n, err
}

// bounded stops a file that unpacks to far more than it is.
type bounded struct {
	r   io.Reader
	raw *counted
	n   int64
}

func (u *bounded) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	u.n += int64(n)
	if u.n > bombAfter && u.n/bombRatio > u.raw.n {
		return 0, fault.New(fault.TooLarge, "The file unpacks to more than %d times its size, so it was not read further.", bombRatio)
	}
	return n, err
}
