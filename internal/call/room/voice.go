package room

import (
	"context"

	"github.com/pion/webrtc/v4"

	"heartwood/internal/fault"
)

// Voice is one browser's telephone: A-law both ways, in frames of 20 ms. Its
// methods may be called from any goroutine, and all but OnState from its callbacks.
type Voice struct {
	*link
	out sender
	in  receiver
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
	l, err := e.open(e.voice, o)
	if err != nil {
		return nil, "", err
	}
	v := &Voice{link: l}
	l.pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		go drain(r.ReadRTCP)
		v.in.listen(t)
	})
	answer, err := l.answer(ctx, o, v.speak)
	if err != nil {
		_ = v.Close()
		return nil, "", err
	}
	return v, answer, nil
}

// speak adds our voice to what is answered.
func (v *Voice) speak() error {
	tr, err := v.pc.AddTransceiverFromTrack(&v.out)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The call cannot be set up.")
	}
	go v.out.hear(tr.Sender())
	return nil
}

// Resume answers a new offer of the same browser, which has changed network.
func (v *Voice) Resume(ctx context.Context, text string) (string, error) {
	o, err := readOffer(text, voiceOnly)
	if err != nil {
		return "", err
	}
	if err := v.same(o); err != nil {
		return "", err
	}
	return v.answer(ctx, o, func() error { return nil })
}

// OnFrame has f called with each 20 ms of the browser's voice, in order. f
// must not keep the bytes, and must be quick.
func (v *Voice) OnFrame(f func(alaw []byte)) { v.in.to.Store(&f) }

// Write sends 20 ms to the browser: 160 bytes of A-law. Whoever calls keeps
// the time. What is written before the browser is there is dropped.
func (v *Voice) Write(alaw []byte) error { return v.out.write(alaw) }

// Stats is how good the line has been of late.
func (v *Voice) Stats() Stats { return Stats{In: v.in.quality(), Out: v.out.quality()} }
