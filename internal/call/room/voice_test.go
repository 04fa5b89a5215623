package room_test

import (
	"context"
	"math"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"heartwood/internal/call/room"
	"heartwood/internal/call/room/relay"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

func engine(t *testing.T, cfg room.Config) *room.Engine {
	t.Helper()
	e, err := room.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// ear measures the loudest 20 ms of A-law since it was last asked.
type ear struct{ loudest atomic.Uint64 }

func (e *ear) hear(alaw []byte) {
	var sum float64
	for _, b := range alaw {
		v := float64(fromALaw(b)) / 32768
		sum += v * v
	}
	if now := math.Float64bits(math.Sqrt(sum / float64(len(alaw)))); now > e.loudest.Load() {
		e.loudest.Store(now)
	}
}

func (e *ear) take() float64 { return math.Float64frombits(e.loudest.Swap(0)) }

// sing writes a tone until the test ends: 20 ms every 20 ms, by the clock.
func sing(t *testing.T, hz float64, write func([]byte) error) {
	stop, over := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-over })
	go func() {
		defer close(over)
		frame, began := make([]byte, 160), time.Now()
		for n := 0; ; n++ {
			for i := range frame {
				frame[i] = toALaw(int16(12000 * math.Sin(2*math.Pi*hz*float64(n*160+i)/8000)))
			}
			write(frame)
			select {
			case <-stop:
				return
			case <-time.After(time.Until(began.Add(time.Duration(n+1) * 20 * time.Millisecond))):
			}
		}
	}()
}

// call has the page's person ring us.
func call(t *testing.T, c *chromium, e *room.Engine, who string) *room.Voice {
	t.Helper()
	var offer string
	c.do(&offer, `const p = people[args[0]] = new Person(true, false); await p.open(); return p.offer();`, who)
	v, answer, err := e.Voice(context.Background(), offer)
	if err != nil {
		t.Fatal(err)
	}
	c.do(nil, `return people[args[0]].accept(args[1])`, who, answer)
	return v
}

// hears waits until the person hears the tone above all else.
func hears(t *testing.T, c *chromium, who string, hz float64) {
	t.Helper()
	until(t, who+" hears the tone", func() bool {
		var l struct{ At, Other float64 }
		c.do(&l, `return people[args[0]].loudness(args[1])`, who, hz)
		return l.At > -50 && l.At > l.Other+15
	})
}

func TestVoiceIsHeardBothWays(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("call", func(t *testing.T) {
		c := openChromium(t)
		e := engine(t, room.Config{Listen: loopback})
		v := call(t, c, e, "ann")
		var heard ear
		v.OnFrame(heard.hear)
		sing(t, 1000, v.Write)
		until(t, "connected", func() bool { return v.State() == room.Connected })
		until(t, "the beep is heard", func() bool { return heard.take() > 0.05 })
		hears(t, c, "ann", 1000)
		until(t, "the browser reports", func() bool { s := v.Stats(); return s.Out.RoundTrip > 0 && s.In.Packets > 50 })
		if s := v.Stats(); s.In.Loss > 0.02 || s.Out.Loss > 0.02 {
			t.Errorf("packets were lost on loopback: %+v", s)
		}
		c.do(nil, `people.ann.pc.close()`)
		<-v.Done()
		if v.State() != room.Ended {
			t.Errorf("a closed call is %s", v.State())
		}
	})
}

func TestVoiceComesBackAfterTheNetworkChanged(t *testing.T) {
	c := openChromium(t)
	e := engine(t, room.Config{Listen: loopback, External: farAddrs})
	net := openNetwork(t, e.Addr())
	v := call(t, c, e, "ann")
	var heard ear
	v.OnFrame(heard.hear)
	sing(t, 1000, v.Write)
	hears(t, c, "ann", 1000)

	net.cutAll()
	until(t, "the loss is seen", func() bool { return v.State() == room.Lost })
	var offer string
	c.do(&offer, `return people.ann.offer({ iceRestart: true })`)
	answer, err := v.Resume(context.Background(), offer)
	if err != nil {
		t.Fatal(err)
	}
	c.do(nil, `return people.ann.accept(args[0])`, answer)
	until(t, "connected again", func() bool { return v.State() == room.Connected })
	heard.take()
	until(t, "the beep is heard again", func() bool { return heard.take() > 0.05 })
	hears(t, c, "ann", 1000)
}

func TestVoiceByTCPWhereUDPIsClosed(t *testing.T) {
	c := openChromium(t)
	e := engine(t, room.Config{Listen: loopback, TCP: loopback})
	var offer string
	c.do(&offer, `const p = people.ann = new Person(true, false); await p.open(); return p.offer();`)
	v, answer, err := e.Voice(context.Background(), offer)
	if err != nil {
		t.Fatal(err)
	}
	c.do(nil, `return people.ann.accept(args[0].replace(/a=candidate:.* udp .*\r\n/g, ""))`, answer)
	var heard ear
	v.OnFrame(heard.hear)
	sing(t, 1000, v.Write)
	until(t, "the beep is heard", func() bool { return heard.take() > 0.05 })
	hears(t, c, "ann", 1000)
}

func TestVoiceByTheRelayWhereNothingElseIsAllowed(t *testing.T) {
	c := openChromium(t)
	e := engine(t, room.Config{Listen: loopback})
	turn, err := relay.New(relay.Config{Listen: loopback, Realm: "surgery.example", Secret: []byte("sixteen bytes or more"), Media: e.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { turn.Close() })
	user, password := turn.Pass("u1", time.Now())
	var offer string
	c.do(&offer, `
		const iceServers = [{ urls: "turn:" + args[0] + "?transport=tcp", username: args[1], credential: args[2] }];
		const p = people.ann = new Person(true, false, { iceServers, iceTransportPolicy: "relay" });
		await p.open();
		return p.offer();`, turn.Addr().String(), user, password)
	v, answer, err := e.Voice(context.Background(), offer)
	if err != nil {
		t.Fatal(err)
	}
	c.do(nil, `return people.ann.accept(args[0])`, answer)
	var heard ear
	v.OnFrame(heard.hear)
	sing(t, 1000, v.Write)
	until(t, "the beep is heard", func() bool { return heard.take() > 0.05 })
	hears(t, c, "ann", 1000)
}
