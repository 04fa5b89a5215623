package workflow

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"heartwood/internal/care/search"
	"heartwood/internal/care/task"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// wholly is how often a Watch reads every open case once more, whatever it
// thinks that it knows.
const wholly = time.Hour

// Watch makes rounds that read what has happened and what is due, and not all
// that is open: it follows the record from where it last read, and keeps each
// open case by the moment at which a step of it is next overdue. It is a
// cache: a new one goes on from the place that the record keeps.
type Watch struct {
	mu sync.Mutex
	of map[*record.Practice]*lookout
}

// NewWatch makes a watch over any number of practices.
func NewWatch() *Watch { return &Watch{of: map[*record.Practice]*lookout{}} }

// Round begins the cases of what has happened since the last round, and does
// what open cases need.
func (w *Watch) Round(ctx context.Context, p *record.Practice) error {
	w.mu.Lock()
	l := w.of[p]
	if l == nil {
		l = &lookout{open: map[string]time.Time{}, now: map[string]bool{}}
		w.of[p] = l
	}
	w.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.round(ctx, p)
}

// Round is one round of a new Watch.
func Round(ctx context.Context, p *record.Practice) error { return NewWatch().Round(ctx, p) }

// lookout is the watch over one practice.
type lookout struct {
	mu   sync.Mutex
	pos  ident.Position       // how far it has followed; nil before the first round
	had  tally                // of whom programs have registered up to there
	kept time.Time            // when that was last kept in the record
	read time.Time            // when it last read every open case; zero for never
	open map[string]time.Time // cases, by when a step is next overdue; zero for never
	now  map[string]bool      // cases that are looked at in this round, due or not
	here names
}

func (l *lookout) round(ctx context.Context, p *record.Practice) error {
	now, upto := p.Now(), p.Position() // before the workflows are read: one that is written meanwhile misses nothing
	all, err := All(ctx, p)
	if err != nil {
		return err
	}
	if l.pos == nil {
		if l.pos, l.had, err = place(ctx, p, all); err != nil {
			return err
		}
		l.kept = now
	}
	var errs []error
	if since := now.Sub(l.read); l.read.IsZero() || since < 0 || since >= wholly {
		errs = append(errs, l.readAll(ctx, p, now))
	}
	errs = append(errs, l.learn(ctx, p, all, upto), l.follow(ctx, p, now))
	return errors.Join(errs...)
}

// readAll has every open case looked at.
func (l *lookout) readAll(ctx context.Context, p *record.Practice, now time.Time) error {
	open, err := Cases(ctx, p, Active)
	clear(l.open)
	for _, c := range open {
		l.now[c.ID] = true
	}
	if err == nil {
		l.read = now
	}
	return err
}

// errUpto ends the reading of what is left to the next round.
var errUpto = errors.New("workflow: that is for the next round")

// learn follows the record: it begins the cases of what has happened, and
// notes the cases that have changed. Where something could not be begun it
// stays at its place, and sees the same again in the next round.
func (l *lookout) learn(ctx context.Context, p *record.Practice, all []Definition, upto ident.Position) error {
	h := happened{p: p, on: triggered(all), cases: l.now, tally: l.had}
	pos, err := p.Since(ctx, l.pos, func(some []record.Entry) error {
		for i := range some {
			if some[i].Seq > upto[some[i].Stream] {
				return errUpto
			}
			if err := h.entry(ctx, &some[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errUpto) {
		pos, err = upto, nil
	}
	if err != nil {
		return err
	}
	if err := h.begin(ctx); err != nil {
		return err
	}
	if err := h.tally.warn(ctx, p, l.had); err != nil {
		return err
	}
	l.pos, l.had = pos, h.tally
	now := p.Now()
	if since := now.Sub(l.kept); len(h.begun) > 0 || h.seen && len(h.on) > 0 && (since < 0 || since >= wholly) {
		if err := keepPlace(ctx, p, pos, h.tally); err != nil {
			return err
		}
		l.kept = now
	}
	return nil
}

// follow does what the cases need that have changed or are due.
func (l *lookout) follow(ctx context.Context, p *record.Practice, now time.Time) error {
	if len(l.open)+len(l.now) == 0 {
		return nil
	}
	here, err := whoIsHere(ctx, p)
	if err != nil {
		return err
	}
	if staff := !maps.Equal(here, l.here); staff {
		l.here = here
		for id := range l.open {
			l.now[id] = true
		}
	}
	for id, due := range l.open {
		if !due.IsZero() && !due.After(now) {
			l.now[id] = true
		}
	}
	var errs []error
	for _, id := range slices.SortedFunc(maps.Keys(l.now), strings.Compare) {
		due, open, err := follow(ctx, p, id, here.here)
		if err != nil {
			errs = append(errs, err)
			continue // it is looked at again in the next round
		}
		delete(l.now, id)
		delete(l.open, id)
		if open {
			l.open[id] = due
		}
	}
	return errors.Join(errs...)
}

// nextLate is when an open step that somebody else then has is next overdue;
// zero for never.
func nextLate(c Case, jobs map[string]task.Job, now time.Time) (first time.Time) {
	for _, s := range c.Definition.Steps {
		j, ok := jobs[s.ID]
		if !ok || s.Escalate == "" || j.State != task.Open || j.By.Before(now) {
			continue
		}
		if at := j.By.Add(time.Nanosecond); first.IsZero() || at.Before(first) { // late is after its time, not at it
			first = at
		}
	}
	return first
}

// caseOfJob is the case that a step's job belongs to, "" for none.
func caseOfJob(ctx context.Context, p *record.Practice, id string) (string, error) {
	r, v, err := search.Get(ctx, p, ident.Ref{Type: "Task", ID: id})
	if err != nil || r == nil {
		return "", err
	}
	j, err := task.JobOf(v)
	if err != nil {
		return "", nil //nolint:nilerr // a Task of another program with an id like ours
	}
	return j.Plan, nil
}
