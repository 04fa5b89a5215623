// Package reconcile proves that no request was lost: in = answered + open.
//
// What comes in: the forms as the door received them, and the ledger, read
// separately. What goes out: a Report by channel that names every difference.
// It must never repair anything: it tells.
package reconcile

import "time"

// Report is the outcome of one reconciliation.
type Report struct {
	From, To    time.Time
	Channels    []Row // web, phone, desk, and any other that was met
	Total       Row
	Differences []Difference
	Oldest      time.Time // when the oldest open request came; zero for none
}

// Balanced tells whether nothing is missing.
func (r Report) Balanced() bool { return len(r.Differences) == 0 && r.Total.Balanced() }

// Row is the count of one channel.
type Row struct {
	Channel            string
	In, Answered, Open int
}

// Balanced tells whether in = answered + open.
func (r Row) Balanced() bool { return r.In == r.Answered+r.Open }

// Difference is one request that does not add up.
type Difference struct {
	Response  string // "QuestionnaireResponse/…", "" when the door has none
	Request   string // "Task/…", "" when the ledger has none
	Reference string
	Channel   string
	What      string // in plain words
}
