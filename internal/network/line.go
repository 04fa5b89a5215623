package network

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// maxLine is far more than any line of these files.
const maxLine = 16 << 10

// textLine is one line, or why there is none.
type textLine struct {
	number int // from 1
	text   string
	err    error
	last   bool // nothing can follow
}

// lines reads a file line by line; a line that is too long is an error of its
// own and the next one is read.
func lines(in io.Reader) iter.Seq[textLine] {
	return func(yield func(textLine) bool) {
		br := bufio.NewReaderSize(in, maxLine)
		for number := 1; ; number++ {
			raw, err := br.ReadSlice('\n')
			l := textLine{number: number}
			tooLong := errors.Is(err, bufio.ErrBufferFull)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = br.ReadSlice('\n')
			}
			switch {
			case tooLong:
				l.err = fault.New(fault.Invalid, "The line is too long.")
			case err != nil && !errors.Is(err, io.EOF):
				l.err, l.last = err, true
			default:
				if number == 1 {
					raw = []byte(strings.TrimPrefix(string(raw), "\ufeff"))
				}
				l.text = strings.TrimRight(text(raw), "\r\n")
			}
			if err != nil && l.text == "" && l.err == nil {
				return
			}
			if !yield(l) || err != nil {
				return
			}
		}
	}
}

// text reads bytes as UTF-8, or as Windows-1252 when they are not.
func text(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return string(s)
}

// fields reads one line of comma-separated values.
func fields(line string) ([]string, bool) {
	r := csv.NewReader(strings.NewReader(line))
	r.FieldsPerRecord = -1
	cells, err := r.Read()
	if err != nil {
		return nil, false
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, true
}

func isCode(s string) bool {
	o, err := ident.ParseODS(s)
	return err == nil && string(o) == s
}

// isStatus takes the words of the newer files and the letters of the older.
func isStatus(s string) bool {
	switch s {
	case "ACTIVE", "INACTIVE", "DORMANT", "PROPOSED", "A", "C", "D", "P":
		return true
	}
	return false
}

func isDate(s string) bool {
	_, ok := date(s)
	return ok
}

// date reads 20191001 as 2019-10-01.
func date(s string) (string, bool) {
	t, err := time.Parse("20060102", s)
	if err != nil || t.Year() < 1900 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}
