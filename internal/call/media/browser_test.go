package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/call/media/recording"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// TestACarriedBrowserGetsWhatTheTelephoneSent compares the sound byte by
// byte, and the gap where a packet was lost.
func TestACarriedBrowserGetsWhatTheTelephoneSent(t *testing.T) {
	t.Parallel()
	s := board(t)
	p := call(t, s, Outside, g711.A, 0)
	var mu sync.Mutex
	var got [][]byte
	c, err := s.Carry(Practice, Remote{Law: g711.A}, func(b []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, bytes.Clone(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mix(t, s, p.leg, c.Leg)
	time.Sleep(2 * FrameTime)
	mu.Lock()
	got = nil // it was alone, and sent silence
	mu.Unlock()
	var sent [][]byte
	for n := range uint16(20) {
		if n == 7 {
			continue
		}
		sound := noteFrame(g711.A, 300+float64(n), 0)
		sent = append(sent, sound)
		b := rtpPacket(typePCMA, 65530+n, 4_294_967_000+uint32(n)*FrameSize, 5, sound)
		if n == 12 {
			b[1] |= 0x80 // a spell of talk begins
		}
		_, _ = p.conn.WriteToUDPAddrPort(b, p.to())
	}
	until(t, "all packets were carried", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) >= len(sent) })
	first := binary.BigEndian.Uint16(got[0][2:])
	for i, b := range got {
		n := uint16(i)
		if i >= 7 {
			n++
		}
		if !bytes.Equal(b[12:], sent[i]) || binary.BigEndian.Uint16(b[2:]) != first+n {
			t.Fatalf("packet %d is %x", i, b[:16])
		}
		if marked := b[1]&0x80 != 0; marked != (i == 0 || n == 12) {
			t.Errorf("packet %d begins a spell of talk: %v", n, marked)
		}
	}
	c.Deliver(rtpPacket(typePCMA, 1, 0, 9, noteFrame(g711.A, 500, 0)))
	c.Deliver([]byte("nonsense"))
	if q := c.Quality(); q.Received != 1 || q.Refused != 1 {
		t.Errorf("it delivered two packets, one malformed: %+v", q)
	}
	if err := c.Connect(Remote{}); !fault.Is(err, fault.Unsupported) {
		t.Errorf("connecting a browser gives %v", err)
	}
}

// TestAGuestTalks has a browser by its samples in a mix with a telephone, and
// records the two.
func TestAGuestTalks(t *testing.T) {
	t.Parallel()
	s := board(t)
	p := call(t, s, Outside, g711.Mu, 500)
	var heard listener
	g, err := s.NewGuest(Practice, heard.hear)
	if err != nil {
		t.Fatal(err)
	}
	m := mix(t, s, p.leg, g.Leg)
	path := filepath.Join(t.TempDir(), "call")
	key := make([]byte, recording.KeySize)
	tape, err := recording.Create(path, key)
	if err != nil {
		t.Fatal(err)
	}
	m.Record(tape)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { talkAs(g, 900, quit) })
	p.hears("a guest talks", []float64{900}, []float64{500})
	until(t, "the guest hears the telephone", func() bool { return heard.loudest(500) > 5000 })
	until(t, "two seconds are recorded", func() bool { return tape.Duration() > 2*time.Second })
	close(quit)
	wg.Wait()
	m.Record(nil)
	if err := tape.Close(); err != nil {
		t.Fatal(err)
	}
	checkTape(t, path, key, 500, 900)
}

// talkAs says a note until quit, 30 ms at a time.
func talkAs(g Guest, note float64, quit chan struct{}) {
	start := time.Now()
	const size = 240
	for n := 0; ; n++ {
		select {
		case <-quit:
			return
		case <-time.After(time.Until(start.Add(time.Duration(n) * size * time.Second / Rate))):
		}
		var pcm [size]int16
		for i := range pcm {
			pcm[i] = int16(8000 * math.Sin(2*math.Pi*note*float64(n*size+i)/Rate))
		}
		g.Say(pcm[:])
	}
}

// checkTape says that each voice is on its side of a recording.
func checkTape(t *testing.T, path string, key []byte, left, right float64) {
	t.Helper()
	r, err := recording.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	wav, err := io.ReadAll(r)
	if err != nil || int64(len(wav)) != r.Size() || !r.Whole() {
		t.Fatalf("%d bytes of %d, whole %v: %v", len(wav), r.Size(), r.Whole(), err)
	}
	_, wav, _ = bytes.Cut(wav, []byte("data"))
	wav = wav[4:]
	var sides [2][]int16
	for i := 0; i+1 < len(wav); i += 2 {
		var s [2]int16
		g711.A.Decode(s[:], wav[i:i+2])
		sides[0], sides[1] = append(sides[0], s[0]), append(sides[1], s[1])
	}
	for i, want := range []float64{left, right} {
		if own, other := loudest(sides[i], want), loudest(sides[i], left+right-want); own < 5000 || other > 200 {
			t.Errorf("side %d: its own voice is at %.0f, the other at %.0f", i, own, other)
		}
	}
}

// TestTwoTelephonesAreRecordedWhilePassedThrough, on pause in the middle.
func TestTwoTelephonesAreRecordedWhilePassedThrough(t *testing.T) {
	t.Parallel()
	hazard.Covers(t, "H-054")
	s := board(t)
	a, b := call(t, s, Practice, g711.A, 900), call(t, s, Outside, g711.A, 500)
	m := mix(t, s, a.leg, b.leg)
	path, key := filepath.Join(t.TempDir(), "call"), make([]byte, recording.KeySize)
	tape, err := recording.Create(path, key)
	if err != nil {
		t.Fatal(err)
	}
	m.Record(tape)
	long := func(d time.Duration) {
		until(t, "enough is recorded", func() bool { return tape.Duration() > d })
	}
	long(2 * time.Second)
	tape.Pause()
	long(3 * time.Second)
	tape.Resume()
	long(5 * time.Second)
	m.Close()
	if err := tape.Close(); err != nil {
		t.Fatal(err)
	}
	checkTape(t, path, key, 500, 900)
	r, err := recording.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if gaps, err := r.Gaps(); err != nil || len(gaps) != 1 || !gaps[0].Paused {
		t.Errorf("the gaps are %v (%v)", gaps, err)
	}
}

// TestAWireJoinsTwo has a telephone at each end of two wires that are tied
// together, as a room would.
func TestAWireJoinsTwo(t *testing.T) {
	t.Parallel()
	s := board(t)
	a, b := call(t, s, Outside, g711.A, 500), call(t, s, Practice, g711.A, 900)
	var ends [2]*Wire
	for i := range ends {
		w, err := s.NewWire(Outside)
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = w
	}
	frames := [2]chan []byte{make(chan []byte, 50), make(chan []byte, 50)}
	var wg sync.WaitGroup
	for i, w := range ends {
		w.OnFrame(func(alaw []byte) {
			select {
			case frames[i] <- bytes.Clone(alaw):
			default:
			}
		})
		wg.Go(func() {
			for {
				select {
				case f := <-frames[1-i]:
					_ = w.Write(f)
				case <-w.Done():
					return
				}
			}
		})
	}
	mix(t, s, a.leg, ends[0].Leg)
	mix(t, s, b.leg, ends[1].Leg)
	a.hears("by wire", []float64{900}, []float64{500})
	b.hears("by wire", []float64{500}, []float64{900})
	for _, w := range ends {
		w.Close()
	}
	wg.Wait()
	if err := ends[0].Write(make([]byte, FrameSize)); !fault.Is(err, fault.Gone) {
		t.Errorf("writing to a closed wire gives %v", err)
	}
}
