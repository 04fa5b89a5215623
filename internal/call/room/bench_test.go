package room_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heartwood/internal/call/room"
	"heartwood/internal/call/room/signal"
)

// spent is the time that this process has had of the processor.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkVoiceFrame is one frame to a browser and one from it: 20 ms of one
// call, through SRTP and loopback, with the other end's work in it.
func BenchmarkVoiceFrame(b *testing.B) {
	e, err := room.New(room.Config{Listen: loopback})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	p := openPeer(b)
	v := p.call(b, e)
	came := make(chan struct{}, 1)
	v.OnFrame(func([]byte) {
		select {
		case came <- struct{}{}:
		default:
		}
	})
	frame := make([]byte, 160)
	seq := uint16(0)
	both := func() {
		seq++
		v.Write(frame)
		p.send(seq, frame)
		select {
		case <-came:
		case <-time.After(time.Second):
		}
	}
	both()
	b.ReportAllocs()
	before := spent()
	for b.Loop() {
		both()
	}
	b.ReportMetric(float64(spent()-before)/float64(b.N)/20e6*100, "%core/call")
}

// BenchmarkRoom forwards a second of a room of n with voices and pictures of
// 500 kbit/s, as fast as it goes. The browsers' work is in it.
func BenchmarkRoom(b *testing.B) {
	for _, n := range []int{3, 12} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e, err := room.New(room.Config{Listen: loopback})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			r, err := e.NewRoom()
			if err != nil {
				b.Fatal(err)
			}
			var guests []*guest
			for i := range n {
				guests = append(guests, openGuest(b, r, i, n-1))
			}
			until(b, "everybody has everybody", func() bool {
				all := true
				for _, g := range guests {
					g.send()
					all = all && g.got.Load() == int64(2*(n-1))
				}
				return all
			})
			before := spent()
			for b.Loop() {
				began := time.Now()
				for at := range 50 { // 20 ms each
					for _, g := range guests {
						g.send()
					}
					time.Sleep(time.Until(began.Add(time.Duration(at+1) * 20 * time.Millisecond)))
				}
			}
			b.ReportMetric(float64(spent()-before)/float64(b.Elapsed())*100, "%core/room")
		})
	}
}

// guest is a browser in a room, without a browser.
type guest struct {
	pc     *webrtc.PeerConnection
	voice  *webrtc.TrackLocalStaticRTP
	camera *webrtc.TrackLocalStaticRTP
	got    atomic.Int64 // voices and pictures that came
	seq    uint16
}

func openGuest(b *testing.B, r *room.Room, i, others int) *guest {
	b.Helper()
	p := openConnection(b)
	g := &guest{pc: p}
	g.voice, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "mic", "own")
	g.camera, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, "camera", "own")
	out := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	in := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for _, t := range []webrtc.TrackLocal{g.voice, g.camera} {
		if _, err := p.AddTransceiverFromTrack(t, out); err != nil {
			b.Fatal(err)
		}
	}
	for range others {
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err := p.AddTransceiverFromKind(kind, in); err != nil {
				b.Fatal(err)
			}
		}
	}
	p.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		g.got.Add(1)
		buf := make([]byte, 1500)
		for {
			if _, _, err := t.Read(buf); err != nil {
				return
			}
		}
	})
	g.join(b, r, i)
	return g
}

func (g *guest) join(b *testing.B, r *room.Room, i int) {
	b.Helper()
	answer := make(chan string, 10)
	m, err := r.Join(room.Guest{Key: fmt.Sprint(i), Role: room.Colleague, Host: true}, func(s signal.Said) {
		if s.Kind == signal.Answer {
			answer <- s.SDP
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	raw, _ := json.Marshal(signal.Heard{Kind: signal.Offer, SDP: completeOffer(b, g.pc), Sends: map[string]string{"0": signal.Voice, "1": signal.Camera}})
	if err := m.Tell(context.Background(), raw); err != nil {
		b.Fatal(err)
	}
	if err := g.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: <-answer}); err != nil {
		b.Fatal(err)
	}
}

// send sends 20 ms: a packet of voice, and a picture's share of 500 kbit/s.
func (g *guest) send() {
	g.seq++
	g.voice.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: g.seq, Timestamp: uint32(g.seq) * 960}, Payload: make([]byte, 80)})
	g.camera.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: g.seq, Timestamp: uint32(g.seq) * 1800, Marker: true}, Payload: make([]byte, 1200)})
}
