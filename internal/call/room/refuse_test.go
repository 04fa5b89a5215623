package room_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"heartwood/internal/call/room"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// offers are as Chromium makes them.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", "\r\n")
}

func TestVoiceRefuses(t *testing.T) {
	e := engine(t, room.Config{Listen: loopback})
	good := sample(t, "voice.sdp")
	without := func(prefix string) string {
		var kept []string
		for _, l := range strings.SplitAfter(good, "\r\n") {
			if !strings.HasPrefix(l, prefix) {
				kept = append(kept, l)
			}
		}
		return strings.Join(kept, "")
	}
	swap := func(old, by string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.ReplaceAll(good, old, by)
	}
	for name, c := range map[string]struct {
		offer string
		kind  fault.Kind
		says  string
	}{
		"nothing":             {"", fault.Invalid, "one voice"},
		"noise":               {"v=0\r\nwhat", fault.Invalid, "cannot be read"},
		"not text":            {good + "\xff", fault.Invalid, "not text"},
		"a zero":              {good + "\x00", fault.Invalid, "not text"},
		"too long":            {good + strings.Repeat("a=x\r\n", 20_000), fault.TooLarge, "too long"},
		"too long a line":     {good + "a=" + strings.Repeat("x", 3000) + "\r\n", fault.TooLarge, "line"},
		"too many attributes": {good + strings.Repeat("a=x\r\n", 500), fault.TooLarge, "too much"},
		"no sound":            {without("m=")[:strings.Index(good, "m=")], fault.Invalid, "one voice"},
		"video only":          {swap("m=audio", "m=video"), fault.Invalid, "no sound"},
		"sound and video":     {good + good[strings.Index(good, "m="):], fault.Invalid, "one voice"},
		"rejected":            {swap("m=audio 54626 ", "m=audio 0 "), fault.Invalid, "no sound"},
		"in the clear":        {swap("UDP/TLS/RTP/SAVPF", "RTP/AVP"), fault.Unsupported, "not encrypted"},
		"no A-law":            {swap(" 8 ", " "), fault.Unsupported, "A-law"},
		"one way":             {swap("a=sendrecv", "a=recvonly"), fault.Invalid, "both ways"},
		"no name":             {without("a=mid"), fault.Invalid, "name of its own"},
		"no ufrag":            {without("a=ice-ufrag"), fault.Invalid, "name for its connection"},
		"a short secret":      {without("a=ice-pwd") + "a=ice-pwd:short\r\n", fault.Invalid, "secret"},
		"no certificate":      {without("a=fingerprint"), fault.Invalid, "SHA-256"},
		"a weak certificate":  {without("a=fingerprint") + "a=fingerprint:sha-1 AA:BB\r\n", fault.Invalid, "SHA-256"},
		"no beginning":        {without("a=setup"), fault.Invalid, "who begins"},
		"two ports":           {without("a=rtcp-mux"), fault.Unsupported, "port for control"},
		"a server's":          {swap("m=audio", "a=ice-lite\r\nm=audio"), fault.Unsupported, "server's"},
	} {
		t.Run(name, func(t *testing.T) {
			v, _, err := e.Voice(context.Background(), c.offer)
			if err == nil {
				v.Close()
				t.Fatal("it was taken")
			}
			if !fault.Is(err, c.kind) || !strings.Contains(fault.From(err).Message, c.says) {
				t.Errorf("said %v, not that %q (%s)", err, c.says, c.kind)
			}
		})
	}
	v, answer, err := e.Voice(context.Background(), good)
	if err != nil {
		t.Fatalf("the sample itself: %v", err)
	}
	v.Close()
	if !strings.Contains(answer, " 127.0.0.1 ") || !strings.Contains(answer, "a=ice-lite") || strings.Contains(answer, "opus") {
		t.Errorf("an answer of another sort:\n%s", answer)
	}
}

// FuzzOffer: whatever is offered is refused with a sentence, or answered.
func FuzzOffer(f *testing.F) {
	e, err := room.New(room.Config{Listen: loopback})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	f.Add(sample(f, "voice.sdp"))
	f.Fuzz(func(t *testing.T, offer string) {
		v, answer, err := e.Voice(context.Background(), offer)
		if err != nil {
			if k := fault.KindOf(err); k == fault.Internal {
				t.Fatalf("%v", err)
			}
			return
		}
		if !strings.Contains(answer, "PCMA/8000") {
			t.Errorf("no voice in the answer:\n%s", answer)
		}
		v.Close()
		<-v.Done()
	})
}

