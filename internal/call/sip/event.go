package sip

// Event is something that happened to a call: one of the types below.
type Event interface{ event() }

// Who says which side did something.
type Who uint8

// Us is the exchange (or the server, at its end); Them the other side; Line
// the line between: nobody acknowledged, refreshed or answered in time.
const (
	Us Who = iota
	Them
	Line
)

// String is a word for logs.
func (w Who) String() string { return [...]string{"us", "them", "line"}[w] }

type (
	// Ringing says that the number we dialled rings.
	Ringing struct{}
	// Answered says that the call is up. Media is what the other side wants; for a call
	// that came without an offer it is known only now.
	Answered struct{ Media Media }
	// Held says that the other side no longer listens.
	Held struct{ Media Media }
	// Resumed says that it listens again.
	Resumed struct{ Media Media }
	// Moved says that its address, codec or keys are new.
	Moved struct{ Media Media }
	// Reoffered is how our Hold or Reoffer ended; 200 is well. Media is what the
	// other side wants from now on.
	Reoffered struct {
		Code  int
		Media Media
	}
	// Digit is a key that was pressed and came in the signalling (INFO), not as RFC 4733.
	Digit struct{ Key byte }
	// Referred says that the other side asks us to transfer the call. It is refused when
	// nobody accepts it within ten seconds.
	Referred struct{ Referral *Referral }
	// Transferred is how far a transfer has come that we asked for. Final codes
	// (200 and above) come once.
	Transferred struct{ Code int }
	// Ended is the last event. Code is a SIP status where the call was never
	// answered, or was refused; 0 otherwise.
	Ended struct {
		By   Who
		Code int
	}
)

func (Ringing) event()     {}
func (Answered) event()    {}
func (Held) event()        {}
func (Resumed) event()     {}
func (Moved) event()       {}
func (Reoffered) event()   {}
func (Digit) event()       {}
func (Referred) event()    {}
func (Transferred) event() {}
func (Ended) event()       {}
