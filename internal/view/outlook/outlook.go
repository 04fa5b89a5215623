// Package outlook keeps what a promise is worked out from, live: the open
// queue, who works in the coming days, and how long the past weeks' requests
// took.
//
// What comes in: the practice's work list, its diaries and staff, and its
// answered requests. What goes out: a promise.Outlook that answers in
// microseconds, so that no page waits for it. It can be dropped and rebuilt.
// It must never decide anything, and never hold a patient's name or words.
package outlook

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/record"
	"heartwood/internal/view/worklist"
)

const (
	// everyCapacity and everyFactors are how often diaries and answered
	// requests are read again. The queue is always as it is.
	everyCapacity = 2 * time.Minute
	everyFactors  = time.Hour
	// weeks are how far back answered requests count.
	weeks = 6
)

// Outlook is one practice's. Its methods may be called from anywhere.
type Outlook struct {
	p     *record.Practice
	queue *worklist.List

	mu       sync.Mutex // protects all below
	hours    opening.Hours
	staff    Staff
	capacity promise.Capacity
	factors  promise.Factors
	rev      uint64
	summed   bool
	sum      promise.Queue
}

// New makes the outlook of a practice; it works from assumptions until Run or
// Refresh has read the record.
func New(p *record.Practice, queue *worklist.List) *Outlook {
	return &Outlook{p: p, queue: queue, hours: opening.Core()}
}

// Run keeps the outlook fresh until the context ends.
func (o *Outlook) Run(ctx context.Context) error {
	learned := time.Time{}
	for {
		now := o.p.Now()
		err := o.Refresh(ctx)
		if err == nil && now.Sub(learned) >= everyFactors {
			if err = o.Learn(ctx); err == nil {
				learned = now
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "outlook: not refreshed", "practice", o.p.ODS(), "error", err)
		}
		select {
		case <-time.After(everyCapacity):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Refresh reads who works here and what the diaries hold.
func (o *Outlook) Refresh(ctx context.Context) error {
	staff, err := ReadStaff(ctx, o.p)
	if err != nil {
		return err
	}
	hours := request.HoursOf(ctx, o.p)
	c, err := readCapacity(ctx, o.p, staff, hours)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.staff, o.hours, o.capacity, o.summed = staff, hours, c, false
	return nil
}

// Learn reads the answered requests of the past weeks. Refresh comes first.
func (o *Outlook) Learn(ctx context.Context) error {
	o.mu.Lock()
	staff, hours, capacity := o.staff, o.hours, o.capacity
	o.mu.Unlock()
	past, err := readPast(ctx, o.p, staff)
	if err != nil {
		return err
	}
	f := promise.Learn(past, hours, capacity)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.factors = f
	return nil
}

// Now is the outlook at this moment. The queue is added up once for each
// change of it.
func (o *Outlook) Now() promise.Outlook {
	o.mu.Lock()
	defer o.mu.Unlock()
	if rev := o.queue.Revision(); !o.summed || rev != o.rev {
		o.rev, o.summed = rev, true
		o.sum = promise.NewQueue(jobs(o.queue.View(worklist.Filter{}).Rows, o.staff))
	}
	return promise.Outlook{Hours: o.hours, Capacity: o.capacity, Factors: o.factors, Queue: o.sum}
}

// Pool is whose work a request with this owner and kind is.
func (o *Outlook) Pool(owner, kind string) promise.Pool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.staff.Pool(owner, kind)
}

// jobs are the requests that the practice must do something about: those that
// wait for their patient or are with another practice are left out until they
// come back.
func jobs(rows []worklist.Row, staff Staff) []promise.Job {
	out := make([]promise.Job, 0, len(rows))
	for _, r := range rows {
		if r.Waiting == worklist.OnPatient || r.Owner.Type == "Organization" { // another practice does it
			continue
		}
		out = append(out, promise.Job{
			ID: r.Task.ID, Priority: r.Priority, Pool: staff.Pool(r.Owner.String(), r.Kind),
			Minutes: promise.Minutes(r.Kind), AnswerBy: r.AnswerBy, Since: r.Since,
		})
	}
	return out
}
