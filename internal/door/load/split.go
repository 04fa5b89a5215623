package load

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"heartwood/internal/fault"
)

// split cuts text into JSON documents. A file whose first line is a whole
// object, or whose name says so, is NDJSON: each line stands for itself, and
// a broken one does not spoil the next. In any other file documents follow
// one another with nothing but space between.
func (r *reader) split(name string, br *bufio.Reader, ndjson bool) error {
	first, long, err := r.line(br)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var s scan
	trimmed := bytes.TrimSpace(first)
	if ndjson || err == nil && len(trimmed) > 0 && s.feed(trimmed) == len(trimmed) && s.done {
		return r.lines(name, br, first, long, err)
	}
	if long {
		return r.tooLarge()
	}
	return r.values(name, br, first)
}

func (r *reader) tooLarge() error {
	return fault.New(fault.TooLarge, "The document is larger than %d bytes.", r.max)
}

// line reads a line with its end. One of more than max bytes is skipped to
// its end and said to be long.
func (r *reader) line(br *bufio.Reader) (out []byte, long bool, err error) {
	for {
		part, err := br.ReadSlice('\n')
		if len(out)+len(part) > r.max {
			long, out = true, nil
		}
		if !long {
			out = append(out, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, long, err
		}
	}
}

// lines takes NDJSON, of which the first line has been read.
func (r *reader) lines(name string, br *bufio.Reader, line []byte, long bool, err error) error {
	for number := 1; ; number++ {
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		d := document{file: name, number: number, body: bytes.TrimSpace(line)}
		if long {
			d.refusal = refusedAt(name, number, r.tooLarge())
		}
		if len(d.body) > 0 || d.refusal != nil {
			if err := r.emit(d); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		line, long, err = r.line(br)
	}
}

// values takes documents that stand one after another; buf is what has been
// read already.
func (r *reader) values(name string, br *bufio.Reader, buf []byte) error {
	more := make([]byte, 64<<10)
	var end error
	fill := func() {
		n, err := br.Read(more)
		buf = append(buf, more[:n]...)
		end = err
	}
	for number := 1; ; number++ {
		for buf = bytes.TrimLeft(buf, " \t\r\n"); len(buf) == 0 && end == nil; buf = bytes.TrimLeft(buf, " \t\r\n") {
			fill()
		}
		if len(buf) == 0 {
			return realEnd(end)
		}
		if buf[0] != '{' {
			return fault.At(fault.Invalid, "", "After document %d there is something that is not a JSON object.", number-1)
		}
		var s scan
		at := 0
		for {
			at += s.feed(buf[at:])
			if s.done || end != nil {
				break
			}
			if len(buf) > r.max {
				return r.tooLarge()
			}
			fill()
		}
		if !s.done {
			if err := realEnd(end); err != nil {
				return err
			}
			// The strict parser says where it goes wrong.
			return r.emit(document{file: name, number: number, body: buf})
		}
		if err := r.emit(document{file: name, number: number, body: bytes.Clone(buf[:at])}); err != nil {
			return err
		}
		buf = buf[at:]
	}
}

func realEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// scan finds the end of a JSON object without judging what is inside it.
type scan struct {
	depth           int
	inside, escaped bool // in a string; after a backslash
	done            bool
}

// feed looks at more bytes and returns how many belong to the object.
func (s *scan) feed(b []byte) int {
	for i, c := range b {
		switch {
		case s.done:
			return i
		case s.escaped:
			s.escaped = false
		case s.inside:
			switch c {
			case '\\':
				s.escaped = true
			case '"':
				s.inside = false
			}
		case c == '"':
			s.inside = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			s.depth--
			s.done = s.depth <= 0
		}
	}
	return len(b)
}
