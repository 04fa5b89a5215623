// Package clocks is where a practice says what it answers sooner than the
// contract asks.
//
// What comes in: rules, each for a kind of request, a red flag, a team or a
// job, and what is known of one request. What goes out: the stricter time by
// which it is answered, and why, in words. It must never put a clock off: a
// rule that would is not heeded. It must never look at who asks or by which
// channel, and never read a clock.
package clocks

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/opening"
)

// What is what a rule is for.
type What string

// What a rule can be for.
const (
	Kind What = "kind" // a kind of request: "fit-note"
	Flag What = "flag" // a red flag: "RF-012"
	Team What = "team" // whatever a team is given: "CareTeam/admin"
	Job  What = "job"  // whatever somebody of a job is given: "Pharmacist"
)

// SameDay is the end of the day on which the practice is open.
const SameDay = 0

// longest is the longest time that a rule can give, in minutes of opening
// time: a core-hours day.
const (
	longest  = 630
	maxRules = 50
)

// Rule is one stricter clock.
type Rule struct {
	What    What
	Of      string // which kind, flag, team or job
	Name    string // Of as a page says it, as it was when the rule was made
	Minutes int    // of opening time; SameDay for the end of the day
}

// Key is what the rule is for, as a form has it: "kind:fit-note".
func (r Rule) Key() string { return string(r.What) + ":" + r.Of }

// Parse takes a key apart; ok is false for what is no key.
func Parse(key string) (r Rule, ok bool) {
	what, of, _ := strings.Cut(key, ":")
	r = Rule{What: What(what), Of: of}
	return r, of != "" && slices.Contains([]What{Kind, Flag, Team, Job}, r.What)
}

// By is when a request that came at a moment must be answered under the rule.
func (r Rule) By(h opening.Hours, from time.Time) time.Time {
	if r.Minutes == SameDay {
		return h.SameDay(from)
	}
	return h.Within(from, time.Duration(r.Minutes)*time.Minute)
}

// Due is how soon, in words: "the same day", "within 2 hours of opening time".
func (r Rule) Due() string {
	switch {
	case r.Minutes == SameDay:
		return "the same day"
	case r.Minutes == 60:
		return "within 1 hour of opening time"
	case r.Minutes%60 == 0:
		return fmt.Sprintf("within %d hours of opening time", r.Minutes/60)
	}
	return fmt.Sprintf("within %d minutes of opening time", r.Minutes)
}

// Say is the rule in words: "A fit note: the same day".
func (r Rule) Say() string {
	subject := r.Name
	switch r.What {
	case Flag:
		subject = "The red flag “" + r.Name + "”"
	case Team:
		subject = "What the " + lowerTeam(r.Name) + " has"
	case Job:
		subject = "What a " + r.Name + " has"
	}
	return subject + ": " + r.Due()
}

// lowerTeam puts a team's name into a sentence.
func lowerTeam(s string) string { return strings.TrimPrefix(strings.TrimPrefix(s, "The "), "the ") }

// Setting is what a practice has set.
type Setting struct {
	Rules   []Rule
	Version string // of what was read; "" when nobody has set any
}

// Case is what is known of one request.
type Case struct {
	Kind  string
	Flags []string // rules of red flags that were raised
	Owner string   // who was given it: "CareTeam/…", "Practitioner/…"
	Job   string   // the owner's, "" for none
}

// fits tells whether a rule is for a request.
func (r Rule) fits(c Case) bool {
	switch r.What {
	case Kind:
		return r.Of == c.Kind
	case Flag:
		return slices.Contains(c.Flags, r.Of)
	case Team:
		return r.Of == c.Owner
	case Job:
		return c.Job != "" && strings.EqualFold(r.Of, c.Job)
	}
	return false
}

// Sooner is the soonest time of the rules that fit a request that came at a
// moment, and that rule; ok is false when none is sooner than by.
func (s Setting) Sooner(c Case, by time.Time, h opening.Hours, from time.Time) (at time.Time, rule Rule, ok bool) {
	at = by
	for _, r := range s.Rules {
		if !r.fits(c) {
			continue
		}
		if t := r.By(h, from); t.Before(at) {
			at, rule, ok = t, r, true
		}
	}
	return at, rule, ok
}

// Asks tells whether any rule is for this.
func (s Setting) Asks(w What) bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.What == w })
}

// Check says what is wrong with a setting: each fault is At "rule-0", "rule-1"
// … in the order of the rules.
func (s Setting) Check() error {
	var f care.Faults
	if len(s.Rules) > maxRules {
		f.Add("rule-0", "There can be at most %d rules.", maxRules)
	}
	seen := map[string]bool{}
	for i, r := range s.Rules {
		where := fmt.Sprint("rule-", i)
		_, ok := Parse(r.Key())
		switch {
		case !ok || r.Name == "" || utf8.RuneCountInString(r.Name) > 200 || len(r.Of) > 200:
			f.Add(where, "Choose what is answered sooner.")
		case seen[r.Key()]:
			f.Add(where, "%s has two rules. Keep one.", r.Name)
		case r.Minutes != SameDay && (r.Minutes < 15 || r.Minutes > longest):
			f.Add(where, "Enter the minutes of opening time, from 15 to %d, or choose the same day.", longest)
		}
		seen[r.Key()] = true
	}
	return f.Err()
}
