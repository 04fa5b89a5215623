// Package starts counts forms that are begun online and not sent: how many, of
// which form, and at which question they were left.
//
// What comes in: how far each form has come, as a mark. What goes out: counts,
// in MeasureReports of the practice's log. A mark has the day, the form, the
// step and nothing of who fills it in or what they wrote; its name is a hash
// of the form's own secret and is forgotten once it is counted. A form that
// can still be sent, one that was put by to come back to included, must never
// be counted as left. A patient's page must never fail because of a count.
package starts

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"heartwood/internal/atomicfile"
	"heartwood/internal/ident"
)

// Mark is how far one form has come.
type Mark struct {
	Day   string    // it was begun, by London's clock: "2026-11-24"
	Form  string    // the kind of request; "" while none was chosen
	Step  string    // the page it stands at
	Sent  bool      // it was sent: it is counted as that
	PutBy bool      // it was saved to come back to
	Until time.Time // it can be sent until then; afterwards it counts as left
}

// Marks keeps the marks of forms that are being filled in.
type Marks struct {
	dir string
	now func() time.Time

	mu  sync.Mutex
	mem map[ident.ODS]map[string]Mark // where there is no folder; protected by mu
}

// New keeps marks as files in dir, so that a restart forgets none; in memory
// when dir is "".
func New(dir string, now func() time.Time) *Marks {
	return &Marks{dir: dir, now: now, mem: map[ident.ODS]map[string]Mark{}}
}

// Note keeps how far a form has come. name is hexadecimal and the form's own.
// What cannot be kept is said in the log: the form goes on without.
func (m *Marks) Note(ods ident.ODS, name string, mark Mark) {
	if m == nil {
		return
	}
	if m.dir == "" {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.mem[ods] == nil {
			m.mem[ods] = map[string]Mark{}
		}
		m.mem[ods][name] = mark
		return
	}
	if err := m.write(ods, name, mark); err != nil {
		slog.Warn("starts: a mark was not kept", "practice", ods, "error", err)
	}
}

func (m *Marks) write(ods ident.ODS, name string, mark Mark) error {
	b, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(m.dir, string(ods), name), b)
}

// Unfinished is how many forms can still be sent, and how many of them were put by.
func (m *Marks) Unfinished(ods ident.ODS) (all, putBy int) {
	if m == nil {
		return 0, 0
	}
	for _, mark := range m.marks(ods, "") {
		if mark.Sent || !mark.Until.After(m.now()) {
			continue
		}
		all++
		if mark.PutBy {
			putBy++
		}
	}
	return all, putBy
}

// marks reads the marks of a practice, or those of a batch of it.
func (m *Marks) marks(ods ident.ODS, batch string) map[string]Mark {
	out := map[string]Mark{}
	if m.dir == "" {
		m.mu.Lock()
		defer m.mu.Unlock()
		for name, mark := range m.mem[ods] {
			out[name] = mark
		}
		return out
	}
	dir := filepath.Join(m.dir, string(ods), batch)
	entries, _ := os.ReadDir(dir) // none there: there are no marks
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) == atomicfile.Ext {
			continue
		}
		var mark Mark
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil && json.Unmarshal(b, &mark) == nil {
			out[e.Name()] = mark
		}
	}
	return out
}
