package worklist

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/ident"
)

// lease is one person's open page.
type lease struct {
	Presence
	until time.Time
}

// Open says that a person has a request open, or still has (a heartbeat), and
// returns who else has.
func (l *List) Open(task ident.Ref, who Person) (others []Presence) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.rows[task.ID]; !open {
		return nil
	}
	if l.leases[task.ID] == nil {
		l.leases[task.ID] = map[ident.Ref]lease{}
	}
	old, had := l.leases[task.ID][who.Ref]
	mine := lease{Presence: Presence{Person: who, Since: now}, until: now.Add(Lease)}
	if had && old.until.After(now) {
		mine.Since = old.Since
	} else {
		defer l.changed()
	}
	l.leases[task.ID][who.Ref] = mine
	return l.looking(task.ID, who.Ref, now)
}

// Leave says that a person has closed a request's page.
func (l *List) Leave(task ident.Ref, who ident.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.leases[task.ID][who]; ok {
		l.drop(task.ID, who)
		l.changed()
	}
}

// drop forgets a lease; mu is held.
func (l *List) drop(id string, who ident.Ref) {
	delete(l.leases[id], who)
	if len(l.leases[id]) == 0 {
		delete(l.leases, id)
	}
}

// looking is who has the request open but for one, longest first; mu is held.
func (l *List) looking(id string, but ident.Ref, now time.Time) []Presence {
	var out []Presence
	for who, x := range l.leases[id] {
		if who != but && x.until.After(now) {
			out = append(out, x.Presence)
		}
	}
	slices.SortFunc(out, func(a, b Presence) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.Ref.String(), b.Ref.String())
	})
	return out
}

// expire lets leases end whose pages have gone quiet.
func (l *List) expire(ctx context.Context) {
	tick := time.NewTicker(Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.sweep(l.now())
		case <-ctx.Done():
			return
		}
	}
}

func (l *List) sweep(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ended := false
	for id, m := range l.leases {
		for who, x := range m {
			if !x.until.After(now) {
				l.drop(id, who)
				ended = true
			}
		}
	}
	if ended {
		l.changed()
	}
}
