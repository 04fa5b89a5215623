package room_test

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/call/room"
	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// phone is somebody on a telephone: it says a tone and measures what it hears.
type phone struct {
	to   atomic.Pointer[func([]byte)]
	done chan struct{}

	mu    sync.Mutex // protects the field below
	heard []float64  // the last 200 ms
}

func newPhone() *phone { return &phone{done: make(chan struct{})} }

func (p *phone) OnFrame(f func([]byte)) { p.to.Store(&f) }
func (p *phone) Done() <-chan struct{}  { return p.done }

func (p *phone) speak(alaw []byte) error {
	if f := p.to.Load(); f != nil {
		(*f)(alaw)
	}
	return nil
}

func (p *phone) Write(alaw []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range alaw {
		p.heard = append(p.heard, float64(fromALaw(b))/32768)
	}
	p.heard = p.heard[max(0, len(p.heard)-1600):]
	return nil
}

// loudness is how strong a tone is in the last 200 ms, by Goertzel's method.
func (p *phone) loudness(hz float64) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := 2 * math.Cos(2*math.Pi*hz/8000)
	var a, b float64
	for _, x := range p.heard {
		a, b = x+w*a-b, a
	}
	return math.Sqrt(a*a+b*b-w*a*b) / float64(max(1, len(p.heard))) * 2
}

