package phone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"heartwood/internal/call/exchange"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Bounds of what a page sends.
const (
	mostOrder = 64 << 10 // bytes: an offer of sound is the longest
	mostTo    = 100
)

// order is what a page sends.
type order struct {
	Do      string `json:"do"`
	Call    string `json:"call,omitempty"`
	On      bool   `json:"on,omitempty"`
	SDP     string `json:"sdp,omitempty"`
	To      string `json:"to,omitempty"`
	Number  string `json:"number,omitempty"`
	Patient string `json:"patient,omitempty"`
}

// readOrder reads one order. It refuses what is no JSON object, what has
// members that no order has, and what is longer than an order can be.
func readOrder(b []byte) (order, error) {
	var o order
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return order{}, fault.Wrap(err, fault.Invalid, "The page sent something that is not an order.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return order{}, fault.New(fault.Invalid, "The page sent more than one order at once.")
	}
	for field, most := range map[string]int{o.To: mostTo, o.Number: mostTo} {
		if utf8.RuneCountInString(field) > most {
			return order{}, fault.New(fault.Invalid, "The page sent something that is too long.")
		}
	}
	for _, id := range []string{o.Call, o.Patient} {
		if id != "" && !ident.IsID(id) {
			return order{}, fault.New(fault.Invalid, "The page named something that cannot be.")
		}
	}
	return o, nil
}

// deeds are what each order does.
var deeds = map[string]func(context.Context, *exchange.Seat, order) error{
	"beat":    func(_ context.Context, s *exchange.Seat, _ order) error { s.Beat(); return nil },
	"ready":   func(ctx context.Context, s *exchange.Seat, o order) error { return s.Ready(ctx, o.On) },
	"answer":  func(ctx context.Context, s *exchange.Seat, o order) error { return s.Answer(ctx, o.Call) },
	"decline": func(ctx context.Context, s *exchange.Seat, o order) error { return s.Decline(ctx, o.Call) },
	"hold":    func(ctx context.Context, s *exchange.Seat, o order) error { return s.Hold(ctx, o.Call, o.On) },
	"mute":    func(ctx context.Context, s *exchange.Seat, o order) error { return s.Mute(ctx, o.Call, o.On) },
	"hang":    func(ctx context.Context, s *exchange.Seat, o order) error { return s.Hang(ctx, o.Call) },
	"finish":  func(ctx context.Context, s *exchange.Seat, o order) error { return s.Finish(ctx, o.Call) },
	"transfer": func(ctx context.Context, s *exchange.Seat, o order) error {
		return s.Transfer(ctx, o.Call, o.To)
	},
	"dial": func(ctx context.Context, s *exchange.Seat, o order) error {
		return s.Dial(ctx, o.Number, patientRef(o.Patient))
	},
	"back": func(ctx context.Context, s *exchange.Seat, o order) error { return s.CallBack(ctx, o.Call) },
	"who": func(ctx context.Context, s *exchange.Seat, o order) error {
		return s.Confirm(ctx, o.Call, patientRef(o.Patient))
	},
}

func patientRef(id string) string {
	if id == "" {
		return ""
	}
	return "Patient/" + id
}
