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
	DoorSince   time.Time // since when the doors' own log of this node has been kept; zero for never
	Notices     Notices
	Spoiled     int // lines of the doors' own log that cannot be read, beyond one that a crash cut short
}

// Balanced tells whether nothing is missing.
func (r Report) Balanced() bool { return len(r.Differences) == 0 && r.Total.Balanced() }

// Notices is what became of the e-mails and texts that told people of an
// outcome.
type Notices struct{ Sent, Waiting, Failed int }

// Row is the count of one channel. Each number is counted by itself: Door in
// the doors' own log, In among the forms, Answered and Open in the ledger,
// Split in the ledger, Told among the messages.
type Row struct {
	Channel            string
	Door               int // forms that the doors of this node saw and did not refuse; it may begin later than the rest
	In, Answered, Open int
	Split              int // requests that staff split off others
	Told               int // of those answered: the person was told
}

// Balanced tells whether in, and what was split off, = answered + open.
func (r Row) Balanced() bool { return r.In+r.Split == r.Answered+r.Open }

// Difference is one request that does not add up.
type Difference struct {
	Response  string // "QuestionnaireResponse/…", "" when the door has none
	Request   string // "Task/…", "" when the ledger has none
	Reference string
	Channel   string
	What      string // in plain words
	Form      string // what the doors' own log calls the form, when only it has it
}
