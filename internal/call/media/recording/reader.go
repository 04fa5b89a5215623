package recording

import (
	"crypto/subtle"
	"errors"
	"io"
	"os"
	"time"

	"heartwood/internal/fault"
)

// Reader gives a recording as a WAV file, and reads no more of the sealed
// file than it is asked for. It is for one goroutine at a time.
type Reader struct {
	from   io.ReaderAt
	closer io.Closer
	seal   seal
	full   int64 // chunks of a whole second
	rest   int   // frames of the last one
	whole  bool

	at     int64 // of the WAV
	header []byte
	opened int64 // number of the chunk in clear; -1 is none
	clear  []byte
	box    [fullSize]byte
}

// Open opens a recording for reading, one that is still being written too.
// The fault is Refused when it was damaged or the key is not its key.
func Open(path string, key []byte) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, notThere(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(notThere(err), f.Close())
	}
	r, err := NewReader(f, info.Size(), key)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.closer = f
	return r, nil
}

func notThere(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "There is no such recording.")
	}
	return fault.Wrap(err, fault.Internal, "The recording could not be opened.")
}

func damaged(what string) error {
	return fault.New(fault.Refused, "This recording is damaged, or this is not its key: %s.", what)
}

// NewReader is Open for what is not a file.
func NewReader(from io.ReaderAt, size int64, key []byte) (*Reader, error) {
	var head [headSize]byte
	if n, err := from.ReadAt(head[:], 0); n < headSize {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, notThere(err)
		}
		return nil, damaged("it has no beginning")
	}
	if string(head[:len(magic)]) != magic {
		return nil, damaged("it is of another kind or version")
	}
	s, check, err := newSeal(key, head[len(magic):checkAt])
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(check, head[checkAt:]) == 0 {
		return nil, damaged("it is sealed with another")
	}
	r := &Reader{from: from, seal: s, opened: -1}
	if err := r.findEnd(size - int64(headSize)); err != nil {
		return nil, err
	}
	r.header = wavHeader(r.frames() * frameSize)
	return r, nil
}

// findEnd looks for the last chunk. Without one the recording was cut, by a
// crash or by somebody: then what is left of it counts up to the last chunk
// that is sound.
func (r *Reader) findEnd(size int64) error {
	r.full = size / int64(fullSize)
	left := int(size%int64(fullSize)) - tagSize
	if left >= 0 && left%perFrame == 0 {
		r.rest = left / perFrame
		if r.open(r.full, true) == nil {
			r.whole = true
			return nil
		}
		r.rest = 0
	}
	for r.full > 0 && r.open(r.full-1, false) != nil {
		r.full-- // a power cut leaves what was never written
	}
	return nil
}

// open reads a chunk into clear.
func (r *Reader) open(chunk int64, last bool) error {
	n := fullSize
	if last {
		n = r.rest*perFrame + tagSize
	}
	r.opened = -1
	if got, err := r.from.ReadAt(r.box[:n], offset(chunk)); got < n {
		if err != nil && !errors.Is(err, io.EOF) {
			return fault.Wrap(err, fault.Internal, "The recording could not be read.")
		}
		return damaged("it ends too soon")
	}
	clear, err := r.seal.Open(r.clear[:0], nonce(chunk, last), r.box[:n], nil)
	if err != nil {
		return damaged("a part of it was changed")
	}
	r.clear, r.opened = clear, chunk
	return nil
}

func (r *Reader) frames() int64 { return r.full*framesChunk + int64(r.rest) }

// Duration is how long it is.
func (r *Reader) Duration() time.Duration { return time.Duration(r.frames()) * frameTime }

// Whole tells whether it is all there. One that is not was cut by a crash, or
// by somebody, or is still being recorded.
func (r *Reader) Whole() bool { return r.whole }

// Size is the bytes of the WAV.
func (r *Reader) Size() int64 { return int64(len(r.header)) + r.frames()*frameBytes }

// Close closes the file.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Read gives the next of the WAV. It gives nothing of a part that was changed.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.at < int64(len(r.header)) {
		n := copy(p, r.header[r.at:])
		r.at += int64(n)
		return n, nil
	}
	at := r.at - int64(len(r.header))
	if at >= r.frames()*frameBytes {
		return 0, io.EOF
	}
	part, err := r.chunk(at / (framesChunk * frameBytes))
	if err != nil {
		return 0, err
	}
	n := copy(p, part[at%(framesChunk*frameBytes):])
	r.at += int64(n)
	return n, nil
}

// chunk gives the sound of a chunk.
func (r *Reader) chunk(i int64) ([]byte, error) {
	if err := r.need(i); err != nil {
		return nil, err
	}
	return r.clear[len(r.clear)/perFrame:], nil
}

func (r *Reader) need(i int64) error {
	if r.opened == i {
		return nil
	}
	return r.open(i, i == r.full)
}

// Seek sets where the next Read begins.
func (r *Reader) Seek(to int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		to += r.at
	case io.SeekEnd:
		to += r.Size()
	}
	if to < 0 || whence < 0 || whence > io.SeekEnd {
		return 0, fault.New(fault.Invalid, "There is no such place in this recording.")
	}
	r.at = to
	return to, nil
}

// Gap is a silence that nobody kept.
type Gap struct {
	From, To time.Duration
	Paused   bool // somebody asked for it; otherwise the disk did not keep up
}

// Gaps reads the whole recording, which shows that no part of it was changed,
// and gives its gaps in order.
func (r *Reader) Gaps() ([]Gap, error) {
	var gaps []Gap
	last := sound
	for i := range r.frames() {
		if err := r.need(i / framesChunk); err != nil {
			return nil, err
		}
		m := mark(r.clear[i%framesChunk])
		from := time.Duration(i) * frameTime
		switch {
		case m == sound:
		case m == last:
			gaps[len(gaps)-1].To = from + frameTime
		default:
			gaps = append(gaps, Gap{From: from, To: from + frameTime, Paused: m == paused})
		}
		last = m
	}
	return gaps, nil
}
