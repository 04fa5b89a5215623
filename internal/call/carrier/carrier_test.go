package carrier_test

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heartwood/internal/call/carrier"
	"heartwood/internal/call/sip"
)

// Numbers from Ofcom's drama ranges.
const (
	practice = "+441632960001"
	patient  = "+447700900123"
)

var accounts = []carrier.Account{
	{User: "practice", Password: "word-of-the-practice", Numbers: []string{practice}},
	{User: "phone", Password: "word-of-the-phone", Numbers: []string{patient}},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open runs a carrier until the test ends.
func open(t *testing.T) *carrier.Carrier {
	t.Helper()
	c, err := carrier.New("127.0.0.1:0", accounts)
	must(t, err)
	done := make(chan error, 1)
	ctx := t.Context()
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return c
}

// registered is somebody at the end of a line.
func registered(t *testing.T, c *carrier.Carrier, a carrier.Account, word string) (*sip.Server, <-chan *sip.Call) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, []byte(word), 0o600))
	secret, err := sip.ReadSecret(path)
	must(t, err)
	s, err := sip.New(sip.Config{
		Listen: sip.Listen{UDP: "127.0.0.1:0"}, Log: slog.New(slog.DiscardHandler),
		Trunks: []sip.Trunk{{Name: "carrier", Server: c.Addr().String(), User: a.User, Secret: secret, Register: true}},
		Ours:   func(n string) bool { return n == a.Numbers[0] },
	})
	must(t, err)
	calls, done := make(chan *sip.Call, 10), make(chan error, 1)
	ctx, end := context.WithCancel(context.Background())
	go func() { done <- s.Run(ctx, func(c *sip.Call) { calls <- c }) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, calls
}

func eventually(t *testing.T, why string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(why)
		}
	}
}

func event[E sip.Event](t *testing.T, c *sip.Call) E {
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

func next(t *testing.T, calls <-chan *sip.Call) *sip.Call {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("no call came")
		return nil
	}
}

func audio(port uint16) sip.Media {
	return sip.Media{Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)}
}

func TestAPhoneRingsThePractice(t *testing.T) {
	c := open(t)
	_, calls := registered(t, c, accounts[0], accounts[0].Password)
	phone, _ := registered(t, c, accounts[1], accounts[1].Password)
	eventually(t, "they do not register", func() bool { return c.Registered("practice") && c.Registered("phone") })
	for _, withheld := range []bool{false, true} {
		them, err := phone.Dial(t.Context(), sip.Outgoing{To: practice, From: patient, Withheld: withheld, Media: audio(40000)})
		must(t, err)
		us := next(t, calls)
		if from := us.From(); us.To() != practice || from.Withheld != withheld || (from.Number == patient) == withheld {
			t.Errorf("to %s from %+v", us.To(), from)
		}
		must(t, us.Ring())
		event[sip.Ringing](t, them)
		must(t, us.Answer(audio(30000)))
		event[sip.Answered](t, us)
		if m := event[sip.Answered](t, them).Media; m.Addr.Port() != 30000 {
			t.Errorf("the audio goes to %v", m.Addr)
		}
		must(t, us.Hold(true))
		event[sip.Held](t, them)
		event[sip.Reoffered](t, us)
		must(t, us.Hold(false))
		event[sip.Resumed](t, them)
		event[sip.Reoffered](t, us)
		if withheld {
			them.Hang()
		} else {
			us.Hang()
		}
		event[sip.Ended](t, us)
		event[sip.Ended](t, them)
	}
}

func TestACallThatIsNotAnswered(t *testing.T) {
	c := open(t)
	_, calls := registered(t, c, accounts[0], accounts[0].Password)
	phone, _ := registered(t, c, accounts[1], accounts[1].Password)
	eventually(t, "they do not register", func() bool { return c.Registered("practice") && c.Registered("phone") })
	them, err := phone.Dial(t.Context(), sip.Outgoing{To: practice, From: patient, Media: audio(40000)})
	must(t, err)
	must(t, next(t, calls).Reject(486))
	if e := event[sip.Ended](t, them); e.Code != 486 {
		t.Errorf("%+v", e)
	}
	them, err = phone.Dial(t.Context(), sip.Outgoing{To: practice, From: patient, Media: audio(40000)})
	must(t, err)
	us := next(t, calls)
	must(t, us.Ring())
	event[sip.Ringing](t, them)
	them.Hang()
	if e := event[sip.Ended](t, us); e.By != sip.Them {
		t.Errorf("%+v", e)
	}
	them, err = phone.Dial(t.Context(), sip.Outgoing{To: "01632 960999", From: patient, Media: audio(40000)})
	must(t, err)
	if e := event[sip.Ended](t, them); e.Code != 404 {
		t.Errorf("%+v", e)
	}
}

func TestAWrongWordDoesNotRegister(t *testing.T) {
	c := open(t)
	s, _ := registered(t, c, accounts[0], "another word")
	eventually(t, "nothing is said of it", func() bool { return s.State()[0].Why != "not yet asked" && !s.State()[0].Up })
	if c.Registered("practice") {
		t.Error("it registered")
	}
}

func TestTheCarrierIsNotForTheWorld(t *testing.T) {
	for _, at := range []string{"0.0.0.0:0", "[::]:0", ":0", "198.51.100.1:5060", net.JoinHostPort("", "0")} {
		if c, err := carrier.New(at, nil); err == nil {
			t.Errorf("it listens at %s: %v", at, c)
		}
	}
}
