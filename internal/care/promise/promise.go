// Package promise works out when somebody will be answered, as an honest
// range: most likely between two times, and nine times in ten by a third.
//
// What comes in: the open requests as numbers (how urgent, whose work, how
// many minutes), the minutes of work that are left in each hour that the
// practice is open, and how long requests of the past weeks took against what
// stood before them. What goes out: a Range, rounded to what a person would
// say. It must never promise a time before now or after the clock of the
// request, never look at the channel somebody came by, and never read a clock
// or a store. The method is in docs/decision/026-promise-times.md.
package promise

import (
	"time"

	"heartwood/internal/care/opening"
)

// Pool is whose work a request is: a role whose minutes it takes.
type Pool string

// The pools.
const (
	GP         Pool = "gp"
	Nurse      Pool = "nurse"
	Pharmacist Pool = "pharmacist"
	Admin      Pool = "admin" // navigators and the office
)

// Pools lists them in the order of a page.
var Pools = []Pool{GP, Nurse, Pharmacist, Admin}

// Label is the pool as a page says it.
func (p Pool) Label() string {
	return map[Pool]string{GP: "GPs", Nurse: "Nurses", Pharmacist: "Pharmacists", Admin: "Navigators and office"}[p]
}

// PoolOf is whose work a kind of request is when nobody has taken it.
func PoolOf(kind string) Pool {
	switch kind {
	case "medicine", "prescription", "medication":
		return Pharmacist
	case "admin", "registration":
		return Admin
	}
	return GP
}

// Minutes is how many minutes of work a request of a kind takes in all, on
// average. A new or known problem is read in 4 minutes; 30% need no more, and
// of the others 46% are spoken to for 5 minutes and the rest seen for 9
// (Salisbury and others 2020, PMC7327596, table 1): 4 + 0.7 × (0.46×5 +
// 0.54×9) = 9. A test result is read and answered: 4. For the others no
// figure is published; those are assumptions, to be changed with a time study.
// What the record has, from start to close, is not work and is never used so.
func Minutes(kind string) float64 {
	switch kind {
	case "test-result":
		return 4
	case "medicine", "medication", "prescription", "fit-note", "admin", "registration":
		return 5
	}
	return 9
}

// Rank orders FHIR priorities: the higher goes first. What is not known counts
// as urgent.
func Rank(priority string) int {
	switch priority {
	case "stat":
		return 3
	case "asap":
		return 2
	case "routine":
		return 0
	}
	return 1
}

// Job is one open request in the queue.
type Job struct {
	ID       string
	Priority string
	Pool     Pool
	Minutes  float64
	AnswerBy time.Time
	Since    time.Time
}

// before is the order of work in a pool: most urgent first, then by clock,
// then who came first.
func (j Job) before(k Job) bool {
	if a, b := Rank(j.Priority), Rank(k.Priority); a != b {
		return a > b
	}
	if !j.AnswerBy.Equal(k.AnswerBy) {
		return j.AnswerBy.Before(k.AnswerBy)
	}
	if !j.Since.Equal(k.Since) {
		return j.Since.Before(k.Since)
	}
	return j.ID < k.ID
}

// Need is what a promise is asked for. There is no channel in it: equal need
// waits equally.
type Need struct {
	Priority string
	Kind     string
	Pool     Pool // "" for the kind's own
}

func (n Need) pool() Pool {
	if n.Pool == "" {
		return PoolOf(n.Kind)
	}
	return n.Pool
}

// Range is a promise: From and To hold the most likely time (six in ten),
// Latest nine in ten, and none of them is after Clock.
type Range struct {
	From, To, Latest time.Time
	Clock            time.Time // by when it must be answered
	Short            bool      // the work will take longer than the clock allows: somebody must help
	Work             float64   // minutes of work that stand before it
	Basis            int       // requests of the past weeks that it rests on
}

// IsZero tells whether there is no promise.
func (r Range) IsZero() bool { return r.Latest.IsZero() }

// Within and ByLatest are how sure a Range is, in words for staff.
const (
	Within   = 0.6 // of requests are answered from From to To
	ByLatest = 0.9 // are answered by Latest
)

// Outlook is everything that a promise is worked out from.
type Outlook struct {
	Hours    opening.Hours
	Capacity Capacity
	Factors  Factors
	Queue    Queue
}

// New is the promise for somebody who asks at now and whose clock is by.
func (o Outlook) New(n Need, now, by time.Time) Range {
	pool := n.pool()
	work := o.Queue.before(pool, Rank(n.Priority)) + Minutes(n.Kind)
	return o.at(pool, n.Priority, work, now, by)
}

// Of is the promise of a request in the queue, as it stands at now; ok is
// false when it is not there.
func (o Outlook) Of(id string, now time.Time) (Range, bool) {
	j, ahead, ok := o.Queue.find(id)
	if !ok {
		return Range{}, false
	}
	return o.at(j.Pool, j.Priority, ahead+j.Minutes, now, j.AnswerBy), true
}

// at is the range for work in a pool; zero while nothing is known of who works.
func (o Outlook) at(pool Pool, priority string, work float64, now, by time.Time) Range {
	if len(o.Capacity.Hours) == 0 {
		return Range{}
	}
	r := Range{Clock: by, Work: work}
	if Rank(priority) >= Rank("stat") || !by.After(now) {
		r.From, r.To, r.Latest = now, now, now // there is nothing left to promise
		r.Short = Rank(priority) < Rank("stat")
		return r
	}
	f := o.Factors.of(pool, priority)
	r.Basis = f.Count
	start := o.Capacity.rate(pool) * lookRound
	done := func(q float64) time.Time { return o.Capacity.finish(o.Hours, pool, now, q*(start+work)) }
	from, to, latest := done(f.Low), done(f.High), done(f.Latest)
	r.Short = latest.After(by)
	r.From, r.To, r.Latest = o.floor(from, now), o.ceil(to, now), o.ceil(latest, now)
	return r.within(now, by)
}

// lookRound is how long nobody looks at a new request even when nothing
// stands before it, in minutes of opening time. It keeps the factors steady
// when the queue is empty.
const lookRound = 60

// within keeps a range in order and inside the clock.
func (r Range) within(now, by time.Time) Range {
	if r.Latest.After(by) {
		r.Latest = by
	}
	if r.To.After(r.Latest) {
		r.To = r.Latest
	}
	if r.From.Before(now) {
		r.From = now
	}
	if r.From.After(r.To) {
		r.From = r.To
	}
	return r
}
