package sip

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	sip.SetTimers(50*time.Millisecond, 400*time.Millisecond, 500*time.Millisecond) // a tenth of the real ones
	sip.Timer_D = 3 * time.Second
	goleak.VerifyTestMain(m)
}

// Numbers from Ofcom's drama ranges.
const (
	practice = "+441632960001"
	patient  = "+447700900123"
)

func isPractice(n string) bool { return n == practice }

// secret puts a word into a file, as an operator would, and reads it.
func secret(t testing.TB, word string) Secret {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(word+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// freeUDP is an address nobody listens at, by UDP or TCP, and from which no
// connection goes out: it is below the ports that the kernel gives those.
func freeUDP(t testing.TB) string {
	t.Helper()
	for range 1000 {
		at := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		c, err := net.ListenPacket("udp", at)
		if err != nil {
			continue
		}
		c.Close()
		l, err := net.Listen("tcp", at)
		if err != nil {
			continue
		}
		l.Close()
		return at
	}
	t.Fatal("no address is free")
	return ""
}

// running runs a server until the test ends; calls come out of the channel.
func running(t testing.TB, conf Config) (*Server, <-chan *Call) {
	t.Helper()
	if conf.Log == nil {
		conf.Log = slog.New(slog.DiscardHandler)
	}
	if conf.Ours == nil {
		conf.Ours = isPractice
	}
	s, err := New(conf)
	if err != nil {
		t.Fatal(err)
	}
	calls := make(chan *Call, 100)
	ctx, done := t.Context(), make(chan error, 1)
	go func() { done <- s.Run(ctx, func(c *Call) { calls <- c }) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s, calls
}

// pair is a practice's server and a carrier's, each the other's trunk by UDP.
func pair(t testing.TB, change func(practice, carrier *Config)) (ours, theirs *Server, arriving <-chan *Call) {
	t.Helper()
	a, b := freeUDP(t), freeUDP(t)
	p := Config{Listen: Listen{UDP: a}, Trunks: []Trunk{{Name: "carrier", Server: b}}}
	c := Config{Listen: Listen{UDP: b}, Trunks: []Trunk{{Name: "practice", Server: a}}, Ours: func(string) bool { return true }}
	if change != nil {
		change(&p, &c)
	}
	ours, arriving = running(t, p)
	theirs, _ = running(t, c)
	return ours, theirs, arriving
}

// audio is where somebody says that audio is to go; nothing listens there.
func audio(port uint16) Media {
	return Media{Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)}
}

// next waits for a call.
func next(t testing.TB, calls <-chan *Call) *Call {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("no call came")
		return nil
	}
}

// event waits for an event of one type, which must be the next.
func event[E Event](t testing.TB, c *Call) E {
	t.Helper()
	select {
	case e := <-c.Events():
		got, ok := e.(E)
		if !ok {
			t.Fatalf("event %T %+v, want %T", e, e, got)
		}
		return got
	case <-time.After(30 * time.Second):
		var want E
		t.Fatalf("no event %T", want)
		return want
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func dial(t testing.TB, s *Server) *Call {
	t.Helper()
	c, err := s.Dial(t.Context(), Outgoing{To: practice, From: patient, Media: audio(40000)})
	must(t, err)
	return c
}

// connected dials and answers.
func connected(t testing.TB, theirs *Server, arriving <-chan *Call) (them, us *Call) {
	t.Helper()
	them = dial(t, theirs)
	us = next(t, arriving)
	must(t, us.Answer(audio(30000)))
	event[Answered](t, us)
	event[Answered](t, them)
	return them, us
}
