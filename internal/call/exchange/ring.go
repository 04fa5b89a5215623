package exchange

import (
	"slices"
	"time"

	"heartwood/internal/call/media"
	"heartwood/internal/call/room"
	"heartwood/internal/care/callflow"
)

// What follows runs on the board's goroutine.

// gone tells whether the browser has said nothing for too long.
func (s *Seat) gone(now time.Time) bool { return now.Sub(s.beat) > silence }

func (s *Seat) connected() bool { return s.voice != nil && s.voice.State() == room.Connected }

// agent is this person as callflow sees them.
func (s *Seat) agent(now time.Time) callflow.Agent {
	return callflow.Agent{
		Ref: s.who.Ref, Teams: s.b.teams(s.who.Ref), Beat: s.beat, Free: s.free, Talked: s.talked,
		Busy: !s.ready || !s.connected() || s.talking != nil || len(s.ringing) > 0,
	}
}

func (s *Seat) ring(c *call) {
	if !slices.Contains(s.ringing, c) {
		s.ringing = append(s.ringing, c)
	}
}

func (s *Seat) unring(c *call) {
	s.ringing = slices.DeleteFunc(s.ringing, func(o *call) bool { return o == c })
}

// declineAll passes on everything that rings here.
func (s *Seat) declineAll() {
	for _, c := range slices.Clone(s.ringing) {
		s.unring(c)
		s.b.happen(c, callflow.Event{What: callflow.Declined, By: s.who.Ref})
	}
}

// talk has this person talk to a caller.
func (s *Seat) talk(c *call) {
	s.unring(c)
	s.declineAll()
	s.talking, s.muted = c, false
	s.sound.Mute(false)
}

// let ends talking to a caller who goes on elsewhere.
func (s *Seat) let(c *call) {
	if s.talking == c {
		s.talking, s.free, s.talked = nil, s.b.now(), true
		s.finish = append(s.finish, c.state)
		if s.sound != nil {
			_ = s.sound.Leave() // it has gone already where this fails
		}
	}
	if c.seat == s {
		c.seat = nil
	}
}

// ended takes a call that has ended off this telephone.
func (s *Seat) ended(c *call) {
	s.unring(c)
	s.let(c)
}

// quit is what happens to the calls of a browser that has gone: what rings,
// rings for others. Who is talked to waits for it to come back, for a while.
func (b *board) quit(s *Seat) {
	s.declineAll()
	if s.talking == nil || b.now().Sub(s.beat) > stays {
		if c := s.talking; c != nil {
			b.happen(c, callflow.Event{What: callflow.Lost, By: s.who.Ref})
			s.let(c)
		}
		s.shut()
		if len(s.finish) == 0 {
			delete(b.seats, s.who.Ref)
			b.changed()
		}
	}
}

// stays is how long a caller is kept for a browser that has gone.
const stays = 40 * time.Second

// take gives the person a new connection for their sound, in place of one that
// has ended.
func (s *Seat) take(v *room.Voice) error {
	s.shut()
	w, err := s.b.x.Media.NewWire(media.Practice)
	if err != nil {
		_ = v.Close()
		return err
	}
	// What does not go out is lost, as on any line.
	w.OnFrame(func(alaw []byte) { _ = v.Write(alaw) })
	v.OnFrame(func(alaw []byte) { _ = w.Write(alaw) })
	v.OnState(func(room.State) { go s.b.tell(s.b.changed) })
	s.voice, s.sound = v, w
	if c := s.talking; c != nil && !c.state.Held {
		return c.line.join(w)
	}
	return nil
}

// shut ends the sound.
func (s *Seat) shut() {
	if s.voice != nil {
		_ = s.voice.Close()
		s.sound.Close()
		s.voice, s.sound = nil, nil
	}
}

// takesCalls tells whether somebody could be put through to.
func (b *board) takesCalls(who string) bool {
	s := b.seats[who]
	return s != nil && s.connected() && s.talking == nil && !s.gone(b.now())
}

// leave is for when the telephone stops.
func (s *Seat) leave() {
	s.left = true
	s.shut()
	s.wake()
}
