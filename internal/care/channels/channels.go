// Package channels is whether each way in is open, as data of the practice.
//
// What comes in: what a manager closes, until when and why, and what the
// practice takes while it is shut. What goes out: the state of each channel at
// a moment. It must never be closed by a count or a cap, never be closed in
// core hours without a reason and the ICB's agreement, never be closed without
// an end, and never forget that it was.
package channels

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Closure is a channel that was closed.
type Closure struct {
	Channel  request.Channel
	From, To time.Time // it opens again by itself
	Why      string
	Agreed   string // who at the ICB agreed, and when; "" when it is outside core hours
	By       string // the manager, "Practitioner/…"
	Made     time.Time
}

// Setting is what a practice has set.
type Setting struct {
	// Shut are the kinds of request that a channel takes while the practice is
	// shut. A channel that is not in it takes all of them. E-mails and texts
	// come without a kind: they are here with none, or not at all.
	Shut     map[request.Channel][]request.Kind
	Closures []Closure // those that are over too, oldest first
	Version  string
}

// longest is how long a channel can be closed at once.
const longest = 7 * 24 * time.Hour

// State is one channel at a moment.
type State struct {
	Channel request.Channel
	Open    bool
	Until   time.Time // when it opens again; zero when it is open
	Why     string
}

// Instead is what somebody is told who came by a channel that is closed. What
// they sent is kept all the same.
func (s State) Instead(now time.Time) string {
	return "This way to reach us is closed until " + words.When(s.Until, now) + ". We have kept what you sent. Until then, use our website, phone us or come to the desk."
}

// At gives the state of a channel. It is open unless somebody has closed it.
func (s Setting) At(c request.Channel, now time.Time) State {
	st := State{Channel: c, Open: true}
	for _, x := range s.Closures {
		if x.Channel == c && !now.Before(x.From) && now.Before(x.To) && x.To.After(st.Until) {
			st.Open, st.Until, st.Why = false, x.To, x.Why
		}
	}
	return st
}

// Always are the kinds that are taken at any time: somebody who may not be
// safe is never turned away.
var Always = []request.Kind{request.MentalHealth}

// Limited tells whether a channel takes only some kinds while the practice is
// shut.
func (s Setting) Limited(c request.Channel) bool {
	_, ok := s.Shut[c]
	return ok
}

// While tells whether a channel takes a kind while the practice is shut.
func (s Setting) While(c request.Channel, k request.Kind) bool {
	return !s.Limited(c) || slices.Contains(s.Shut[c], k) || slices.Contains(Always, k)
}

// Takes tells whether a channel takes a kind at a moment: all of them while
// the practice is open.
func (s Setting) Takes(c request.Channel, k request.Kind, now time.Time, h opening.Hours) bool {
	return s.While(c, k) || h.Open(now)
}

// Later is what somebody is told whose e-mail or text comes while the practice
// is shut and takes none then. What they sent is kept all the same, and words
// of danger are answered as at any time.
func Later(now time.Time, h opening.Hours) string {
	return "We are closed now. We have kept what you sent, and read it when we open " + words.When(h.Next(now).From, now) + ". If it cannot wait, call 111."
}

// InCore tells whether a closure falls in core hours at all.
func (c Closure) InCore() bool { return opening.Core().Next(c.From).From.Before(c.To) }

// CoreTime is how much of the closure lies in core hours.
func (c Closure) CoreTime() time.Duration { return opening.Core().Between(c.From, c.To) }

// Check says what is wrong with closing a channel now.
func (c Closure) Check(role string, now time.Time) error {
	var f care.Faults
	if role != care.RoleManager {
		return fault.New(fault.Forbidden, "Only a manager can close a channel.")
	}
	if !slices.Contains(request.Channels, c.Channel) || c.Channel == request.Practice {
		f.Add("channel", "Choose what is closed.")
	}
	switch {
	case !c.To.After(now) || !c.To.After(c.From):
		f.Add("to", "Say when it opens again: a time that is still to come.")
	case c.To.Sub(c.From) > longest:
		f.Add("to", "It can be closed for at most 7 days at once.")
	}
	if n := utf8.RuneCountInString(c.Why); n == 0 || n > 500 {
		f.Add("why", "Say in a few words why it is closed.")
	}
	if n := utf8.RuneCountInString(c.Agreed); n > 200 || n == 0 && c.To.After(c.From) && c.InCore() {
		f.Add("agreed", "This falls in core hours: say who at the ICB has agreed, and when.")
	}
	return f.Err()
}

// Close closes a channel until a time.
func Close(ctx context.Context, p *record.Practice, by record.Author, c Closure, seen string) error {
	now := p.Now()
	if c.From.Before(now) {
		c.From = now.Truncate(time.Second)
	}
	c.Why, c.Agreed = request.CleanText(c.Why), request.CleanText(c.Agreed)
	c.By, c.Made = by.Ref, now
	if err := c.Check(by.Role, now); err != nil {
		return err
	}
	return change(ctx, p, by, seen, "closed a channel: "+string(c.Channel), func(s *Setting) error {
		s.Closures = append(s.Closures, c)
		return nil
	})
}

// Reopen opens a channel before its time.
func Reopen(ctx context.Context, p *record.Practice, by record.Author, c request.Channel, seen string) error {
	now := p.Now().Truncate(time.Second)
	if by.Role != care.RoleManager {
		return fault.New(fault.Forbidden, "Only a manager can do this.")
	}
	return change(ctx, p, by, seen, "opened a channel again: "+string(c), func(s *Setting) error {
		for i, x := range s.Closures {
			if x.Channel == c && now.Before(x.To) {
				s.Closures[i].To = now
				if now.Before(x.From) {
					s.Closures[i].To = x.From
				}
			}
		}
		return nil
	})
}

// Take sets what each channel takes while the practice is shut.
func Take(ctx context.Context, p *record.Practice, by record.Author, shut map[request.Channel][]request.Kind, seen string) error {
	if by.Role != care.RoleManager {
		return fault.New(fault.Forbidden, "Only a manager can do this.")
	}
	limits := map[request.Channel][]request.Kind{}
	for c, kinds := range shut {
		if c == request.Practice || !slices.Contains(request.Channels, c) || c.Unnamed() && len(kinds) > 0 {
			return fault.At(fault.Invalid, "kinds", "Choose from the list.")
		}
		for _, k := range kinds {
			if !slices.Contains(request.Kinds, k) {
				return fault.At(fault.Invalid, "kinds", "Choose from the list.")
			}
		}
		if !all(kinds) {
			limits[c] = kinds
		}
	}
	return change(ctx, p, by, seen, "what is taken while shut", func(s *Setting) error {
		s.Shut = limits
		return nil
	})
}

// all tells whether every kind is among some.
func all(kinds []request.Kind) bool {
	return !slices.ContainsFunc(request.Kinds, func(k request.Kind) bool {
		return !slices.Contains(kinds, k) && !slices.Contains(Always, k)
	})
}

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "channels"}, Whole: true, Stale: fault.New(fault.Conflict,
	"Somebody else has changed this meanwhile. Look at what it is now, and do it again.")}

func change(ctx context.Context, p *record.Practice, by record.Author, seen, why string, do func(*Setting) error) error {
	s, err := Load(ctx, p)
	if err != nil {
		return err
	}
	if s.Version != seen {
		return kept.Stale
	}
	if err := do(&s); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, why, seen, func(*fhir.Resource) write.Obj { return s.body() })
}
