package media

import (
	"testing"
	"time"

	"heartwood/internal/call/media/g711"
	"heartwood/internal/fault"
)

func mix(t testing.TB, s *Switchboard, legs ...*Leg) *Mix {
	t.Helper()
	m := s.NewMix()
	t.Cleanup(m.Close)
	for _, l := range legs {
		if err := l.Join(m); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestTwoHearEachOther(t *testing.T) {
	t.Parallel()
	for _, laws := range [][2]g711.Law{{g711.A, g711.A}, {g711.Mu, g711.A}} {
		s := board(t)
		a, b := call(t, s, Outside, laws[0], 500), call(t, s, Practice, laws[1], 900)
		mix(t, s, a.leg, b.leg)
		a.hears("bridged", []float64{900}, []float64{500})
		b.hears("bridged", []float64{500}, []float64{900})
	}
}

func TestMuteHoldAndResume(t *testing.T) {
	t.Parallel()
	s := board(t)
	a, b := call(t, s, Outside, g711.A, 500), call(t, s, Practice, g711.A, 900)
	mix(t, s, a.leg, b.leg)
	b.hears("at first", []float64{500}, nil)
	a.leg.Mute(true)
	b.hears("muted", nil, []float64{500})
	a.hears("muted", []float64{900}, nil)
	a.leg.Mute(false)
	b.hears("not muted", []float64{500}, nil)
	music := SoundOf(decode(noteSound(700, Rate)))
	a.leg.Hold(music)
	a.hears("on hold", []float64{700}, []float64{900})
	b.hears("on hold", nil, []float64{500, 700})
	a.leg.Resume()
	a.hears("back", []float64{900}, []float64{700})
	b.hears("back", []float64{500}, nil)
}

// noteSound is a loud note of n samples.
func noteSound(note float64, n int) Sound {
	var s Sound
	for i := 0; i < n; i += FrameSize {
		s = append(s, noteFrame(g711.A, note, i)...)
	}
	return s[:n]
}

func decode(s Sound) []int16 {
	pcm := make([]int16, len(s))
	g711.A.Decode(pcm, s)
	return pcm
}

func TestThreeMixAndMove(t *testing.T) {
	t.Parallel()
	s := board(t)
	a, b, c := call(t, s, Outside, g711.A, 500), call(t, s, Practice, g711.Mu, 900), call(t, s, Practice, g711.A, 1300)
	m := mix(t, s, a.leg, b.leg, c.leg)
	a.hears("three", []float64{900, 1300}, []float64{500})
	b.hears("three", []float64{500, 1300}, []float64{900})
	c.hears("three", []float64{500, 900}, []float64{1300})

	aside := mix(t, s, b.leg) // b leaves a and c alone
	b.hears("aside", nil, []float64{500, 900, 1300})
	a.hears("aside", []float64{1300}, []float64{900})
	m.Close()
	a.hears("closed", nil, []float64{500, 900, 1300})
	if err := c.leg.Join(m); !fault.Is(err, fault.Gone) {
		t.Errorf("joining a closed mix gives %v", err)
	}
	if err := c.leg.Join(aside); err != nil {
		t.Fatal(err)
	}
	b.hears("with c", []float64{1300}, []float64{500})
}

func TestKeysArePressedAndHeard(t *testing.T) {
	t.Parallel()
	s := board(t)
	a, b := call(t, s, Outside, g711.A, 500), call(t, s, Practice, g711.A, 0)
	mix(t, s, a.leg, b.leg)
	const all = "0123456789*#ABCD"
	if err := a.leg.Press(all); err != nil {
		t.Fatal(err)
	}
	var pressed [][]byte
	until(t, "all keys were sent", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		pressed = a.events
		return len(pressed) == len(all)*(pressFrames+endPackets)
	})
	for i, e := range pressed { // what one leg sends, another hears
		e = append([]byte(nil), e...)
		e[2], e[3] = byte(i>>8), byte(i)
		b.conn.WriteToUDPAddrPort(e, b.to())
		b.conn.WriteToUDPAddrPort(e, b.to()) // doubled on the way
	}
	for _, want := range []byte(all) {
		select {
		case got := <-b.leg.Digits():
			if byte(got) != want {
				t.Fatalf("key %c was heard as %c", want, got)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("key %c was not heard", want)
		}
	}
	if len(b.leg.Digits()) > 0 {
		t.Error("a key was heard twice")
	}
	if err := a.leg.Press("12x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a key that there is not gives %v", err)
	}
}

func TestPrompts(t *testing.T) {
	t.Parallel()
	s := board(t)
	a := call(t, s, Outside, g711.A, 500)
	p := a.leg.Play(noteSound(700, Rate/2), nil, noteSound(1100, Rate/2+77))
	a.hears("the first", []float64{700}, nil)
	a.hears("the second", []float64{1100}, nil)
	<-p.Done()
	if !p.Whole() {
		t.Error("a prompt that was played to its end is not whole")
	}
	loop := a.leg.Repeat(noteSound(700, 1234))
	a.hears("the loop", []float64{700}, nil)
	loop.Stop()
	loop.Stop()
	if <-loop.Done(); loop.Whole() {
		t.Error("a prompt that was stopped is whole")
	}
	a.hears("stopped", nil, []float64{700})
	last := a.leg.Repeat(noteSound(700, Rate))
	over := a.leg.Play(noteSound(1500, Rate))
	<-last.Done()
	a.hears("the one after it", []float64{1500}, []float64{700})
	if empty := a.leg.Play(); over.Whole() {
		t.Error("a prompt that another took the place of is whole")
	} else {
		<-empty.Done()
	}
	a.leg.Close()
	if after := a.leg.Play(noteSound(700, Rate)); after.Whole() {
		t.Error("a closed leg plays")
	} else {
		<-after.Done()
	}
}

func TestCloseIsOnce(t *testing.T) {
	t.Parallel()
	s := board(t)
	a := call(t, s, Outside, g711.A, 0)
	a.leg.Close()
	a.leg.Close()
	if _, open := <-a.leg.Digits(); open {
		t.Error("a closed leg has keys")
	}
	if err := a.leg.Join(s.NewMix()); !fault.Is(err, fault.Gone) {
		t.Errorf("a closed leg joins: %v", err)
	}
	if err := a.leg.Connect(Remote{Addr: a.addr()}); !fault.Is(err, fault.Gone) {
		t.Errorf("a closed leg connects: %v", err)
	}
}
