package record

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// HLC is a hybrid logical clock reading: 48 bits of milliseconds since 1970
// and 16 bits of counter (Kulkarni et al., "Logical Physical Clocks", 2014).
// It never goes backwards on a node, whatever the wall clock does.
type HLC uint64

// Time is the wall-clock part, which is shown and never decides.
func (h HLC) Time() time.Time { return time.UnixMilli(int64(h >> 16)).UTC() }

// Clock gives HLC readings from a wall clock.
type Clock struct {
	now  func() time.Time
	mu   sync.Mutex
	last HLC // protected by mu
}

// NewClock reads the wall clock from now.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now is a reading later than every earlier one and every one seen.
func (c *Clock) Now() HLC {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last+1, HLC(c.now().UnixMilli())<<16)
	return c.last
}

// See makes later readings later than h.
func (c *Clock) See(h HLC) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, h)
}

// VersionID is the version id of an entry.
func VersionID(stream string, seq uint64) string {
	return stream + "." + strconv.FormatUint(seq, 10)
}

// ParseVersionID reads a version id; ok is false when it is not one.
func ParseVersionID(s string) (stream string, seq uint64, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 {
		return "", 0, false
	}
	seq, err := strconv.ParseUint(s[i+1:], 10, 64)
	return s[:i], seq, err == nil && seq > 0 && s[i+1] != '0' && s[i+1] != '+'
}
