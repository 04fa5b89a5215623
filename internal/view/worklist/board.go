package worklist

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Board is where the processes that serve one practice tell each other who
// looks at what. It is a courtesy and no lock: the version that a change
// relied on still decides which of two changes stands.
type Board interface {
	Look(ctx context.Context, practice ident.ODS, x record.Looking) error
	LookAway(ctx context.Context, practice ident.ODS, on, who ident.Ref) error
	Lookings(ctx context.Context, practice ident.ODS) ([]record.Looking, error)
}

const (
	// patience is how long a page waits for the board. One that does not
	// answer is not waited for again until it has been reached.
	patience = 300 * time.Millisecond
	// glance is how often the board is read while somebody watches the queue.
	glance = 2 * time.Second
	// idle is how long after the last question a queue that nobody watches
	// still reads the board: many practices, most of them asleep, share one.
	idle = time.Minute
)

// NewShared makes the queue of a practice that other processes serve too.
func NewShared(p *record.Practice, b Board) *List {
	l := New(p)
	l.board = b
	return l
}

// tell puts a lease on the board and reads it: so of two people who open a
// request at the same moment, through two processes, one at least is told.
// Who asked may be gone before the board has answered; that is not its fault.
func (l *List) tell(ctx context.Context, task ident.Ref, x lease) {
	if !l.near() {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer stop()
	err := l.board.Look(ctx, l.p.ODS(), record.Looking{On: task, Who: x.Ref, Name: x.Name, Since: x.Since, Left: x.until.Sub(l.now())})
	l.read(ctx, err)
}

// untell takes a lease off the board. One that stays there runs out.
func (l *List) untell(task ident.Ref, who ident.Ref) {
	if !l.near() {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := l.board.LookAway(ctx, l.p.ODS(), task, who); err != nil {
		l.lost(err)
	}
}

// near tells whether there is a board that was reached last time, and notes
// that somebody asks.
func (l *List) near() bool {
	if l.board == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = time.Now()
	return !l.apart
}

// meet reads the board, while somebody may see what is on it.
func (l *List) meet(ctx context.Context) {
	if l.board == nil {
		return
	}
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if l.wanted() {
				try, stop := context.WithTimeout(ctx, glance)
				l.read(try, nil)
				stop()
			}
		case <-ctx.Done():
			return
		}
	}
}

func (l *List) wanted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watch > 0 || time.Since(l.asked) < idle
}

// read learns what is on the board, unless it was lost already.
func (l *List) read(ctx context.Context, err error) {
	var all []record.Looking
	if err == nil {
		all, err = l.board.Lookings(ctx, l.p.ODS())
	}
	if err != nil {
		l.lost(err)
		return
	}
	l.learn(all)
}

// lost notes, once, that the board cannot be reached. What is known of others
// runs out with their leases.
func (l *List) lost(err error) {
	l.mu.Lock()
	was := l.apart
	l.apart = true
	l.mu.Unlock()
	if !was {
		slog.Warn("worklist: who looks at what through other processes is not known", "practice", l.p.ODS(), "error", err)
	}
}

// learn takes up what is on the board, but for pages that this process serves.
func (l *List) learn(all []record.Looking) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	back := l.apart
	l.apart = false
	theirs := map[string]map[ident.Ref]lease{}
	for _, x := range all {
		_, open := l.rows[x.On.ID]
		_, ours := l.leases[x.On.ID][x.Who]
		if !open || ours || x.On.Type != "Task" {
			continue
		}
		if theirs[x.On.ID] == nil {
			theirs[x.On.ID] = map[ident.Ref]lease{}
		}
		theirs[x.On.ID][x.Who] = lease{Presence{Person{x.Who, x.Name}, x.Since}, now.Add(x.Left)}
	}
	same := func(a, b map[ident.Ref]lease) bool {
		return maps.EqualFunc(a, b, func(x, y lease) bool { return x.Name == y.Name && x.Since.Equal(y.Since) })
	}
	differ := !maps.EqualFunc(l.theirs, theirs, same)
	l.theirs = theirs
	if differ || back {
		l.changed()
	}
}
