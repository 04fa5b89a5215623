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
	"log/slog"
	"sync"
	"time"

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

	mu  sync.Mutex                    // protects mem, and keeps a mark from being added while a journal is made anew
	mem map[ident.ODS]map[string]Mark // where there is no folder
}

// New keeps marks in dir, a journal for each practice, so that a restart
// forgets none; in memory when dir is "".
func New(dir string, now func() time.Time) *Marks {
	return &Marks{dir: dir, now: now, mem: map[ident.ODS]map[string]Mark{}}
}

// Note keeps how far a form has come. name is hexadecimal and the form's own.
// What cannot be kept is said in the log: the form goes on without.
func (m *Marks) Note(ods ident.ODS, name string, mark Mark) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dir == "" {
		if m.mem[ods] == nil {
			m.mem[ods] = map[string]Mark{}
		}
		m.mem[ods][name] = mark
		return
	}
	if err := m.journal(ods).add(name, mark); err != nil {
		slog.Warn("starts: a mark was not kept", "practice", ods, "error", err)
	}
}

// Unfinished is how many forms can still be sent, and how many of them were put by.
func (m *Marks) Unfinished(ods ident.ODS) (all, putBy int) {
	if m == nil {
		return 0, 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mark := range m.marks(ods) {
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
