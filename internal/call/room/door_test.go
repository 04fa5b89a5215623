package room_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"heartwood/internal/call/room"
	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

func deaf(signal.Said) {}

// join brings somebody without a browser to the room.
func join(t *testing.T, r *room.Room, key string, host bool) (*room.Member, *[]signal.Said) {
	t.Helper()
	var said []signal.Said
	m, err := r.Join(room.Guest{Key: key, Name: key, Role: room.Patient, Host: host}, func(s signal.Said) { said = append(said, s) })
	if err != nil {
		t.Fatal(err)
	}
	return m, &said
}

func tell(m *room.Member, format string, args ...any) error {
	return m.Tell(context.Background(), fmt.Appendf(nil, format, args...))
}

func last(said *[]signal.Said, kind string) (s signal.Said) {
	for _, x := range *said {
		if x.Kind == kind {
			s = x
		}
	}
	return s
}

func TestWhoMayComeIn(t *testing.T) {
	hazard.Covers(t, "H-050")
	hazard.Covers(t, "H-051")
	r := newRoom(t, engine(t, room.Config{Listen: loopback}))
	for _, g := range []room.Guest{{}, {Key: "x"}, {Role: room.Patient}, {Key: "x", Role: "ghost"}} {
		if _, err := r.Join(g, deaf); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", g, err)
		}
	}
	host, heard := join(t, r, "staff", true)
	first, firstHeard := join(t, r, "one", false)
	second, secondHeard := join(t, r, "two", false)
	if p := last(secondHeard, signal.Waiting).Position; p != 2 {
		t.Errorf("the second waits at %d", p)
	}
	if w := last(heard, signal.People).Waiting; len(w) != 2 || w[0].Name != "one" {
		t.Errorf("staff see waiting: %+v", w)
	}
	if _, err := r.Join(room.Guest{Key: "one", Name: "thief", Role: room.Carer}, deaf); !fault.Is(err, fault.Conflict) {
		t.Errorf("a link used twice: %v", err)
	}
	if last(heard, signal.Try).Who != "thief" {
		t.Error("staff were not told of a link used twice")
	}
	for _, m := range []string{"admit", "remove", "silence", "lock"} {
		if err := tell(first, `{"kind":%q,"who":%q}`, m, second.ID()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a guest may %s: %v", m, err)
		}
	}
	if err := tell(host, `{"kind":"admit","who":%q}`, first.ID()); err != nil {
		t.Fatal(err)
	}
	if p := last(secondHeard, signal.Waiting).Position; p != 1 || last(firstHeard, signal.Admitted).You != first.ID() {
		t.Errorf("after one was let in, the next waits at %d", p)
	}
	if err := tell(host, `{"kind":"admit","who":"99"}`); !fault.Is(err, fault.NotFound) {
		t.Errorf("letting nobody in: %v", err)
	}
	tell(host, `{"kind":"lock","on":true}`)
	if _, err := r.Join(room.Guest{Key: "three", Name: "c", Role: room.Patient}, deaf); !fault.Is(err, fault.Refused) {
		t.Errorf("a locked room: %v", err)
	}
	tell(host, `{"kind":"lock"}`)
	tell(host, `{"kind":"remove","who":%q}`, second.ID())
	if _, err := r.Join(room.Guest{Key: "two", Name: "b", Role: room.Patient}, deaf); !fault.Is(err, fault.Gone) {
		t.Errorf("a burned link: %v", err)
	}
	first.Leave()
	join(t, r, "one", false) // a reloaded page
	for _, s := range *secondHeard {
		if len(s.People) > 0 || len(s.Places) > 0 {
			t.Errorf("who waited was told of who is inside: %+v", s)
		}
	}
}

func TestTwelveAndNoMore(t *testing.T) {
	r := newRoom(t, engine(t, room.Config{Listen: loopback}))
	host, _ := join(t, r, "staff", true)
	for i := range 11 {
		m, _ := join(t, r, fmt.Sprint(i), false)
		if err := tell(host, `{"kind":"admit","who":%q}`, m.ID()); err != nil {
			t.Fatal(err)
		}
	}
	m, _ := join(t, r, "late", false)
	if err := tell(host, `{"kind":"admit","who":%q}`, m.ID()); !fault.Is(err, fault.Refused) {
		t.Errorf("a thirteenth: %v", err)
	}
	if _, err := r.Dial(room.Guest{Key: "tel", Role: room.Interpreter}, newPhone()); !fault.Is(err, fault.Refused) {
		t.Errorf("a thirteenth by telephone: %v", err)
	}
	if _, err := r.Join(room.Guest{Key: "boss", Role: room.Clinician, Host: true}, deaf); !fault.Is(err, fault.Refused) {
		t.Errorf("a thirteenth of the staff: %v", err)
	}
	r.Close()
	<-r.Done()
	if _, err := r.Join(room.Guest{Key: "z", Role: room.Clinician, Host: true}, deaf); !fault.Is(err, fault.Gone) {
		t.Errorf("a room that is over: %v", err)
	}
}

func TestAMutedTelephoneIsNotHeard(t *testing.T) {
	hazard.Covers(t, "H-052")
	r := newRoom(t, engine(t, room.Config{Listen: loopback}))
	host, _ := join(t, r, "staff", true)
	one, two := newPhone(), newPhone()
	m, err := r.Dial(room.Guest{Key: "tel1", Role: room.Carer}, one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Dial(room.Guest{Key: "tel2", Role: room.Interpreter}, two); err != nil {
		t.Fatal(err)
	}
	sing(t, 900, one.speak)
	until(t, "one telephone hears the other", func() bool { return two.loudness(900) > 0.1 })
	tell(host, `{"kind":"silence","who":%q}`, m.ID())
	until(t, "the muted one is not heard", func() bool { return two.loudness(900) < 0.001 })
	tell(m, `{"kind":"mute"}`)
	until(t, "it is heard again", func() bool { return two.loudness(900) > 0.1 })
}

// FuzzRoomOffer: whatever a person in a room offers is answered or refused.
func FuzzRoomOffer(f *testing.F) {
	e, err := room.New(room.Config{Listen: loopback})
	if err != nil {
		f.Fatal(err)
	}
	r, err := e.NewRoom()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	f.Add(sample(f, "room.sdp"), "0", "1")
	f.Fuzz(func(t *testing.T, sdp, voice, camera string) {
		m, err := r.Join(room.Guest{Key: "k", Role: room.Clinician, Host: true}, deaf)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Leave()
		raw, err := json.Marshal(signal.Heard{Kind: signal.Offer, SDP: sdp, Sends: map[string]string{voice: "voice", camera: "camera"}})
		if err != nil {
			t.Skip()
		}
		if err := m.Tell(t.Context(), raw); fault.KindOf(err) == fault.Internal && err != nil {
			t.Fatal(err)
		}
	})
}

func TestARoomTakesASampleOffer(t *testing.T) {
	r := newRoom(t, engine(t, room.Config{Listen: loopback}))
	m, said := join(t, r, "staff", true)
	raw, err := json.Marshal(signal.Heard{Kind: signal.Offer, SDP: sample(t, "room.sdp"), Sends: map[string]string{"0": "voice", "1": "camera"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Tell(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	if last(said, signal.Answer).SDP == "" {
		t.Errorf("no answer: %+v", *said)
	}
}
