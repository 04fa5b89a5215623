package notify

import (
	"context"
	"strings"
	"time"
)

// State is what has become of a message that a transport took.
type State string

// The states.
const (
	Sending   State = "sending"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// Report is what a transport says has become of a message.
type Report struct {
	Key    string // the message's
	Medium Medium // "" when the transport does not say
	State  State
	// Bad means that the address is no use: nothing will ever arrive there.
	Bad    bool
	Detail string // the transport's own word: "permanent-failure"
	At     time.Time
}

// Text is a text message that somebody sent to the practice.
type Text struct {
	ID       string // the transport's, the same however often it is told
	From, To string
	Text     string
	At       time.Time
}

// Prober is a sender that can be asked what became of a message.
type Prober interface {
	// Status gives the report of a receipt that Send returned.
	Status(ctx context.Context, receipt string) (Report, error)
	// Gave tells whether the receipt is this sender's.
	Gave(receipt string) bool
}

// Tracked tells whether whoever gave this receipt will report what became of
// the message: until then it is on its way.
func Tracked(receipt string) bool {
	return strings.HasPrefix(receipt, govukReceipt) || strings.HasPrefix(receipt, nhsReceipt)
}

// Status asks whichever sender the receipt came from.
func (s Senders) Status(ctx context.Context, receipt string) (Report, error) {
	for _, one := range s {
		if p, ok := one.(Prober); ok && p.Gave(receipt) {
			return p.Status(ctx, receipt)
		}
	}
	return Report{}, nil
}
