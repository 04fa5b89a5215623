package room

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"heartwood/internal/call/room/signal"
	"heartwood/internal/fault"
)

// Role is as what somebody takes part.
type Role string

// The roles.
const (
	Patient     Role = "patient"
	Clinician   Role = "clinician"
	Interpreter Role = "interpreter"
	Carer       Role = "carer"
	Chaperone   Role = "chaperone"
	Colleague   Role = "colleague"
	Student     Role = "student"
)

var roles = []Role{Patient, Clinician, Interpreter, Carer, Chaperone, Colleague, Student}

// Guest is somebody whom a door has let come to a room.
type Guest struct {
	Key  string // by which link or account they come: one person at a time, and none once it is burned
	Name string // as others see it
	Role Role
	Host bool // lets in, silences, removes and locks; need not wait
}

const (
	places = 12 // people in a room, and as many who wait
	tick   = 500 * time.Millisecond
)

// Room is one consultation: who is in it, and what each of them sees and
// hears. Nobody's sound or picture leaves it, and nobody gets any before a
// host let them in.
type Room struct {
	engine *Engine
	over   chan struct{} // closed when nobody may come any more
	done   chan struct{}
	busy   sync.WaitGroup
	end    sync.Once

	mu      sync.Mutex // protects all fields below
	closed  bool
	locked  bool
	next    int // for ids
	in      []*Member
	waiting []*Member
	burned  map[string]bool // keys that open this room no more
	sources []*source
	mixing  bool
	speaker *Member
}

// NewRoom opens a room. It lasts until Close, also while it is empty.
func (e *Engine) NewRoom() (*Room, error) {
	r := &Room{engine: e, over: make(chan struct{}), done: make(chan struct{}), burned: map[string]bool{}}
	if err := e.admit(r, r.done); err != nil {
		return nil, err
	}
	r.busy.Add(1)
	go r.watch()
	return r, nil
}

// Done is closed when the room is over and nothing of it is left.
func (r *Room) Done() <-chan struct{} { return r.done }

// Close ends the consultation for everybody. It does not wait: Done tells.
func (r *Room) Close() error {
	r.end.Do(func() {
		r.mu.Lock()
		r.closed = true
		for _, m := range slices.Concat(r.in, r.waiting) {
			r.out(m, "The consultation is over.")
		}
		r.mu.Unlock()
		close(r.over)
		go func() {
			r.busy.Wait()
			r.engine.leave(r)
			close(r.done)
		}()
	})
	return nil
}

// Join brings a browser to the room: a host at once, others to the waiting
// room. say is called with all that the browser is to be told; it must not
// wait, nor call the room.
func (r *Room) Join(g Guest, say func(signal.Said)) (*Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.mayCome(g); err != nil {
		return nil, err
	}
	m := r.newMember(g)
	m.say = say
	if g.Host {
		r.enter(m)
	} else {
		r.waiting = append(r.waiting, m)
		r.tell()
	}
	return m, nil
}

func full() error {
	return fault.New(fault.Refused, "The room is full: %d people are in it.", places)
}

// mayCome is asked under the lock.
func (r *Room) mayCome(g Guest) error {
	same := func(m *Member) bool { return m.guest.Key == g.Key }
	switch {
	case r.closed:
		return fault.New(fault.Gone, "This consultation is over.")
	case g.Key == "" || !slices.Contains(roles, g.Role):
		return fault.New(fault.Invalid, "It is not known who comes to the room.")
	case r.burned[g.Key]:
		return fault.New(fault.Gone, "This link cannot be used any more.")
	case slices.ContainsFunc(slices.Concat(r.in, r.waiting), same):
		r.toHosts(signal.Said{Kind: signal.Try, Who: g.Name})
		return fault.New(fault.Conflict, "Somebody is using this link already.")
	case r.locked && !g.Host:
		return fault.New(fault.Refused, "The room is locked. Nobody else can come in.")
	case g.Host && len(r.in) >= places || !g.Host && len(r.waiting) >= places:
		return full()
	}
	return nil
}

func (r *Room) newMember(g Guest) *Member {
	r.next++
	return &Member{room: r, id: strconv.Itoa(r.next), guest: g}
}

// enter lets m in, under the lock.
func (r *Room) enter(m *Member) {
	r.in = append(r.in, m)
	m.admitted = true
	m.say(signal.Said{Kind: signal.Admitted, You: m.id})
	r.settle()
}

// out takes m out and ends its connection, under the lock.
func (r *Room) out(m *Member, why string) {
	same := func(o *Member) bool { return o == m }
	if !slices.ContainsFunc(slices.Concat(r.in, r.waiting), same) {
		return
	}
	r.in = slices.DeleteFunc(r.in, same)
	r.waiting = slices.DeleteFunc(r.waiting, same)
	m.gone = true
	for _, s := range r.sources {
		if s.owner == m {
			s.hushed.Store(true)
		}
	}
	r.sources = slices.DeleteFunc(r.sources, func(s *source) bool { return s.owner == m })
	m.say(signal.Said{Kind: signal.Ended, Why: why})
	if m.link != nil {
		_ = m.link.Close()
	}
	r.settle()
}

// Admit lets somebody in from the waiting room, as a host's message does.
func (r *Room) admit(id string) error {
	i := slices.IndexFunc(r.waiting, func(m *Member) bool { return m.id == id })
	switch {
	case i < 0:
		return fault.At(fault.NotFound, "who", "Nobody of that name waits.")
	case len(r.in) >= places:
		return full()
	}
	m := r.waiting[i]
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.enter(m)
	return nil
}

// remove takes somebody out for good: their link opens nothing any more.
func (r *Room) remove(id string) error {
	m := r.find(id)
	if m == nil {
		return fault.At(fault.NotFound, "who", "Nobody of that name is here.")
	}
	r.burned[m.guest.Key] = true
	r.out(m, "You were taken out of the room. Ring the practice if you think that is wrong.")
	return nil
}

// silence mutes somebody. Only they can unmute themselves.
func (r *Room) silence(id string) error {
	m := r.find(id)
	if m == nil || !m.admitted {
		return fault.At(fault.NotFound, "who", "Nobody of that name is here.")
	}
	m.mute(true, m.hidden)
	return nil
}

func (r *Room) find(id string) *Member {
	for _, m := range slices.Concat(r.in, r.waiting) {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (r *Room) toHosts(what signal.Said) {
	for _, m := range r.in {
		if m.guest.Host {
			m.say(what)
		}
	}
}

// tell tells everybody who is here, and who waits how long the queue is.
func (r *Room) tell() {
	here := people(r.in)
	queue := people(r.waiting)
	for _, m := range r.in {
		s := signal.Said{Kind: signal.People, You: m.id, People: here, Locked: r.locked}
		if m.guest.Host {
			s.Waiting = queue
		}
		m.say(s)
	}
	for i, m := range r.waiting {
		m.say(signal.Said{Kind: signal.Waiting, Position: i + 1})
	}
}

func people(ms []*Member) (out []signal.Person) {
	for _, m := range ms {
		out = append(out, m.person())
	}
	return out
}