func newRoom(t *testing.T, e *room.Engine) *room.Room {
	t.Helper()
	r, err := e.NewRoom()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// comes brings a person in the page to the room, with a tone for a voice.
func comes(t *testing.T, c *chromium, r *room.Room, g room.Guest, hz float64) *room.Member {
	t.Helper()
	d := c.through(g.Name)
	m, err := r.Join(g, func(s signal.Said) { d.said <- s })
	if err != nil {
		t.Fatal(err)
	}
	d.member = m
	c.do(nil, `const g = people[args[0]] = new Guest(args[0], args[1]); await g.open();`, g.Name, hz)
	return m
}

// sees waits until the page shows moving pictures of whom.
func sees(t *testing.T, c *chromium, name string, whom *room.Member, track string) {
	t.Helper()
	var before int
	c.do(&before, `return people[args[0]].frames(args[1], args[2])`, name, whom.ID(), track)
	until(t, name+" sees "+whom.ID(), func() bool {
		var now int
		c.do(&now, `return people[args[0]].frames(args[1], args[2])`, name, whom.ID(), track)
		return now > before+5
	})
}

// listens waits until the page plays a tone of whom, or no longer does.
func listens(t *testing.T, c *chromium, name string, whom *room.Member, hz float64, loud bool) {
	t.Helper()
	until(t, name+" hears (or not) "+whom.ID(), func() bool {
		var l struct{ At, Other float64 }
		c.do(&l, `return people[args[0]].loudnessOf(args[1], args[2])`, name, whom.ID(), hz)
		return loud == (l.At > -60 && l.At > l.Other+10)
	})
}

func TestConsultationOfThreeWithAnInterpreterOnTheTelephone(t *testing.T) {
	hazard.Covers(t, "H-050")
	hazard.Covers(t, "H-051")
	hazard.Covers(t, "H-052")
	c := openChromium(t)
	r := newRoom(t, engine(t, room.Config{Listen: loopback}))
	ann := comes(t, c, r, room.Guest{Key: "staff", Name: "ann", Role: room.Clinician, Host: true}, 500)
	bob := comes(t, c, r, room.Guest{Key: "link", Name: "bob", Role: room.Patient}, 700)

	var said []signal.Said
	c.do(&said, `const g = people.bob; while (!g.said.length) await new Promise((r) => setTimeout(r, 20)); return g.said`)
	if said[0].Kind != signal.Waiting || said[0].Position != 1 || len(said[0].People) > 0 {
		t.Errorf("who waits is told %+v", said[0])
	}
	var refused string
	c.do(&refused, `return people.bob.negotiate()`)
	if refused == "" {
		t.Error("who waits was connected")
	}
	c.do(nil, `return people.ann.tell({ kind: "admit", who: args[0] })`, bob.ID())
	sees(t, c, "ann", bob, signal.Camera)
	sees(t, c, "bob", ann, signal.Camera)
	listens(t, c, "ann", bob, 700, true)
	listens(t, c, "bob", ann, 500, true)

	c.do(nil, `return people.ann.share()`)
	sees(t, c, "bob", ann, signal.Screen)

	tel := newPhone()
	eve, err := r.Dial(room.Guest{Key: "tel", Name: "eve", Role: room.Interpreter}, tel)
	if err != nil {
		t.Fatal(err)
	}
	sing(t, 1000, tel.speak)
	listens(t, c, "ann", eve, 1000, true)
	listens(t, c, "bob", eve, 1000, true)
	hears := func(hz float64, loud bool) {
		t.Helper()
		until(t, "the telephone hears, or not", func() bool { return (tel.loudness(hz) > 0.02) == loud })
	}
	hears(500, true)
	hears(700, true)
	hears(1000, false) // nobody hears themselves

	c.do(nil, `return people.bob.tell({ kind: "mute", voice: true })`)
	hears(700, false)
	listens(t, c, "ann", bob, 700, false)
	hears(500, true)
	c.do(nil, `return people.bob.tell({ kind: "mute" })`)
	hears(700, true)

	c.do(nil, `return people.ann.tell({ kind: "remove", who: args[0] })`, bob.ID())
	hears(700, false)
	c.do(&said, `const g = people.bob; while (!g.said.some((s) => s.kind === "ended")) await new Promise((r) => setTimeout(r, 20)); return g.said`)
	if _, err := r.Join(room.Guest{Key: "link", Name: "bob", Role: room.Patient}, func(signal.Said) {}); !fault.Is(err, fault.Gone) {
		t.Errorf("a burned link: %v", err)
	}
	close(tel.done)
	until(t, "the telephone has left", func() bool {
		c.do(&said, `return people.ann.said.filter((s) => s.kind === "people")`)
		return len(said[len(said)-1].People) == 1
	})
	r.Close()
	<-r.Done()
}

func TestConsultationComesBackAfterTheNetworkChanged(t *testing.T) {
	c := openChromium(t)
	e := engine(t, room.Config{Listen: loopback, External: farAddrs})
	net := openNetwork(t, e.Addr())
	r := newRoom(t, e)
	ann := comes(t, c, r, room.Guest{Key: "a", Name: "ann", Role: room.Clinician, Host: true}, 500)
	bob := comes(t, c, r, room.Guest{Key: "b", Name: "bob", Role: room.Colleague, Host: true}, 700)
	sees(t, c, "ann", bob, signal.Camera)
	sees(t, c, "bob", ann, signal.Camera)
	net.cutAll()
	began := time.Now()
	c.do(nil, `await Promise.all([people.ann.negotiate({ iceRestart: true }), people.bob.negotiate({ iceRestart: true })])`)
	sees(t, c, "ann", bob, signal.Camera)
	sees(t, c, "bob", ann, signal.Camera)
	listens(t, c, "ann", bob, 700, true)
	t.Logf("back after %v", time.Since(began).Round(10*time.Millisecond))
}

// A line that is too weak for pictures carries voices alone, and pictures
// again when it has become better.
func TestVoicesComeBeforePictures(t *testing.T) {
	c := openChromium(t)
	e := engine(t, room.Config{Listen: loopback, External: farAddrs})
	net := openNetwork(t, e.Addr())
	r := newRoom(t, e)
	ann := comes(t, c, r, room.Guest{Key: "a", Name: "ann", Role: room.Clinician, Host: true}, 500)
	bob := comes(t, c, r, room.Guest{Key: "b", Name: "bob", Role: room.Colleague, Host: true}, 700)
	sees(t, c, "ann", bob, signal.Camera)
	paused := func(want bool) {
		t.Helper()
		until(t, "pictures are held back, or not", func() bool {
			var is bool
			c.do(&is, `return Boolean(people.ann.place(args[0], "camera")?.paused)`, bob.ID())
			return is == want
		})
	}
	net.limit.Store(8_000)
	paused(true)
	listens(t, c, "ann", bob, 700, true)
	listens(t, c, "bob", ann, 500, true)
	net.limit.Store(0)
	paused(false)
	sees(t, c, "ann", bob, signal.Camera)
}
