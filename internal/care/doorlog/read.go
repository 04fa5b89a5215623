package doorlog

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"time"

	"heartwood/internal/ident"
)

// Entry is one form as the door's log has it.
type Entry struct {
	Form      string // its digest
	Channel   string
	At        time.Time // when it first came
	Reference string    // under which it was kept, as far as the log knows
	Refused   bool      // whoever sent it was told that it was not taken, and it was not taken later
	Settled   string    // what somebody did about it, "" for nothing
}

// Sight is all that a journal says of a practice.
type Sight struct {
	Since   time.Time // when it begins; zero when it is empty
	Entries map[string]Entry
	Spoiled int // lines that cannot be read, but for one that a crash cut short
}

// Read reads a practice's journal from its beginning.
func (j *Journal) Read(practice ident.ODS) (Sight, error) {
	s := Sight{Entries: map[string]Entry{}}
	if j == nil {
		return s, nil
	}
	f, err := os.Open(j.path(practice))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("doorlog: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	return s, s.read(f)
}

// read adds what a journal says. A line without its end is one that is being
// written, or that a crash cut short before anybody relied on it.
func (s *Sight) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		l, ok := parse(strings.TrimSuffix(text, "\n"))
		if !ok {
			s.Spoiled++
			continue
		}
		s.add(l)
	}
}

func parse(text string) (l line, ok bool) {
	body, sum, ok := strings.Cut(text, "\t")
	if !ok || sum != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))) || json.Unmarshal([]byte(body), &l) != nil {
		return line{}, false
	}
	return l, l.Form != ""
}

func (s *Sight) add(l line) {
	if s.Since.IsZero() || l.At.Before(s.Since) {
		s.Since = l.At
	}
	e, had := s.Entries[l.Form]
	if !had {
		e = Entry{Form: l.Form, Channel: l.Channel, At: l.At}
	}
	switch l.Did {
	case "came":
		e.Refused = false // it may be taken this time
	case "kept":
		e.Reference, e.Refused = l.Reference, false
	case "refused":
		e.Refused = e.Reference == ""
	case "settled":
		e.Settled = l.Why
	}
	s.Entries[l.Form] = e
}