func TestAnotherBrowserCannotTakeOver(t *testing.T) {
	hazard.Covers(t, "H-050")
	e := engine(t, room.Config{Listen: loopback})
	v := openPeer(t).call(t, e)
	_, err := v.Resume(context.Background(), completeOffer(t, openPeer(t).pc))
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("another browser's offer: %v", err)
	}
	if v.State() != room.Connected {
		t.Errorf("the call is %s", v.State())
	}
}

func TestVoiceEndsWholly(t *testing.T) {
	before := goleak.IgnoreCurrent()
	e := engine(t, room.Config{Listen: loopback, Most: 1})
	p := openPeer(t)
	v := p.call(t, e)
	var states []room.State
	v.OnState(func(s room.State) { states = append(states, s) })
	if _, _, err := e.Voice(context.Background(), sample(t, "voice.sdp")); !fault.Is(err, fault.Busy) {
		t.Errorf("one more than there is room for: %v", err)
	}
	v.Close()
	v.Close()
	<-v.Done()
	if err := v.Write(make([]byte, 160)); err != nil && !fault.Is(err, fault.Busy) {
		t.Error(err)
	}
	if len(states) != 2 || states[0] != room.Connected || states[1] != room.Ended {
		t.Errorf("was told of %v", states)
	}
	p.pc.GracefulClose()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/pion/ice/v4.(*UDPMuxDefault).connWorker"))
}

func TestFramesAreWholeAndInOrder(t *testing.T) {
	e := engine(t, room.Config{Listen: loopback})
	p := openPeer(t)
	v := p.call(t, e)
	frames := make(chan []byte, 100)
	v.OnFrame(func(b []byte) { frames <- bytes.Clone(b) })
	fill := func(n, size int) []byte { return bytes.Repeat([]byte{byte(n)}, size) }
	until(t, "something comes through", func() bool { p.send(1, fill(1, 160)); return len(frames) > 0 })
	<-frames
	p.send(3, fill(3, 160))
	p.send(2, fill(2, 160)) // too late
	p.send(4, fill(4, 320)) // two at once
	p.send(5, fill(5, 80))  // a half
	p.send(6, fill(5, 80))
	for _, want := range []int{3, 4, 4, 5} {
		select {
		case got := <-frames:
			if !bytes.Equal(got, fill(want, 160)) {
				t.Errorf("a frame of %d bytes of %d, not of %d", len(got), got[0], want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("frame %d never came", want)
		}
	}
	if err := v.Write(fill(1, 80)); !fault.Is(err, fault.Invalid) {
		t.Errorf("half a frame was taken: %v", err)
	}
	until(t, "a frame gets there", func() bool { v.Write(fill(9, 160)); return len(p.got) > 0 })
	if got := <-p.got; !bytes.Equal(got, fill(9, 160)) {
		t.Errorf("what was sent is not what came: %v", got)
	}
}

// Whoever throws packets at the port changes nothing for those who talk.
func TestGarbageChangesNothing(t *testing.T) {
	e := engine(t, room.Config{Listen: loopback})
	p := openPeer(t)
	v := p.call(t, e)
	var frames atomic.Int64
	v.OnFrame(func([]byte) { frames.Add(1) })
	stranger, err := net.Dial("udp", e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	dice := rand.New(rand.NewPCG(1, 2))
	junk := make([]byte, 1400)
	heads := [][]byte{{0, 1, 0, 20, 0x21, 0x12, 0xa4, 0x42}, {0x80, 8}, {0x80, 200}, {22, 0xfe, 0xfd}, {}} // STUN, RTP, RTCP, DTLS, nothing
	for n := range 20_000 {
		b := junk[:dice.IntN(len(junk))]
		for i := range b {
			b[i] = byte(dice.Uint32())
		}
		copy(b, heads[n%len(heads)])
		stranger.Write(b)
	}
	seq := uint16(0)
	until(t, "the voice still comes", func() bool { seq++; p.send(seq, make([]byte, 160)); return frames.Load() > 20 })
	if v.State() != room.Connected {
		t.Errorf("the call is %s", v.State())
	}
}

// On all addresses of a machine, by the one that browsers know.
func TestBehindAnotherAddress(t *testing.T) {
	for _, at := range []string{"0.0.0.0:0", "[::]:0"} {
		t.Run(at, func(t *testing.T) {
			e := engine(t, room.Config{Listen: netip.MustParseAddrPort(at), TCP: netip.MustParseAddrPort(at), External: []netip.Addr{loopback.Addr()}})
			p := openPeer(t)
			v, answer, err := e.Voice(context.Background(), completeOffer(t, p.pc))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(answer) {
				if strings.HasPrefix(line, "a=candidate") && !strings.Contains(line, " 127.0.0.1 ") {
					t.Errorf("an address of our own is told: %s", line)
				}
			}
			if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
				t.Fatal(err)
			}
			until(t, "connected", func() bool { return v.State() == room.Connected })
		})
	}
}
