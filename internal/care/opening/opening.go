// Package opening knows when a practice is open and by when it must answer.
//
// What comes in: opening hours (a HealthcareService, or the core hours of the
// GP contract) and a moment. What goes out: whether it is open, and the time
// promised for an urgency. It must never read a clock or a store.
package opening

import "time"

// ID is the id of the HealthcareService that holds a practice's hours.
const ID = "opening-hours"

// Hours are a practice's opening hours.
type Hours struct {
	Week     [7][]Span       // by time.Weekday
	Closed   map[string]bool // dates "2026-12-25" on which it does not open
	Holidays bool            // also closed on the bank holidays of England
}

// Span is one opening on one day, in minutes after midnight in London.
type Span struct{ From, To int }

// Core are the core hours of the GP contract: 8am to 6.30pm, Monday to
// Friday, except on bank holidays.
func Core() Hours {
	h := Hours{Holidays: true}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []Span{{8 * 60, 18*60 + 30}}
	}
	return h
}
