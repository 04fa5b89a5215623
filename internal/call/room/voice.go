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

// Voice is one browser's telephone: A-law both ways, in frames of 20 ms. Its
// methods may be called from any goroutine, and all but OnState from its callbacks.
type Voice struct {
	engine *Engine
	pc     *webrtc.PeerConnection
	finger string // of the browser's certificate
	out    sender
	in     receiver
	end    sync.Once
	done   chan struct{}
	change sync.Mutex // one offer at a time

	state atomic.Uint32 // a State

	mu      sync.Mutex // protects the field below, and the order of what it is told
	onState func(State)
}

// voiceAPI makes connections that know A-law and nothing else.
func voiceAPI(set webrtc.SettingEngine) (*webrtc.API, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: alaw, PayloadType: 8}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	r, err := registry()
	if err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(set), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)), nil
}

// Voice answers a browser's complete offer of one voice. The answer is
// complete as well: no candidates follow.
func (e *Engine) Voice(ctx context.Context, text string) (*Voice, string, error) {
	o, err := readOffer(text, voiceOnly)
	if err != nil {
		return nil, "", err
	}
	pc, err := e.voice.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Internal, "The call cannot be set up.")
	}
	v := &Voice{engine: e, pc: pc, finger: o.finger, done: make(chan struct{})}
	if err := e.admit(v, v.done); err != nil {
		_ = pc.Close() // nothing has begun
		return nil, "", err
	}
	answer, err := v.begin(ctx, o)
	if err != nil {
		_ = v.Close()
		return nil, "", err
	}
	return v, answer, nil
}

func (v *Voice) begin(ctx context.Context, o offer) (string, error) {
	v.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { v.moved() })
	v.pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		go drain(r.ReadRTCP)
		v.in.listen(t)
	})
	tr, err := v.pc.AddTransceiverFromTrack(&v.out)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The call cannot be set up.")
	}
	answer, err := v.answer(ctx, o)
	if err == nil {
		go v.out.hear(tr.Sender())
	}
	return answer, err
}

// Resume answers a new offer of the same browser, which has changed network.
func (v *Voice) Resume(ctx context.Context, text string) (string, error) {
	o, err := readOffer(text, voiceOnly)
	if err != nil {
		return "", err
	}
	if o.finger != v.finger {
		return "", fault.At(fault.Forbidden, "fingerprint", "This call belongs to another browser.")
	}
	return v.answer(ctx, o)
}

func (v *Voice) answer(ctx context.Context, o offer) (string, error) {
	v.change.Lock()
	defer v.change.Unlock()
	return answer(ctx, v.pc, o)
}

// answer takes an offer and gives the answer with all its candidates.
func answer(ctx context.Context, pc *webrtc.PeerConnection, o offer) (string, error) {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp}); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be used.")
	}
	a, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be answered.")
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(a); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The browser's offer cannot be answered.")
	}
	select {
	case <-gathered:
		return pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", fault.Wrap(ctx.Err(), fault.Busy, "The call took too long to set up.")
	}
}

// OnFrame has f called with each 20 ms of the browser's voice, in order. f
// must not keep the bytes, and must be quick.
func (v *Voice) OnFrame(f func(alaw []byte)) { v.in.to.Store(&f) }

// Write sends 20 ms to the browser: 160 bytes of A-law. Whoever calls keeps
// the time. What is written before the browser is there is dropped.
func (v *Voice) Write(alaw []byte) error { return v.out.write(alaw) }

// OnState has f called with the state now and with each that follows, in order.
func (v *Voice) OnState(f func(State)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.onState = f
	f(v.State())
}

// State is where the connection has come to.
func (v *Voice) State() State { return State(v.state.Load()) }

// moved looks where the connection has come to. It is told of changes in no
// certain order, so it looks for itself.
func (v *Voice) moved() {
	v.mu.Lock()
	defer v.mu.Unlock()
	was := v.State()
	s := stateOf(v.pc.ConnectionState(), was)
	if s == was {
		return
	}
	v.state.Store(uint32(s))
	if v.onState != nil {
		v.onState(s)
	}
	if s == Ended {
		_ = v.Close()
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

// Stats is how good the line has been of late.
func (v *Voice) Stats() Stats { return Stats{In: v.in.quality(), Out: v.out.quality()} }

// Done is closed when the voice has ended and nothing of it is left.
func (v *Voice) Done() <-chan struct{} { return v.done }

// Close ends the voice. It does not wait: Done tells when it is over.
func (v *Voice) Close() error {
	v.end.Do(func() { go v.wind() })
	return nil
}

func (v *Voice) wind() {
	// What goes wrong while leaving changes nothing.
	_ = v.pc.GracefulClose()
	v.moved()
	v.engine.leave(v)
	close(v.done)
}

// drain reads reports until there are no more, for those who watch them pass.
func drain(read func() ([]rtcp.Packet, interceptor.Attributes, error)) {
	for {
		if _, _, err := read(); err != nil {
			return
		}
	}
}
