package escalate

import (
	"container/heap"
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
)

// turn is the next moment after now at which a look at a matter might find
// something else, if nothing is written before then; zero for never. It may
// name a moment at which nothing has changed, and never leaves one out: Wants
// and Next are held against it by a test.
func (m *matter) turn(path Path, h opening.Hours, now time.Time) time.Time {
	var at next
	at.now = now
	if m.open {
		r := m.request
		const past = time.Nanosecond // what is late is so after its time, not at it
		at.add(later(r.Since, r.Changed).Add(untaken))
		at.add(r.Changed.Add(dealt + past))
		at.add(r.AnswerBy.Add(-nearBy))
		at.add(r.AnswerBy.Add(past))
		at.add(r.AnswerBy.Add(request.EmergencyGrace + past))
		at.add(r.Snoozed)
	}
	if m.rings && m.alarm.Rings() {
		m.alarm.steps(path, h, &at)
	}
	return at.first
}

// steps adds the moments at which an alarm's steps are due.
func (a Alarm) steps(path Path, h opening.Hours, at *next) {
	for _, s := range path.Steps {
		at.add(a.Since.Add(s.After))
	}
	if n := len(path.Steps); n > 0 && path.Again > 0 {
		if rung := at.now.Sub(a.Since.Add(path.Steps[n-1].After)); rung >= 0 {
			at.add(at.now.Add(path.Again - rung%path.Again))
		}
	}
	if path.Due(a, at.now) > a.Step { // it waits until somebody listens
		at.add(h.Next(at.now).From)
	}
}

// next is the first of some moments after now.
type next struct{ now, first time.Time }

func (n *next) add(t time.Time) {
	if t.After(n.now) && (n.first.IsZero() || t.Before(n.first)) {
		n.first = t
	}
}

// timetable keeps ids by the moment at which their turn comes.
type timetable struct {
	slots []*slot // a heap
	at    map[string]*slot
}

type slot struct {
	id  string
	at  time.Time
	pos int
}

// set says when an id's turn comes; zero for never.
func (t *timetable) set(id string, at time.Time) {
	s := t.at[id]
	switch {
	case s == nil && at.IsZero():
	case s == nil:
		if t.at == nil {
			t.at = map[string]*slot{}
		}
		s = &slot{id: id, at: at}
		t.at[id] = s
		heap.Push(t, s)
	case at.IsZero():
		heap.Remove(t, s.pos)
		delete(t.at, id)
	default:
		s.at = at
		heap.Fix(t, s.pos)
	}
}

// until takes out those whose turn has come.
func (t *timetable) until(now time.Time) (ids []string) {
	for len(t.slots) > 0 && !t.slots[0].at.After(now) {
		s, _ := heap.Pop(t).(*slot)
		delete(t.at, s.id)
		ids = append(ids, s.id)
	}
	return ids
}

// Len, Less, Swap, Push and Pop are the heap's.
func (t *timetable) Len() int           { return len(t.slots) }
func (t *timetable) Less(i, j int) bool { return t.slots[i].at.Before(t.slots[j].at) }

// Swap is the heap's.
func (t *timetable) Swap(i, j int) {
	t.slots[i], t.slots[j] = t.slots[j], t.slots[i]
	t.slots[i].pos, t.slots[j].pos = i, j
}

// Push is the heap's.
func (t *timetable) Push(x any) {
	if s, ok := x.(*slot); ok {
		s.pos = len(t.slots)
		t.slots = append(t.slots, s)
	}
}

// Pop is the heap's.
func (t *timetable) Pop() any {
	last := t.slots[len(t.slots)-1]
	t.slots = t.slots[:len(t.slots)-1]
	return last
}
