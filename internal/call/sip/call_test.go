package sip

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestACallComesInIsAnsweredAndEnds(t *testing.T) {
	_, theirs, arriving := pair(t, nil)
	them := dial(t, theirs)
	us := next(t, arriving)
	if us.To() != practice || us.From().Number != patient || us.From().Withheld || us.Trunk() != "carrier" {
		t.Errorf("call to %s from %+v by %s", us.To(), us.From(), us.Trunk())
	}
	if m := us.Remote(); m.Addr.Port() != 40000 || m.Codec != ALaw || m.DTMF != ownDTMF {
		t.Errorf("offer %+v", m)
	}
	must(t, us.Ring())
	event[Ringing](t, them)
	must(t, us.Answer(audio(30000)))
	event[Answered](t, us)
	if m := event[Answered](t, them).Media; m.Addr.Port() != 30000 || m.Codec != ALaw {
		t.Errorf("answer %+v", m)
	}
	us.Hang()
	if e := event[Ended](t, us); e.By != Us {
		t.Errorf("%+v", e)
	}
	if e := event[Ended](t, them); e.By != Them {
		t.Errorf("%+v", e)
	}
}

func TestHoldAndMove(t *testing.T) {
	_, theirs, arriving := pair(t, nil)
	them, us := connected(t, theirs, arriving)
	must(t, us.Hold(true))
	event[Held](t, them)
	event[Reoffered](t, us)
	must(t, us.Hold(false))
	event[Resumed](t, them)
	event[Reoffered](t, us)
	must(t, them.Reoffer(audio(40002)))
	if m := event[Moved](t, us).Media; m.Addr.Port() != 40002 {
		t.Errorf("moved to %v", m.Addr)
	}
	event[Reoffered](t, them)
	them.Hang()
	event[Ended](t, us)
	event[Ended](t, them)
}

func TestByTCPAndByIPv6(t *testing.T) {
	for _, c := range []struct{ transport, host string }{{"tcp", "127.0.0.1"}, {"udp", "[::1]"}, {"tcp", "[::1]"}} {
		t.Run(c.transport+" "+c.host, func(t *testing.T) {
			ours, theirs, arriving := pair(t, func(p, q *Config) {
				p.KeepAlive = 50 * time.Millisecond // the first is sent before the other end listens
				for _, end := range []*Config{p, q} {
					end.Listen.UDP = strings.Replace(end.Listen.UDP, "127.0.0.1", c.host, 1)
					end.Listen.TCP = end.Listen.UDP
					end.Trunks[0].Server = strings.Replace(end.Trunks[0].Server, "127.0.0.1", c.host, 1)
					end.Trunks[0].Transport = c.transport
				}
			})
			eventually(t, "they are not connected", func() bool { return ours.State()[0].Up && theirs.State()[0].Up })
			them, us := connected(t, theirs, arriving)
			must(t, us.Hold(true))
			event[Held](t, them)
			event[Reoffered](t, us)
			them.Hang()
			event[Ended](t, us)
			event[Ended](t, them)
		})
	}
}

func TestAtTheEndEveryCallIsHungUp(t *testing.T) {
	a, b := freeUDP(t), freeUDP(t)
	ours, err := New(Config{Listen: Listen{UDP: a}, Trunks: []Trunk{{Name: "carrier", Server: b}}, Ours: isPractice, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx, end := context.WithCancel(t.Context())
	arriving, done := make(chan *Call, 1), make(chan error, 1)
	go func() { done <- ours.Run(ctx, func(c *Call) { arriving <- c }) }()
	theirs, _ := running(t, Config{Listen: Listen{UDP: b}, Trunks: []Trunk{{Name: "practice", Server: a}}, Ours: func(string) bool { return true }})
	them, us := connected(t, theirs, arriving)
	ringing := dial(t, theirs)
	must(t, next(t, arriving).Ring())
	event[Ringing](t, ringing)
	end()
	must(t, <-done)
	if e := event[Ended](t, us); e.By != Us {
		t.Errorf("%+v", e)
	}
	event[Ended](t, them)
	event[Ended](t, ringing)
	if _, err := ours.Dial(t.Context(), Outgoing{To: patient, From: practice, Media: audio(30000)}); err == nil {
		t.Error("a call was begun after the end")
	}
}

func TestTheLogHasNoNumbersAndNoNames(t *testing.T) {
	var log safe
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	was := slog.Default()
	slog.SetDefault(logger) // what a library might write to
	t.Cleanup(func() { slog.SetDefault(was) })
	s, calls := at127(t, func(c *Config) { c.Log = logger })
	p := peerAt(t, "127.0.0.1", s)
	c, r := p.up(calls)
	p.send("INVITE sip:" + practice + "@x SIP/2.0\r\nFrom: \"Example Person\" <sip:" + patient + "@x>;tag=1\r\nbroken")
	p.send(p.message("BYE", "", tagged(r)))
	p.answer("BYE")
	event[Ended](t, c)
	for _, hidden := range []string{"1632960001", "7700900123", "Example"} {
		if strings.Contains(log.String(), hidden) {
			t.Errorf("%s is in the log: %s", hidden, &log)
		}
	}
	if !strings.Contains(log.String(), c.ID()) {
		t.Error("the call is not in the log at all")
	}
}

// safe is a text that several write to.
type safe struct {
	mu sync.Mutex
	b  strings.Builder
}

func (w *safe) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(b)
}

func (w *safe) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}
