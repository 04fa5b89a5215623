package exchange

import (
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/call/media"
	"heartwood/internal/call/room"
	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// silence is how long a browser may say nothing before it counts as gone.
const silence = 15 * time.Second

// Seat is one person at a telephone in a browser. Its methods may be called
// from any goroutine.
type Seat struct {
	b       *board
	who     access.Person
	changed chan struct{}

	// What follows belongs to the board's goroutine.
	voice   *room.Voice
	sound   *media.Wire // the browser in the mixes
	ready   bool
	beat    time.Time
	free    time.Time // since when
	talked  bool
	ringing []*call
	talking *call
	finish  []callflow.Call // that ended, and are not said to be done with
	muted   bool
	left    bool
}

// Sit takes a place at the telephone of a practice. Whoever sits there already
// gets up: a person has one telephone.
func (x *Exchange) Sit(ctx context.Context, who access.Person) (*Seat, error) {
	if err := access.May(who, access.WorkQueue, who.Practice, ""); err != nil {
		return nil, err
	}
	b, err := x.board(who.Practice)
	if err != nil {
		return nil, err
	}
	s := &Seat{b: b, who: who, changed: make(chan struct{}, 1)}
	return s, b.ask(ctx, func() error {
		read, done := b.while()
		defer done()
		b.refresh(read)
		if old := b.seats[who.Ref]; old != nil {
			s.inherit(old)
		}
		s.beat, s.free = b.now(), b.now()
		b.seats[who.Ref] = s
		b.changed()
		return nil
	})
}

// inherit takes over the calls of a person who has come in by another page.
func (s *Seat) inherit(old *Seat) {
	s.ready, s.talked, s.talking, s.finish, s.muted = old.ready, old.talked, old.talking, old.finish, old.muted
	s.voice, s.sound, old.voice, old.sound = old.voice, old.sound, nil, nil
	s.ringing = old.ringing
	if s.talking != nil {
		s.talking.seat = s
	}
	old.left = true
	old.wake()
}

// Changed says that View has something new.
func (s *Seat) Changed() <-chan struct{} { return s.changed }

func (s *Seat) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (b *board) changed() {
	for _, s := range b.seats {
		s.wake()
	}
}

// Beat says that the browser is there.
func (s *Seat) Beat() { s.b.tell(func() { s.beat = s.b.now() }) }

// Leave gets up: what rings, rings for others; who is talked to goes on for a
// while, for the page may come back.
func (s *Seat) Leave() {
	s.b.tell(func() {
		if s.b.seats[s.who.Ref] == s {
			s.beat = s.b.now().Add(-silence)
			s.declineAll()
			s.b.changed()
		}
	})
}

// Ready says whether calls may ring here.
func (s *Seat) Ready(ctx context.Context, on bool) error {
	return s.do(ctx, func() error {
		s.ready = on
		s.free = s.b.now()
		if !on {
			s.declineAll()
		}
		s.b.hunt()
		return nil
	})
}

// Voice connects the browser's sound, or finds a new way for it, and gives the
// answer to its offer.
func (s *Seat) Voice(ctx context.Context, offer string) (answer string, err error) {
	var v *room.Voice
	if err := s.do(ctx, func() error { v = s.voice; return nil }); err != nil {
		return "", err
	}
	if v != nil && v.State() != room.Ended {
		if answer, err = v.Resume(ctx, offer); err == nil {
			return answer, nil
		}
	}
	fresh, answer, err := s.b.x.Rooms.Voice(ctx, offer)
	if err != nil {
		return "", err
	}
	return answer, s.do(ctx, func() error {
		return s.take(fresh)
	})
}

// Answer picks up a call that rings here, or takes one that waits.
func (s *Seat) Answer(ctx context.Context, id string) error {
	return s.with(ctx, id, func(c *call) error {
		if err := s.mayTalk(); err != nil {
			return err
		}
		if !c.state.Waiting() {
			return fault.New(fault.Conflict, "Somebody else has answered this call, or the caller has gone.")
		}
		if !slices.Contains(c.state.Ringing, s.who.Ref) { // taken from the list
			s.b.happen(c, callflow.Event{What: callflow.Offered, By: s.who.Ref})
		}
		s.b.happen(c, callflow.Event{What: callflow.Picked, By: s.who.Ref})
		if c.state.By != s.who.Ref {
			return fault.New(fault.Conflict, "Somebody else has answered this call.")
		}
		return nil
	})
}

// Decline passes a call that rings here on to others.
func (s *Seat) Decline(ctx context.Context, id string) error {
	return s.with(ctx, id, func(c *call) error {
		s.unring(c)
		s.b.happen(c, callflow.Event{What: callflow.Declined, By: s.who.Ref})
		s.b.hunt()
		return nil
	})
}

// Hold puts the caller on hold, or takes them off.
func (s *Seat) Hold(ctx context.Context, id string, on bool) error {
	return s.mine(ctx, id, func(c *call) error {
		what := callflow.Resumed
		if on {
			what = callflow.Held
		}
		s.b.happen(c, callflow.Event{What: what, By: s.who.Ref})
		if c.state.Held {
			c.line.music()
			return nil
		}
		return c.line.join(s.sound)
	})
}

// Mute has the caller not hear this person, or hear them again.
func (s *Seat) Mute(ctx context.Context, id string, on bool) error {
	return s.mine(ctx, id, func(c *call) error {
		s.muted = on
		s.sound.Mute(on)
		return nil
	})
}

// Hang hangs up.
func (s *Seat) Hang(ctx context.Context, id string) error {
	return s.mine(ctx, id, func(c *call) error {
		s.b.happen(c, callflow.Event{What: callflow.HungUp, By: s.who.Ref})
		return nil
	})
}

// Transfer puts the caller through to a colleague, a queue or a number of the
// practice's network.
func (s *Seat) Transfer(ctx context.Context, id, to string) error {
	return s.mine(ctx, id, func(c *call) error {
		if strings.HasPrefix(to, "Practitioner/") && !s.b.takesCalls(to) {
			return fault.New(fault.Refused, "They are not free just now.")
		}
		s.b.happen(c, callflow.Event{What: callflow.Transferred, By: s.who.Ref, To: to})
		if c.state.By == s.who.Ref && c.state.Stage == callflow.Talking {
			return fault.New(fault.Refused, "They cannot be put through there.")
		}
		s.let(c)
		s.b.hunt()
		return nil
	})
}

// Confirm says who is calling: a person has asked. "" takes it back. It may be
// said of a call that has ended, until it is done with.
func (s *Seat) Confirm(ctx context.Context, id, patient string) error {
	return s.do(ctx, func() error {
		if err := s.mayBe(ctx, patient); err != nil {
			return err
		}
		e := callflow.Event{What: callflow.Confirmed, By: s.who.Ref, Patient: patient}
		if c := s.talking; c != nil && c.state.ID == id {
			s.b.happen(c, e)
			return nil
		}
		for i := range s.finish {
			if s.finish[i].ID == id {
				c, err := s.b.x.Calls.Note(ctx, s.b.practice.ODS(), s.who.Author(patient), id, e)
				if err == nil {
					s.finish[i] = c
				}
				return err
			}
		}
		return fault.New(fault.NotFound, "This call is not yours.")
	})
}

// mayBe refuses who is not a patient here, or whose record this person may not
// open.
func (s *Seat) mayBe(ctx context.Context, patient string) error {
	if patient == "" {
		return nil
	}
	ref, ok := ident.ParseRef(patient)
	if !ok || ref.Type != "Patient" {
		return fault.At(fault.Invalid, "patient", "This is not a patient.")
	}
	if err := access.May(s.who, access.AskOnBehalf, s.b.practice.ODS(), patient); err != nil {
		return err
	}
	_, err := s.b.practice.Read(ctx, ref)
	return err
}

// Dial rings a number, for a patient ("Patient/…") or for nobody: then this
// person talks to whoever answers.
func (s *Seat) Dial(ctx context.Context, number, patient string) error {
	return s.do(ctx, func() error {
		if err := s.mayTalk(); err != nil {
			return err
		}
		if err := s.mayBe(ctx, patient); err != nil {
			return err
		}
		return s.b.dial(s, number, patient, "")
	})
}

// CallBack rings somebody who is owed a call.
func (s *Seat) CallBack(ctx context.Context, task string) error {
	return s.do(ctx, func() error {
		if err := s.mayTalk(); err != nil {
			return err
		}
		owed, err := s.b.x.Calls.CallBack(ctx, s.b.practice.ODS(), task)
		if err != nil {
			return err
		}
		if owed.State != callflow.Due || s.b.ringing(task) {
			return fault.New(fault.Conflict, "Somebody else is calling them, or has.")
		}
		return s.b.dial(s, owed.Number, owed.Patient, task)
	})
}

// mayTalk refuses who talks already, or whose sound is not connected.
func (s *Seat) mayTalk() error {
	if s.talking != nil {
		return fault.New(fault.Refused, "You are talking to somebody. Hang up or put them through first.")
	}
	if !s.connected() {
		return fault.New(fault.Refused, "Your sound is not connected.")
	}
	return nil
}

// Finish says that nothing is left to do about a call that has ended.
func (s *Seat) Finish(ctx context.Context, id string) error {
	return s.do(ctx, func() error {
		s.finish = slices.DeleteFunc(s.finish, func(c callflow.Call) bool { return c.ID == id })
		s.b.forget(id)
		return nil
	})
}

// do has the board do something for this seat, while it is taken.
func (s *Seat) do(ctx context.Context, f func() error) error {
	return s.b.ask(ctx, func() error {
		if s.left {
			return elsewhere()
		}
		s.beat = s.b.now()
		err := f()
		s.b.changed()
		return err
	})
}

func elsewhere() error {
	return fault.New(fault.Conflict, "You have opened the telephone on another page.")
}

func (s *Seat) with(ctx context.Context, id string, f func(*call) error) error {
	return s.do(ctx, func() error {
		c := s.b.calls[id]
		if c == nil {
			return fault.New(fault.NotFound, "This call has ended.")
		}
		return f(c)
	})
}

func (s *Seat) mine(ctx context.Context, id string, f func(*call) error) error {
	return s.with(ctx, id, func(c *call) error {
		if c.seat != s || c.line == nil {
			return fault.New(fault.Forbidden, "Somebody else is talking to this caller.")
		}
		return f(c)
	})
}
