// Package words says things in plain English: days, times, ages and how long
// ago, and short sentences kept by key so that Welsh and other languages can
// follow.
//
// What comes in: times and keys. What goes out: text a person can read aloud.
// It must never read a clock, and never show a time in any zone but London's.
package words

import (
	"time"
	_ "time/tzdata" // a small server may have no zone files
)

// London is the time zone that every page speaks in.
var London = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the zone is embedded: this cannot happen
	}
	return l
}()
