package exchange_test

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"heartwood/internal/call/carrier"
	"heartwood/internal/call/exchange"
	"heartwood/internal/call/media"
	"heartwood/internal/call/room"
	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

// Numbers from Ofcom's drama ranges.
const (
	ours    = "+441632960001"
	theirs  = "+447700900123"
	ods     = ident.ODS("Z99901")
	patient = 10 * time.Second // how long something may take that takes much less
)

var (
	here   = netip.MustParseAddr("127.0.0.1")
	open   = time.Date(2026, 11, 30, 10, 0, 0, 0, words.London) // a Monday
	closed = time.Date(2026, 11, 29, 10, 0, 0, 0, words.London)
)

// town is a practice with a telephone, and somebody with one who may ring it.
type town struct {
	t     *testing.T
	calls *callflow.Service
	phone *sip.Server
	sound *media.Switchboard
}

// build makes a town at a moment, from which time goes on.
func build(t *testing.T, now time.Time) *town {
	t.Helper()
	began := time.Now()
	store := memory.Open(t, func() time.Time { return now.Add(time.Since(began)) })
	p, err := store.Practice(ods)
	must(t, err)
	plan, err := callflow.Load(t.Context(), p)
	must(t, err)
	plan.Numbers = []callflow.Number{{E164: ours, Label: "Main line"}}
	must(t, callflow.Save(t.Context(), p, record.System, plan, callflow.World{Teams: map[string]bool{"CareTeam/triage": true}}))
	line, err := carrier.New("127.0.0.1:0", []carrier.Account{
		{User: "practice", Password: "practice-word", Numbers: []string{ours}},
		{User: "phone", Password: "phone-word", Numbers: []string{theirs}},
	})
	must(t, err)
	runs(t, line.Run)
	w := &town{t: t, calls: callflow.NewService(store)}
	w.sound, err = media.New(media.Config{Address: here, Low: 42000, High: 42999})
	must(t, err)
	runs(t, w.sound.Run)
	w.practice(store, line)
	w.phone, err = sip.New(at(t, line, "phone"))
	must(t, err)
	runs(t, func(ctx context.Context) error { return w.phone.Run(ctx, func(c *sip.Call) { _ = c.Reject(486) }) })
	eventually(t, "both lines are registered", func() bool { return line.Registered("practice") && line.Registered("phone") })
	return w
}

func (w *town) practice(store *record.Store, line *carrier.Carrier) {
	sound, err := media.New(media.Config{Address: here, Low: 41000, High: 41999})
	must(w.t, err)
	rooms, err := room.New(room.Config{Listen: netip.AddrPortFrom(here, 0)})
	must(w.t, err)
	x, err := exchange.New(exchange.Config{
		Store: store, Calls: w.calls, SIP: at(w.t, line, "practice"), Media: sound, Rooms: rooms, Address: here, Host: "test",
		Slog: slog.New(slog.DiscardHandler),
	})
	must(w.t, err)
	runs(w.t, x.Run)
	w.t.Cleanup(func() { _ = rooms.Close() })
}

func at(t *testing.T, line *carrier.Carrier, user string) sip.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), user)
	must(t, os.WriteFile(path, []byte(user+"-word"), 0o600))
	secret, err := sip.ReadSecret(path)
	must(t, err)
	return sip.Config{
		Listen: sip.Listen{UDP: "127.0.0.1:0"}, Log: slog.New(slog.DiscardHandler),
		Ours:   func(n string) bool { return n == theirs },
		Trunks: []sip.Trunk{{Name: "carrier", Server: line.Addr().String(), User: user, Secret: secret, Register: true}},
	}
}

// rings has the person ring the practice, until it answers.
func (w *town) rings() (*sip.Call, *media.Leg) {
	w.t.Helper()
	leg, err := w.sound.NewLeg(media.Outside)
	must(w.t, err)
	local := sip.Media{Addr: netip.AddrPortFrom(here, leg.Port()), Codec: sip.ALaw, DTMF: 101, Ptime: 20}
	c, err := w.phone.Dial(w.t.Context(), sip.Outgoing{To: ours, From: theirs, Media: local})
	must(w.t, err)
	for e := range c.Events() {
		if a, ok := e.(sip.Answered); ok {
			must(w.t, leg.Connect(media.Remote{Addr: a.Media.Addr, Events: a.Media.DTMF}))
			return c, leg
		}
	}
	w.t.Fatal("the practice does not answer")
	return nil, nil
}

// kept waits until the record has calls of which something holds.
func (w *town) kept(why string, holds func([]callflow.Call) bool) []callflow.Call {
	w.t.Helper()
	var all []callflow.Call
	eventually(w.t, why, func() bool {
		var err error
		all, err = w.calls.Between(context.Background(), ods, open.AddDate(0, 0, -7), open.AddDate(0, 0, 7))
		must(w.t, err)
		return holds(all)
	})
	return all
}

// Who is cut off in the queue and rings again from the same number has the
// place back; the first call is a missed one.
func TestThePlaceIsKept(t *testing.T) {
	hazard.Covers(t, "H-044")
	w := build(t, open)
	c, leg := w.rings()
	eventually(t, "something is said", func() bool { return leg.Quality().Received > 20 })
	must(t, leg.Press("1"))
	w.kept("the caller is in the queue", func(all []callflow.Call) bool { return len(all) == 1 && all[0].Waiting() })
	c.Hang()
	first := w.kept("the call has ended", func(all []callflow.Call) bool { return !all[0].Open() })[0]
	if first.Outcome != callflow.Missed || first.From != theirs || first.To != ours {
		t.Errorf("the first call: %+v", first)
	}
	again, leg := w.rings()
	defer again.Hang()
	must(t, leg.Press("1"))
	all := w.kept("the caller is in the queue again", func(all []callflow.Call) bool {
		return slices.ContainsFunc(all, func(c callflow.Call) bool { return c.Waiting() && c.ID != first.ID })
	})
	for _, c := range all {
		if c.ID != first.ID && (c.Returned != first.ID || !c.Since.Equal(first.Since)) {
			t.Errorf("the second call: %+v", c)
		}
	}
}

// A practice that is shut says so and hangs up: the call ended in the menu.
func TestShut(t *testing.T) {
	w := build(t, closed)
	c, leg := w.rings()
	heard := false
	late := time.After(time.Minute)
	for {
		select {
		case _, more := <-c.Events():
			if more {
				continue
			}
		case <-late:
			t.Fatal("the call goes on and on")
		case <-time.After(100 * time.Millisecond):
			heard = heard || leg.Quality().Received > 50
			continue
		}
		break
	}
	if !heard {
		t.Error("nothing was said")
	}
	all := w.kept("the call has ended", func(all []callflow.Call) bool { return len(all) == 1 && !all[0].Open() })
	if all[0].Outcome != callflow.InMenu || all[0].Why != callflow.PlayedOut {
		t.Errorf("the call: %+v", all[0])
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// runs runs a part until the test ends.
func runs(t *testing.T, part func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- part(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func eventually(t *testing.T, why string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patient); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patient, why)
		}
	}
}
