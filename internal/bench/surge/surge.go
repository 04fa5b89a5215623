// Package surge sends a Monday morning at a running demonstration: people who
// fill in forms page by page, people who give up half way, callers whose
// requests navigators type in, and navigators who watch the queue.
//
// What comes in: the address of a demonstration on this machine, its
// practices, how many patients they stand for and how many times as busy as
// England on a Monday it is to be. What goes out: how long pages took, what
// went wrong, and how soon a request stood on the screens of staff. It must
// never be pointed at real people's practices: it asks for help.
package surge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Config says what is sent at whom.
type Config struct {
	Base      string        // "http://127.0.0.1:8080"
	Practices []string      // ODS codes of the demonstration
	Patients  int           // that the practices stand for, together
	Times     float64       // as busy as England on a Monday, 08:00 to 10:00
	For       time.Duration // the run: it passes through the two hours' shape at their own rates
	Think     time.Duration // mean pause between a person's pages
	Staff     int           // navigators of each practice who watch the queue
	Seed      uint64
}

// abandoned is how many forms are begun and left for each that is sent.
const abandoned = 1.6

// patience is how long after the last arrival those under way may take.
const patience = time.Minute

// Run sends one surge and measures it.
func Run(ctx context.Context, c Config) (Result, error) {
	s := &surge{Config: c, meter: newMeter()}
	if err := s.open(ctx); err != nil {
		return Result{}, err
	}
	defer s.close()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watchers sync.WaitGroup
	for _, p := range s.practices {
		for _, n := range p.staff {
			watchers.Go(func() { s.watch(watching, p, n) })
		}
	}
	began := time.Now()
	s.send(ctx)
	took := time.Since(began)
	s.settle(ctx)
	stop()
	watchers.Wait()
	return s.result(took), ctx.Err()
}

type surge struct {
	Config
	meter     *meter
	practices []*practice
}

// send lets needs arise, and waits for everybody who came.
func (s *surge) send(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.For+patience)
	defer cancel()
	r := s.dice(1)
	var people sync.WaitGroup
	began := time.Now()
	for i, at := range arrivals(r, s.Patients, s.Times, s.For) {
		if !sleep(ctx, time.Until(began.Add(at))) {
			break
		}
		n := r.IntN(len(s.practices))
		p, own := s.practices[n], s.dice(uint64(2*i+2))
		online := england
		if len(s.practices) > 1 {
			online = mix(n)
		}
		if r.Float64() >= online {
			people.Go(func() { s.count(&s.meter.calls, s.call(ctx, p, own)) })
			continue
		}
		people.Go(func() { s.count(&s.meter.forms, s.form(ctx, p, own, 0)) })
		for range starts(r) {
			pages, their := 2+r.IntN(4), s.dice(r.Uint64())
			people.Go(func() { s.count(&s.meter.left, s.form(ctx, p, their, pages)) })
		}
	}
	sleep(ctx, time.Until(began.Add(s.For))) // staff watch for as long, though nobody else may come
	people.Wait()
}

// dice are one person's own, so that what they do does not hang on others.
func (s *surge) dice(n uint64) *rand.Rand { return rand.New(rand.NewPCG(s.Seed, n)) }

// starts is how many give up beside one who does not: 1.6 on average.
func starts(r *rand.Rand) int {
	n := 0
	for left := abandoned; left > 0; left-- {
		if r.Float64() < left {
			n++
		}
	}
	return n
}

// count counts somebody who came to the end of what they meant to do, or keeps
// why they did not.
func (s *surge) count(done *int, err error) {
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	if err == nil {
		*done++
		return
	}
	s.meter.failed++
	if len(s.meter.why) < 5 {
		s.meter.why = append(s.meter.why, err.Error())
	}
}

// settle waits until the screens show what was asked last, for a while.
func (s *surge) settle(ctx context.Context) {
	for range 50 {
		if s.meter.caught() || !sleep(ctx, 100*time.Millisecond) {
			return
		}
	}
}

// think is a person's pause between pages.
func (s *surge) think(ctx context.Context, r *rand.Rand) error {
	if !sleep(ctx, time.Duration(r.ExpFloat64()*float64(s.Think))) {
		return fmt.Errorf("not done in time: %w", ctx.Err())
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
