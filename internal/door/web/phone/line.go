package phone

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"heartwood/internal/access"
	"heartwood/internal/call/exchange"
	"heartwood/internal/fault"
)

// Times of a line.
const (
	settle  = 100 * time.Millisecond // changes come in bursts
	writes  = 10 * time.Second       // that a browser may take to read something
	silent  = 30 * time.Second       // without an order: the browser has gone
	longest = 10 * time.Minute       // then it comes again, and is asked again who it is; not while it has a call
)

// answer is what the server sends.
type answer struct {
	Kind string `json:"kind"` // view, voice, trouble; taken: by another page of theirs, and the last
	View *view  `json:"view,omitempty"`
	SDP  string `json:"sdp,omitempty"`
	Text string `json:"text,omitempty"`
}

// line is the WebSocket of one page.
func (ph *Phone) line(w http.ResponseWriter, r *http.Request) error {
	p, _, err := enter(r)
	if err != nil {
		return err
	}
	if ph.Exchange == nil {
		return fault.New(fault.NotFound, "There is no telephone here.")
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	ws, err := websocket.Accept(w, r, nil) // of our own origin only: another site must not take a seat away
	if err != nil {
		return nil // it has answered
	}
	defer func() { _ = ws.CloseNow() }()
	ws.SetReadLimit(mostOrder)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	l := &open{ph: ph, ws: ws, who: p, seen: map[string]bool{}}
	if l.seat, err = ph.Exchange.Sit(ctx, p); err != nil {
		l.trouble(ctx, err)
		return nil
	}
	defer l.seat.Leave()
	go func() {
		defer cancel()
		l.tell(ctx)
	}()
	go func() {
		select {
		case <-ph.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	l.hear(ctx)
	return nil
}

// open is a line that is open.
type open struct {
	ph   *Phone
	ws   *websocket.Conn
	seat *exchange.Seat
	who  access.Person
	seen map[string]bool // patients whose sight is in the access log, by call
}

// hear takes orders until there are no more.
func (l *open) hear(ctx context.Context) {
	for {
		once, done := context.WithTimeout(ctx, silent)
		kind, b, err := l.ws.Read(once)
		done()
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			l.trouble(ctx, fault.New(fault.Invalid, "The page sent something that is not an order."))
			continue
		}
		if err := l.obey(ctx, b); err != nil {
			l.trouble(ctx, err)
		}
	}
}

func (l *open) obey(ctx context.Context, b []byte) error {
	o, err := readOrder(b)
	if err != nil {
		return err
	}
	if o.Do == "voice" {
		sdp, err := l.seat.Voice(ctx, o.SDP)
		if err != nil {
			return err
		}
		return l.send(ctx, answer{Kind: "voice", SDP: sdp})
	}
	deed, ok := deeds[o.Do]
	if !ok {
		return fault.New(fault.Unsupported, "The page sent an order that we do not know.")
	}
	return deed(ctx, l.seat, o)
}

// tell sends the view whenever it has changed, until it is time to ask again
// who this is. Who talks to somebody is not cut off for that.
func (l *open) tell(ctx context.Context) {
	renew := time.NewTimer(longest)
	defer renew.Stop()
	for due := false; ; {
		v, err := l.view(ctx)
		if err == nil {
			err = l.send(ctx, answer{Kind: "view", View: v})
		}
		if due && err == nil && len(v.Mine) == 0 {
			return
		}
		if err != nil {
			switch {
			case fault.Is(err, fault.Conflict):
				_ = l.send(ctx, answer{Kind: "taken", Text: fault.From(err).Message})
			case ctx.Err() == nil && !errors.Is(err, context.Canceled):
				l.trouble(ctx, err)
			}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			due = true
		case <-l.seat.Changed():
		}
		wait(ctx, settle)
	}
}

func (l *open) send(ctx context.Context, a answer) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, writes)
	defer done()
	return l.ws.Write(ctx, websocket.MessageText, b)
}

// trouble tells the person what was not done and why.
func (l *open) trouble(ctx context.Context, err error) {
	if fault.KindOf(err) == fault.Internal {
		l.ph.Slog.Error("phone: an order failed", "error", err)
	}
	_ = l.send(ctx, answer{Kind: "trouble", Text: fault.From(err).Message})
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
