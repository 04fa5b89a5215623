package starts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"heartwood/internal/atomicfile"
	"heartwood/internal/ident"
)

// journal is a file of marks, one to a line as JSON; of those with one name
// the last holds. Adding one costs one short write: a patient's page waits for
// it. A line that was cut off by a crash is passed over.
type journal string

type line struct {
	Name string `json:"name"`
	Mark
}

// journal is where a practice's marks are added; batch is where those are that
// are being counted: a count that was cut off is made again of the same ones,
// under the same id.
func (m *Marks) journal(ods ident.ODS) journal { return m.file(ods, "marks") }
func (m *Marks) batch(ods ident.ODS) journal   { return m.file(ods, "batch") }

func (m *Marks) file(ods ident.ODS, name string) journal {
	return journal(filepath.Join(m.dir, string(ods), name))
}

// marks are all that a practice has; the caller holds mu.
func (m *Marks) marks(ods ident.ODS) map[string]Mark {
	if m.dir == "" {
		return m.mem[ods]
	}
	all, _ := m.journal(ods).read()
	return all
}

func (j journal) add(name string, mark Mark) error {
	b, err := json.Marshal(line{name, mark})
	if err != nil {
		return err
	}
	f, err := j.open()
	if err != nil {
		return err
	}
	// The line break comes first too: what a crash cut off must not spoil this one.
	_, err = f.Write(append(append([]byte{'\n'}, b...), '\n'))
	return errors.Join(err, f.Close())
}

func (j journal) open() (*os.File, error) {
	const how = os.O_APPEND | os.O_CREATE | os.O_WRONLY
	f, err := os.OpenFile(string(j), how, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(string(j)), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(string(j), how, 0o600)
}

// read gives the last mark of each name, and how many lines there are.
func (j journal) read() (marks map[string]Mark, lines int) {
	b, _ := os.ReadFile(string(j)) // none there: there are no marks
	return parse(b)
}

func parse(b []byte) (marks map[string]Mark, lines int) {
	marks = map[string]Mark{}
	for row := range bytes.Lines(b) {
		var l line
		if json.Unmarshal(row, &l) == nil && l.Name != "" {
			marks[l.Name] = l.Mark
			lines++
		}
	}
	return marks, lines
}

// write replaces the journal by these marks.
func (j journal) write(marks map[string]Mark) error {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for name, mark := range marks {
		if err := out.Encode(line{name, mark}); err != nil {
			return err
		}
	}
	return atomicfile.Write(string(j), b.Bytes())
}

func (j journal) drop() error {
	if err := os.Remove(string(j)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
