package room

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/fault"
)

// State is where a connection has come to.
type State uint8

// The states. Lost may become Connected again; Ended is the last.
const (
	Connecting State = iota
	Connected
	Lost
	Ended
)

var stateNames = [...]string{"connecting", "connected", "lost", "ended"}

// String is the state's name.
func (s State) String() string { return stateNames[s] }

// link is the connection to one browser, from its first offer to its end.
type link struct {
	engine *Engine
	pc     *webrtc.PeerConnection
	finger string // of the browser's certificate
	end    sync.Once
	done   chan struct{}
	change sync.Mutex    // one offer at a time
	state  atomic.Uint32 // a State

	mu      sync.Mutex // protects the field below, and the order of what it is told
	onState func(State)
}

// open makes the connection that a first offer asks for. Nothing is answered yet.
func (e *Engine) open(api *webrtc.API, o offer) (*link, error) {
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The call cannot be set up.")
	}
	l := &link{engine: e, pc: pc, finger: o.finger, done: make(chan struct{})}
	if err := e.admit(l, l.done); err != nil {
		_ = pc.Close() // nothing has begun
		return nil, err
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { l.moved() })
	return l, nil
}

// same refuses a new offer of another browser.
func (l *link) same(o offer) error {
	if o.finger != l.finger {
		return fault.At(fault.Forbidden, "fingerprint", "This call belongs to another browser.")
	}
	return nil
}

// answer takes an offer and gives the answer with all its candidates. before
// is called in between, to say what we send.
func (l *link) answer(ctx context.Context, o offer, before func() error) (string, error) {
	l.change.Lock()
	defer l.change.Unlock()
	if err := before(); err != nil {
		return "", err
	}
	if err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp}); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be used.")
	}
	a, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be answered.")
	}
	gathered := webrtc.GatheringCompletePromise(l.pc)
	if err := l.pc.SetLocalDescription(a); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be answered.")
	}
	select {
	case <-gathered:
		return l.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", fault.Wrap(ctx.Err(), fault.Busy, "The call took too long to set up.")
	}
}

// OnState has f called with the state now and with each that follows, in order.
func (l *link) OnState(f func(State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onState = f
	f(l.State())
}

// State is where the connection has come to.
func (l *link) State() State { return State(l.state.Load()) }

// moved looks where the connection has come to. It is told of changes in no
// certain order, so it looks for itself.
func (l *link) moved() {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.State()
	s := stateOf(l.pc.ConnectionState(), was)
	if s == was {
		return
	}
	l.state.Store(uint32(s))
	if l.onState != nil {
		l.onState(s)
	}
	if s == Ended {
		_ = l.Close()
	}
}

// stateOf gives our name to a connection's state. What has ended stays so.
func stateOf(s webrtc.PeerConnectionState, was State) State {
	switch {
	case was == Ended, s == webrtc.PeerConnectionStateFailed, s == webrtc.PeerConnectionStateClosed:
		return Ended
	case s == webrtc.PeerConnectionStateConnected:
		return Connected
	case s == webrtc.PeerConnectionStateDisconnected, was != Connecting:
		return Lost
	}
	return Connecting
}

// Done is closed when the connection has ended and nothing of it is left.
func (l *link) Done() <-chan struct{} { return l.done }

// Close ends the connection. It does not wait: Done tells when it is over.
func (l *link) Close() error {
	l.end.Do(func() { go l.wind() })
	return nil
}

func (l *link) wind() {
	// What goes wrong while leaving changes nothing.
	_ = l.pc.GracefulClose()
	l.moved()
	l.engine.leave(l)
	close(l.done)
}

// drain reads reports until there are no more, for those who watch them pass.
func drain(read func() ([]rtcp.Packet, interceptor.Attributes, error)) {
	for {
		if _, _, err := read(); err != nil {
			return
		}
	}
}
