package room_test

import (
	"context"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room"
)

// peer is a browser without a browser, for tests that need many or none to look at.
type peer struct {
	pc  *webrtc.PeerConnection
	out *webrtc.TrackLocalStaticRTP
	got chan []byte // payloads
}

// openConnection is a browser's end of a connection, on loopback only.
func openConnection(t testing.TB) *webrtc.PeerConnection {
	t.Helper()
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(set), webrtc.WithMediaEngine(m)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.GracefulClose() })
	return pc
}

func openPeer(t testing.TB) *peer {
	t.Helper()
	pc := openConnection(t)
	var err error
	p := &peer{pc: pc, got: make(chan []byte, 1000)}
	if p.out, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}, "mic", "own"); err != nil {
		t.Fatal(err)
	}
	if _, err = pc.AddTrack(p.out); err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := tr.ReadRTP()
			if err != nil {
				return
			}
			select {
			case p.got <- packet.Payload:
			default:
			}
		}
	})
	return p
}

// completeOffer is an offer with all its candidates.
func completeOffer(t testing.TB, pc *webrtc.PeerConnection) string {
	t.Helper()
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return pc.LocalDescription().SDP
}

func (p *peer) call(t testing.TB, e *room.Engine) *room.Voice {
	t.Helper()
	v, answer, err := e.Voice(context.Background(), completeOffer(t, p.pc))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	for v.State() != room.Connected {
		time.Sleep(5 * time.Millisecond)
	}
	return v
}

func (p *peer) send(seq uint16, payload []byte) error {
	return p.out.WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(seq) * 160}, // the track fills in the rest
		Payload: payload,
	})
}
