package escalate

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	// wholly is how often a Watch reads everything once more, whatever it
	// thinks that it knows.
	wholly = time.Hour
	// atOnce is how many alarms one change writes at most.
	atOnce = 2000
)

// Watch makes rounds that read what is due, and not all that is open: it keeps
// every open request and alarm in memory by the moment at which something may
// have to be done about it, and follows the record. It is a cache: a new one
// finds the same, and all that it decides is in the record.
type Watch struct {
	mu sync.Mutex
	of map[*record.Practice]*lookout
}

// NewWatch makes a watch over any number of practices.
func NewWatch() *Watch { return &Watch{of: map[*record.Practice]*lookout{}} }

// Round does what the package's Round does.
func (w *Watch) Round(ctx context.Context, p *record.Practice) error {
	w.mu.Lock()
	l := w.of[p]
	if l == nil {
		l = &lookout{}
		w.of[p] = l
	}
	w.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.round(ctx, p)
}

// lookout is the watch over one practice.
type lookout struct {
	mu      sync.Mutex
	pos     ident.Position // how far it has followed
	read    time.Time      // when it last read everything; zero for never
	matters map[string]*matter
	due     timetable       // when each is next looked at
	now     map[string]bool // what is looked at in the next round, due or not
	by      by
}

// by is what every decision depends on.
type by struct {
	path  Path
	hours any
	staff staff
}

func (l *lookout) round(ctx context.Context, p *record.Practice) error {
	for {
		r, err := begin(ctx, p)
		if err != nil {
			return err
		}
		if err := l.learn(r); err != nil {
			l.read = time.Time{} // half of it is known: read it all
			return err
		}
		some, more := l.some(r.now)
		for _, id := range some {
			l.now[id] = true // until it is done
			if err := r.consider(l.matters[id]); err != nil {
				return err
			}
		}
		if err := r.commit(); err != nil {
			if fault.Is(err, fault.Conflict) {
				return nil // another process was first: the next round looks again
			}
			return err
		}
		for _, id := range some {
			delete(l.now, id)
			l.due.set(id, l.matters[id].turn(r.path, r.hours, r.now))
		}
		if !more {
			return nil
		}
	}
}

// learn brings what is known up to what the record has.
func (l *lookout) learn(r *round) error {
	if by := (by{r.path, r.hours, r.staff}); !reflect.DeepEqual(by, l.by) {
		l.by, l.now = by, map[string]bool{}
		for id := range l.matters {
			l.now[id] = true
		}
	}
	if since := r.now.Sub(l.read); l.read.IsZero() || since < 0 || since >= wholly {
		return l.readAll(r)
	}
	changed := map[string]bool{}
	pos, err := r.p.Since(r.ctx, l.pos, func(all []record.Entry) error {
		for i := range all {
			if all[i].Type == "Task" {
				changed[all[i].ID] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id := range changed {
		if err := l.learnOf(r, id); err != nil {
			return err
		}
	}
	l.pos = pos
	return nil
}

func (l *lookout) readAll(r *round) (err error) {
	l.pos = r.p.Position() // what comes while it reads is read again
	if l.matters, err = everything(r.ctx, r.p); err != nil {
		return err
	}
	l.read, l.due, l.now = r.now, timetable{}, map[string]bool{}
	for id := range l.matters {
		l.now[id] = true
	}
	return nil
}

// learnOf reads one Task that has changed, if it is a request or an alarm.
func (l *lookout) learnOf(r *round, task string) error {
	v, err := r.p.Read(r.ctx, ident.Ref{Type: "Task", ID: task})
	gone := fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone)
	if err != nil && !gone {
		return err
	}
	if gone {
		for _, id := range []string{task, alarmOf(task).ID} {
			l.change(id, func(m *matter) { m.open, m.rings = m.open && id == task, m.rings && id != task })
		}
		return nil
	}
	t, err := v.Resource()
	if err != nil {
		return err
	}
	switch {
	case code(t.Get("code"), care.TaskCode) == "alarm":
		l.learnAlarm(v, t)
	case request.IsRequest(t):
		view, err := request.FromTask(v)
		if err != nil {
			return err
		}
		l.change(alarmOf(task).ID, func(m *matter) { m.request, m.open = view, !t.Get("status").Is("completed") })
	}
	return nil
}

func (l *lookout) learnAlarm(v record.Version, t *fhir.Resource) {
	a := fromTask(v, t)
	l.change(a.ID, func(m *matter) { m.alarm, m.rings = a, !a.Settled })
}

// change notes something of a matter, which is then looked at.
func (l *lookout) change(id string, fn func(*matter)) {
	m := l.matters[id]
	if m == nil {
		m = &matter{}
		l.matters[id] = m
	}
	fn(m)
	if m.open || m.rings {
		l.now[id] = true
		return
	}
	delete(l.matters, id)
	delete(l.now, id)
	l.due.set(id, time.Time{})
}

// some are the matters to look at in one change, in order, and whether there
// are more.
func (l *lookout) some(now time.Time) (ids []string, more bool) {
	for _, id := range l.due.until(now) {
		l.now[id] = true
	}
	ids = slices.SortedFunc(maps.Keys(l.now), strings.Compare)
	if len(ids) > atOnce {
		return ids[:atOnce], true
	}
	return ids, false
}
