package app

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// What the heap may take before the collector works harder, bytes: a practice
// fits a small server, and each practice more has its queue, its figures and
// what is read of it again and again.
const (
	onePractice  = 208 << 20
	eachPractice = 64 << 20
)

// bound keeps the heap small where memory is scarce. Set GOMEMLIMIT for
// another limit. It is called now and then: the limit follows the practices.
func bound(practices int) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	// To ask for the limit it has already costs nothing; to set it stops the world.
	if limit := limitFor(practices, live()); limit != debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(limit)
	}
}

// limitFor is the limit for so many practices, of whose data so many bytes are
// in use. It is never near what is in use: a collector that finds nothing to
// free, over and over, takes half of the machine and frees no memory.
func limitFor(practices int, live uint64) int64 {
	limit := int64(onePractice + eachPractice*max(0, practices-1))
	const step = 64 << 20 // so that it changes seldom
	return max(limit, (int64(live)*3/2/step+1)*step)
}

// live is what the collector found in use when it last ran, bytes.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
