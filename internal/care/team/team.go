// Package team is who works with whom at a practice, what each team looks
// after, and who is away.
//
// What comes in: teams and absences as a manager fills them in. What goes out:
// CareTeams and PractitionerRoles in new versions, and the answers to three
// questions: whose is a kind of request, who is away on a day, and which team
// has a person's work while they are. It must never leave a kind with two
// teams, never take what another program wrote out of a team, and never move a
// request: the ledger does.
package team

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// Person is somebody who works here.
type Person struct{ Ref, Name string }

// Team is a group that work can be given to.
type Team struct {
	Ref     string // "CareTeam/…"; "" of a new one
	Name    string
	Members []string // "Practitioner/…"
	Kinds   []string // of request that are theirs where no routing rule fits
	Version string   // of what was read; "" of a new one
}

// Absence is when somebody is away, both days included.
type Absence struct {
	Who      string // "Practitioner/…"
	Name     string
	From, To string // 2006-01-02; To "" for until they are back
	Why      string // "leave"; nothing private
	Rota     bool   // it is of the rota, and changed there
}

// On tells whether a day (2006-01-02) is within the absence.
func (a Absence) On(day string) bool { return a.From <= day && (a.To == "" || day <= a.To) }

// Until is how long, in words: "until Friday 4 December".
func (a Absence) Until(now time.Time) string {
	t, ok := words.Birth(a.To)
	if !ok {
		return "until they are back"
	}
	return "until " + words.Day(t, now)
}

// House is the teams and absences of a practice.
type House struct {
	People   []Person // in order of name
	Teams    []Team   // in order of name
	Absences []Absence
}

// Away is the absence of somebody at a moment; ok is false when they are in.
func (h House) Away(who string, now time.Time) (a Absence, ok bool) {
	day := now.In(words.London).Format(time.DateOnly)
	for _, a := range h.Absences {
		if a.Who == who && a.On(day) {
			return a, true
		}
	}
	return Absence{}, false
}

// Of is the team that a kind of request belongs to; ok is false for none.
func (h House) Of(kind string) (Team, bool) {
	for _, t := range h.Teams {
		if kind != "" && slices.Contains(t.Kinds, kind) {
			return t, true
		}
	}
	return Team{}, false
}

// Back is the team that has a person's request of a kind while they are away:
// the one of theirs that the kind belongs to, else one of theirs that is not
// the triage team, else the triage team. There is always one.
func (h House) Back(who, kind string) Team {
	var any *Team
	for i, t := range h.Teams {
		if !slices.Contains(t.Members, who) {
			continue
		}
		if slices.Contains(t.Kinds, kind) {
			return t
		}
		if any == nil && t.Ref != care.Triage {
			any = &h.Teams[i]
		}
	}
	if any != nil {
		return *any
	}
	for _, t := range h.Teams {
		if t.Ref == care.Triage {
			return t
		}
	}
	return Team{Ref: care.Triage, Name: care.TriageName}
}

// Name is what somebody who works here is called.
func (h House) Name(who string) string {
	for _, p := range h.People {
		if p.Ref == who {
			return p.Name
		}
	}
	return "somebody who does not work here any more"
}

// Check says what is wrong with a team among the others: faults At "name",
// "members" or "kinds".
func (h House) Check(t Team) error {
	var f care.Faults
	if n := utf8.RuneCountInString(t.Name); n == 0 || n > 60 {
		f.Add("name", "Give the team a name of up to 60 characters.")
	}
	for _, who := range t.Members {
		if !slices.ContainsFunc(h.People, func(p Person) bool { return p.Ref == who }) {
			f.Add("members", "Choose people who work here.")
			break
		}
	}
	for _, other := range h.Teams {
		if other.Ref == t.Ref {
			continue
		}
		if strings.EqualFold(other.Name, t.Name) {
			f.Add("name", "There is a team of this name already.")
		}
		for _, k := range t.Kinds {
			if slices.Contains(other.Kinds, k) {
				f.Add("kinds", "The %s looks after one of these already. Take it from them first.", other.Name)
				break
			}
		}
	}
	if len(t.Kinds) > 0 && len(t.Members) == 0 {
		f.Add("members", "A team that looks after something needs somebody in it.")
	}
	return f.Err()
}

// Check says what is wrong with an absence: faults At "who", "from", "to" or
// "why".
func (a Absence) Check(h House) error {
	var f care.Faults
	if !slices.ContainsFunc(h.People, func(p Person) bool { return p.Ref == a.Who }) {
		f.Add("who", "Choose who is away.")
	}
	from, ok := day(a.From)
	if !ok {
		f.Add("from", "Enter the first day that they are away.")
	}
	to, ok2 := day(a.To)
	switch {
	case !ok2:
		f.Add("to", "Enter the last day that they are away.")
	case ok && to.Before(from):
		f.Add("to", "The last day is before the first.")
	case ok && to.Sub(from) > 366*24*time.Hour:
		f.Add("to", "An absence can be at most a year long.")
	}
	if utf8.RuneCountInString(a.Why) > 100 {
		f.Add("why", "Use 100 characters or fewer, and nothing private.")
	}
	for _, b := range h.Absences {
		if ok && ok2 && b.Who == a.Who && a.From <= b.To && b.From <= a.To {
			f.Add("from", "They are away on some of these days already.")
			break
		}
	}
	return f.Err()
}

// day reads a date in full.
func day(s string) (time.Time, bool) {
	if len(s) != len(time.DateOnly) {
		return time.Time{}, false
	}
	return words.Birth(s)
}

func sorted(h House) House {
	slices.SortStableFunc(h.People, func(a, b Person) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(h.Teams, func(a, b Team) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(h.Absences, func(a, b Absence) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Name, b.Name)) })
	return h
}

func stale() error {
	return fault.New(fault.Conflict, "Somebody else has changed this meanwhile. Look at what it is now, and enter yours again.")
}
