package access

import (
	"sync"
	"time"

	"heartwood/internal/fault"
)

// throttle makes guessing slow: after a few failures in a row a key (an
// account, a network address) must wait, twice as long after each one more.
type throttle struct {
	free  int           // failures that cost nothing
	first time.Duration // the first wait
	most  time.Duration // the longest wait
	now   func() time.Time
	mu    sync.Mutex
	keys  map[string]failures // protected by mu
}

type failures struct {
	n     int
	until time.Time // must wait until
	last  time.Time
}

const (
	throttleForgets = 24 * time.Hour
	throttleHolds   = 50_000
)

func newThrottle(free int, first, most time.Duration, now func() time.Time) *throttle {
	return &throttle{free: free, first: first, most: most, now: now, keys: map[string]failures{}}
}

// take counts an attempt before it is made, as a failure until forgive says
// otherwise, so that a hundred attempts at once are a hundred failures. It
// refuses, and counts nothing, when any of the keys must wait.
func (t *throttle) take(keys ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, k := range keys {
		if f := t.keys[k]; now.Before(f.until) {
			return fault.New(fault.TooMany, "There have been too many attempts. Wait %s and try again.", waitWords(f.until.Sub(now)))
		}
	}
	t.prune(now)
	for _, k := range keys {
		f := t.keys[k]
		if now.Sub(f.last) > throttleForgets {
			f = failures{}
		}
		f.n, f.last = f.n+1, now
		if over := f.n - t.free; over >= 0 {
			wait := t.most
			if over < 20 {
				wait = min(t.most, t.first<<over)
			}
			f.until = now.Add(wait)
		}
		t.keys[k] = f
	}
	return nil
}

// forgive forgets the failures of keys whose attempt succeeded.
func (t *throttle) forgive(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		delete(t.keys, k)
	}
}

// refund undoes one take, for an attempt that succeeded from an address that
// others use too.
func (t *throttle) refund(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, ok := t.keys[key]; ok {
		f.n, f.until = max(0, f.n-1), time.Time{}
		t.keys[key] = f
	}
}

// prune bounds the memory a stranger can use up: when too many keys are held
// a tenth go, those who need not wait first. t.mu is held.
func (t *throttle) prune(now time.Time) {
	if len(t.keys) < throttleHolds {
		return
	}
	for _, anyone := range []bool{false, true} {
		for k, f := range t.keys {
			if len(t.keys) <= throttleHolds*9/10 {
				return
			}
			if anyone || now.After(f.until) {
				delete(t.keys, k)
			}
		}
	}
}

func waitWords(d time.Duration) string {
	switch {
	case d <= time.Minute:
		return "a minute"
	case d <= 5*time.Minute:
		return "5 minutes"
	default:
		return "15 minutes"
	}
}

// once remembers for a while what may happen only once.
type once struct {
	now  func() time.Time
	mu   sync.Mutex
	till map[string]time.Time // protected by mu
}

// first tells whether key has not been seen; it is then seen until a time.
func (o *once) first(key string, till time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if t, ok := o.till[key]; ok && now.Before(t) {
		return false
	}
	for k, t := range o.till {
		if !now.Before(t) {
			delete(o.till, k)
		}
	}
	o.till[key] = till
	return true
}
