package sip

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter says how often strangers are answered: each address a few times, and
// all of them together not so often that it costs us anything.
type limiter struct {
	mu   sync.Mutex
	all  *rate.Limiter
	each map[netip.Prefix]*rate.Limiter
}

const (
	strangerRate  = 1 // answers a second to one address
	strangerBurst = 10
	allRate       = 200
	mostStrangers = 10_000 // addresses remembered; then all are forgotten
)

func newLimiter() *limiter {
	return &limiter{all: rate.NewLimiter(allRate, allRate), each: map[netip.Prefix]*rate.Limiter{}}
}

func (l *limiter) allow(from netip.Addr, now time.Time) bool {
	bits := 32
	if from.Is6() {
		bits = 64 // what one subscriber has
	}
	block, err := from.Prefix(bits)
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.each[block]
	if one == nil {
		if len(l.each) >= mostStrangers {
			clear(l.each)
		}
		one = rate.NewLimiter(strangerRate, strangerBurst)
		l.each[block] = one
	}
	return one.AllowN(now, 1) && l.all.AllowN(now, 1)
}
