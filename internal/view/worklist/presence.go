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
func (l *List) Open(ctx context.Context, task ident.Ref, who Person) (others []Presence) {
	mine, open := l.hold(task, who)
	if !open {
		return nil
	}
	l.tell(ctx, task, mine)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looking(task.ID, who.Ref, l.now())
}

// hold keeps a person's lease on an open request in this process.
func (l *List) hold(task ident.Ref, who Person) (lease, bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.rows[task.ID]; !open {
		return lease{}, false
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
	return mine, true
}

// Leave says that a person has closed a request's page.
func (l *List) Leave(task ident.Ref, who ident.Ref) {
	if l.let(task, who) {
		l.untell(task, who)
	}
}

// let ends a person's lease in this process; false when there was none.
func (l *List) let(task ident.Ref, who ident.Ref) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.leases[task.ID][who]; !ok {
		return false
	}
	drop(l.leases, task.ID, who)
	drop(l.theirs, task.ID, who)
	l.changed()
	return true
}

// drop forgets a lease.
func drop(all map[string]map[ident.Ref]lease, id string, who ident.Ref) {
	delete(all[id], who)
	if len(all[id]) == 0 {
		delete(all, id)
	}
}

// looking is who has the request open but for one, longest first, through
// whichever process; mu is held.
func (l *List) looking(id string, but ident.Ref, now time.Time) []Presence {
	var out []Presence
	for who, x := range l.leases[id] {
		if who != but && x.until.After(now) {
			out = append(out, x.Presence)
		}
	}
	for who, x := range l.theirs[id] {
		if _, ours := l.leases[id][who]; who != but && !ours && x.until.After(now) {
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
	for _, all := range []map[string]map[ident.Ref]lease{l.leases, l.theirs} {
		for id, m := range all {
			for who, x := range m {
				if !x.until.After(now) {
					drop(all, id, who)
					ended = true
				}
			}
		}
	}
	if ended {
		l.changed()
	}
}
