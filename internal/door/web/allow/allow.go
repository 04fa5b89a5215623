// Package allow bounds how often something may be tried: forms begun from one
// network address, dates of birth guessed for one link, names tried at one
// screen.
//
// What comes in: a key, such as a network address, and the time. What goes
// out: whether it may be tried once more. It must never let strangers use up
// the memory, and never forget who must wait before who need not.
package allow

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Held is the most keys that are remembered.
const Held = 20_000

// Tries are one bucket for each key.
type Tries struct {
	every time.Duration
	burst int
	mu    sync.Mutex
	by    map[string]*rate.Limiter // protected by mu
}

// New allows burst tries at once, and one more after each every.
func New(every time.Duration, burst int) *Tries {
	return &Tries{every: every, burst: burst, by: map[string]*rate.Limiter{}}
}

// Take counts a try, and tells whether it is allowed.
func (t *Tries) Take(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.by[key]
	if l == nil {
		t.prune(now)
		l = rate.NewLimiter(rate.Every(t.every), t.burst)
		t.by[key] = l
	}
	return l.AllowN(now, 1)
}

// Left tells whether a try would be allowed, and counts none.
func (t *Tries) Left(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.by[key]
	return l == nil || l.TokensAt(now) >= 1
}

// Forget gives keys all their tries back.
func (t *Tries) Forget(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		delete(t.by, k)
	}
}

// prune makes room: those that have the most left go first, and lose the
// least by it.
// t.mu is held.
func (t *Tries) prune(now time.Time) {
	if len(t.by) < Held {
		return
	}
	keys := make([]string, 0, len(t.by))
	left := make(map[string]float64, len(t.by))
	for key, l := range t.by {
		keys, left[key] = append(keys, key), l.TokensAt(now)
	}
	slices.SortFunc(keys, func(x, y string) int { return cmp.Compare(left[y], left[x]) })
	for _, key := range keys[:Held/10] {
		delete(t.by, key)
	}
}
