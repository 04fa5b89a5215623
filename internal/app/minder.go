package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"heartwood/internal/care/batch"
	"heartwood/internal/care/elsewhere"
	"heartwood/internal/care/message"
	"heartwood/internal/care/overflow"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/care/workflow"
	"heartwood/internal/record"
)

// chore is work that nobody asks for and that must be done all the same: an
// alarm that is due, a reminder, a count at night. Nothing remembers when it
// was done last, and two processes may do it at once, so doing it again must
// change nothing: it commits with keys.
type chore struct {
	name  string
	every time.Duration // from the end of one round of all practices to the next
	do    func(ctx context.Context, p *record.Practice) error
}

// chores lists them all. A room that has one adds a line here.
func (a *App) chores() []chore {
	return []chore{
		{"who fares worse than others", fairEvery, a.fair},
		{"outlooks", time.Minute, a.lookAhead},
		{"handovers to other practices", 15 * time.Second, overflow.Relay{Practice: a.Store.Practice}.Round},
		{"bookings at other practices", 15 * time.Second, elsewhere.New(a.Store.Practice).Round},
		{"rota", time.Hour, layRota},
		{"waiting list", time.Minute, fillGaps},
		{"reminders", 5 * time.Minute, remind},
		{"messages to many", 10 * time.Second, func(ctx context.Context, p *record.Practice) error { return batch.Round(ctx, p, a.post.can) }},
		{"acting for children", 15 * time.Minute, a.proxies},
		{"messages switched off", time.Hour, a.lookAgain},
		{"absences", time.Minute, handBack},
		{"workflows", time.Minute, workflow.NewWatch().Round},
		{"clocks at risk", time.Minute, a.risk},
		{"planned messages", 20 * time.Second, func(ctx context.Context, p *record.Practice) error { return message.Round(ctx, p, a.post.can) }},
		{"rules that broke", 5 * time.Minute, ownRules},
		{"forms begun online", time.Hour, a.starts.Round},
		{"alarms", 30 * time.Second, a.watch.Round},
		{"the night's count", 20 * time.Minute, reconcile.New(a.Store).Nightly},
	}
}

// startMinder does each chore for every practice, those to come included,
// until the app closes. A chore that is slow keeps no other waiting.
func (a *App) startMinder() {
	for _, c := range a.chores() {
		a.run("chore "+c.name, func(ctx context.Context) error { return a.mind(ctx, c) })
	}
}

func (a *App) mind(ctx context.Context, c chore) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := a.once(ctx, c); err != nil && ctx.Err() == nil {
			a.Slog.Error("app: a chore was not done", "chore", c.name, "error", err)
		}
		tick.Reset(c.every)
	}
}

// Mind does every chore once for every practice, now: for tests and drills.
func (a *App) Mind(ctx context.Context) error {
	var errs []error
	for _, c := range a.chores() {
		errs = append(errs, a.once(ctx, c))
	}
	return errors.Join(errs...)
}

// once does a chore for every practice; what fails for one does not keep the
// others from having it done.
func (a *App) once(ctx context.Context, c chore) error {
	all, err := a.Store.Practices(ctx)
	errs := []error{err}
	for _, ods := range all {
		if ctx.Err() != nil {
			break
		}
		p, err := a.Store.Practice(ods)
		if err == nil {
			err = c.guarded(ctx, p)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s at %s: %w", c.name, ods, err))
		}
	}
	return errors.Join(errs...)
}

// guarded turns a panic into an error: one practice's broken chore must not
// end the process that takes everybody's requests.
func (c chore) guarded(ctx context.Context, p *record.Practice) (err error) {
	defer func() {
		if r := recover(); r != nil {
			// What was being looked at may be a patient's: only where it broke is said.
			err = fmt.Errorf("app: the chore broke:\n%s", debug.Stack())
		}
	}()
	return c.do(ctx, p)
}
