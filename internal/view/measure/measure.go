// Package measure is what a practice manager sees of a day, and the nightly
// reconciliation: in = answered + open.
//
// What comes in: the versions of every request in the ledger. What goes out:
// counts, promises kept and broken, and series shaped for a chart with its
// table beside it. It is computed from the ledger alone, so that nobody has to
// be believed. It must never leave a request out of the sum.
package measure

import (
	"time"

	"heartwood/internal/ident"
)

// Fact is what the ledger says of one request.
type Fact struct {
	Task      ident.Ref
	Reference string
	Channel   string
	Priority  string
	In        time.Time
	Due       time.Time // the promise and its grace; zero when none was made
	Answered  time.Time // the first answer; zero when none yet
	Closed    time.Time // zero while open
	Outcome   string
	Reopened  int

	Kind        string
	Asker       string    // "patient", "proxy" or "staff": who sent it
	First       string    // the priority it came with
	Looked      time.Time // the first decision of a member of staff; zero when none yet
	OutcomeCode string
	SentAway    bool          // closed by telling them to ask again at another time
	Waited      time.Duration // opening time from In to Answered; 0 while not answered
	LookedIn    time.Duration // opening time from In to Looked
	Patient     string        // whose; never shown
	Who         Who
}

// Open tells whether the request was open at a moment.
func (f Fact) Open(at time.Time) bool {
	return !f.In.After(at) && (f.Closed.IsZero() || f.Closed.After(at))
}

// Bar is one bar of a chart and one row of its table.
type Bar struct {
	Label string
	Value int
	Share float64 // of the largest bar, 0 to 1
}

// Day is one day's measures, as at Now.
type Day struct {
	Date        time.Time // midnight in the practice's time zone
	Now         time.Time
	In          int // came in on the day
	Answered    int // of those, closed by Now
	Open        int // of those, still open at Now
	OpenAll     int // open at Now, whenever they came in
	ClosedToday int // closed on the day, whenever they came in
	Oldest      *Fact
	Kept        int // answered within the promise, of those in on the day
	Broken      int // answered late, or not yet and late
	Running     int // not yet answered and not yet late
	NoPromise   int
	Median      time.Duration // of in to first answer, of those answered; 0 when none
	ByChannel   []Bar
	ByHour      []Bar // in, hour 0 to 23
	ByPriority  []Bar
	ByOutcome   []Bar
}

// Balance is the reconciliation: In = Answered + Open, or Lost says what is
// missing.
type Balance struct {
	Date               time.Time
	From, To           time.Time // requests that came in [From, To)
	In, Answered, Open int
	Lost               []ident.Ref // in the ledger once, but neither answered nor open
}

// Holds tells whether nothing is missing.
func (b Balance) Holds() bool { return b.In == b.Answered+b.Open && len(b.Lost) == 0 }
