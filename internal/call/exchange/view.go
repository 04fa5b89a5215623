package exchange

import (
	"cmp"
	"context"
	"slices"
	"time"

	"heartwood/internal/care/callflow"
	"heartwood/internal/ident"
)

// View is what one person's telephone shows.
type View struct {
	Now     time.Time
	Ready   bool
	Trunk   string // why no calls come; "" when they can
	Mine    []Mine
	Waiting []callflow.Call // the next first
	Owed    []callflow.CallBack
	Others  []Other
}

// Mine is a call that rings for this person, that they talk to, or that they
// have yet to say they are done with.
type Mine struct {
	Call   callflow.Call
	State  string    // ringing, talking, held, dialling, ended
	Since  time.Time // when that began
	Now    time.Time
	Muted  bool
	Loss   *float64 // part of the sound that was lost of late; nil: not known
	People []Person // who has this number, or who it is once that is confirmed
}

// Person is a patient of the practice.
type Person struct {
	Ref  ident.Ref
	Name string
	Born string
}

// Other is a colleague at a telephone.
type Other struct{ Ref, Name, State string }

// View gives what is to be shown now.
func (s *Seat) View(ctx context.Context) (v View, err error) {
	return v, s.b.ask(ctx, func() error {
		if s.left {
			return elsewhere()
		}
		now := s.b.now()
		v.Now = now
		v.Ready, v.Trunk = s.ready, s.b.x.trunkTrouble()
		for _, c := range s.ringing {
			v.Mine = append(v.Mine, s.show(c.state, c, "ringing", now))
		}
		if c := s.talking; c != nil {
			v.Mine = append(v.Mine, s.show(c.state, c, talkState(c.state), now))
		}
		for _, e := range s.finish {
			v.Mine = append(v.Mine, s.show(e, nil, "ended", now))
		}
		v.Waiting = s.b.waiting()
		for _, o := range s.b.back {
			if !s.b.ringing(o.ID) {
				v.Owed = append(v.Owed, o)
			}
		}
		v.Others = s.b.others(s, now)
		return nil
	})
}

func talkState(c callflow.Call) string {
	switch {
	case c.Stage == callflow.Dialled:
		return "dialling"
	case c.Held:
		return "held"
	}
	return "talking"
}

func (s *Seat) show(st callflow.Call, c *call, state string, now time.Time) Mine {
	m := Mine{Call: st, State: state, Since: st.At, Now: now, People: s.b.people[st.ID]}
	switch {
	case state == "ringing":
		m.Since = st.Queued
	case !st.Answered.IsZero():
		m.Since = st.Answered
	}
	if c != nil && s.talking == c && c.line != nil {
		loss := c.line.loss()
		m.Muted, m.Loss = s.muted, &loss
	}
	return m
}

// waiting is who waits in all queues.
func (b *board) waiting() []callflow.Call {
	var out []callflow.Call
	for _, c := range b.states() {
		if c.Waiting() {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, callflow.Before)
	return out
}

// others is who else is at a telephone.
func (b *board) others(than *Seat, now time.Time) []Other {
	var out []Other
	for _, s := range b.seats {
		if s == than || s.gone(now) {
			continue
		}
		state := "not taking calls"
		switch {
		case s.talking != nil:
			state = "talking"
		case len(s.ringing) > 0:
			state = "ringing"
		case s.ready:
			state = "free"
		}
		out = append(out, Other{Ref: s.who.Ref, Name: s.who.Name, State: state})
	}
	slices.SortFunc(out, func(a, b Other) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Ref, b.Ref)) })
	return out
}
