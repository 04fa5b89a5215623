// Package rota is when a practice's people see patients: templates of
// sessions, laid over the weeks to come.
//
// What comes in: templates, slot types and leave, as a manager sets them, the
// opening hours, and what is in the diary already. What goes out: Schedules
// and Slots ahead, and jobs for appointments that no longer fit. It must never
// withdraw a slot that somebody has, never make one slot twice, never put two
// slots of one person at one time, and never overwrite what somebody else has
// set meanwhile.
package rota

import (
	"slices"
	"time"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/opening"
	"heartwood/internal/ident"
)

// Unmapped is a slot type that has no national category yet.
const Unmapped = "Unmapped"

// Categories are the national slot categories of care related encounters, as
// NHS England publishes them (Appointments in General Practice, national
// category files).
var Categories = []string{
	"General Consultation Acute", "General Consultation Routine", "Unplanned Clinical Activity", "Clinical Triage",
	"Walk-in", "Planned Clinics", "Planned Clinical Procedure", "Home Visit", "Care Home Visit",
	"Patient contact during Care Home Round", "Care Home Needs Assessment & Personalised Care and Support Planning",
	"Structured Medication Review", "Group Consultation and Group Education", "Social Prescribing Service",
	"Service provided by organisation external to the practice", "Non-contractual chargeable work", Unmapped,
}

// SlotType is one of the practice's own sorts of slot.
type SlotType struct {
	ID, Name string
	National string    // one of Categories
	Since    string    // the date from which it is mapped so
	Past     []Mapping // what it was mapped to before, oldest first
}

// Mapping is a national category for a span of days; To is not included.
type Mapping struct{ National, From, To string }

// Template is a session that comes again each week.
type Template struct {
	ID, Name      string
	Clinician     ident.Ref // Practitioner
	ClinicianName string
	Days          [7]bool // by time.Weekday
	From, To      int     // minutes after midnight in London
	Breaks        []opening.Span
	Length        int            // minutes of a slot
	Type          string         // SlotType.ID
	Modes         []booking.Mode // in turn
	Room          string
	Capacity      int      // patients at once
	Who           []string // booking.ByLink …; none: on an offer only
	OpensDays     int      // sold from so many days before, at OpensAt; Always: at once
	OpensAt       int      // minutes after midnight
	Notice        int      // minutes before the start at which it is no longer sold
	Start, End    string   // first and last date; "" for no bound
}

// Always is an OpensDays that holds nothing back.
const Always = -1

// Leave is when somebody is away, both days included.
type Leave struct {
	Clinician     ident.Ref
	Name          string
	From, To, Why string
}

// Setting is a practice's rota.
type Setting struct {
	Types     []SlotType
	Templates []Template
	Leave     []Leave
	Weeks     int    // how far ahead slots are made
	Version   string // of what was read; "" when nobody has set any
}

// Defaults are the slot types of a practice that has set none.
func Defaults() Setting {
	return Setting{Weeks: 4, Types: []SlotType{
		{ID: "urgent", Name: "Urgent appointment", National: "General Consultation Acute"},
		{ID: "routine", Name: "Routine appointment", National: "General Consultation Routine"},
		{ID: "clinic", Name: "Clinic", National: "Planned Clinics"},
		{ID: "group", Name: "Group session", National: "Group Consultation and Group Education"},
		{ID: "home", Name: "Home visit", National: "Home Visit"},
		{ID: "medicines", Name: "Medicines review", National: "Structured Medication Review"},
	}}
}

// Named finds a slot type.
func (s Setting) Named(id string) (SlotType, bool) {
	for _, t := range s.Types {
		if t.ID == id {
			return t, true
		}
	}
	return SlotType{}, false
}

// SoldTo are the names of the sorts of slot that buyers of a kind
// (booking.BySelf …) may take on a day, in the order of the slot types.
func (s Setting) SoldTo(via string, on time.Time) []string {
	var out []string
	for _, typ := range s.Types {
		if slices.ContainsFunc(s.Templates, func(t Template) bool {
			return t.Type == typ.ID && slices.Contains(t.Who, via) && (t.End == "" || t.End >= on.Format(time.DateOnly))
		}) {
			out = append(out, typ.Name)
		}
	}
	return out
}

// Check says what is wrong: each fault is At a field of the template named in
// it, or at "leave", "weeks" or "types".
func (s Setting) Check() error {
	var f care.Faults
	if s.Weeks < 1 || s.Weeks > 26 {
		f.Add("weeks", "Make slots from 1 to 26 weeks ahead.")
	}
	for _, t := range s.Types {
		if t.Name == "" || utf8.RuneCountInString(t.Name) > 60 || !ident.IsID(t.ID) {
			f.Add("types", "Give each slot type a name of up to 60 characters.")
		}
		if !known(t.National) {
			f.Add("types", "Choose a national category for %s, or Unmapped.", t.Name)
		}
	}
	for _, t := range s.Templates {
		t.check(s, &f)
	}
	for _, l := range s.Leave {
		from, to := date(l.From), date(l.To)
		if from.IsZero() || to.Before(from) || to.Sub(from) > 366*24*time.Hour || l.Clinician.Type != "Practitioner" {
			f.Add("leave", "Leave needs a person, a first day and a last day within a year.")
		}
	}
	return f.Err()
}

func known(national string) bool {
	for _, c := range Categories {
		if c == national {
			return true
		}
	}
	return false
}

func (t Template) check(s Setting, f *care.Faults) {
	if t.Name == "" || utf8.RuneCountInString(t.Name) > 80 {
		f.Add("name", "Give the session a name of up to 80 characters.")
	}
	if t.Clinician.Type != "Practitioner" {
		f.Add("clinician", "Choose whose session it is.")
	}
	if t.Days == ([7]bool{}) {
		f.Add("days", "Choose at least one day.")
	}
	if t.Length < 5 || t.Length > 240 {
		f.Add("length", "A slot is from 5 to 240 minutes long.")
	}
	if t.From < 0 || t.To > 24*60 || t.To-t.From < max(t.Length, 5) {
		f.Add("from", "The session must end after it starts, and be long enough for one slot.")
	}
	if _, ok := s.Named(t.Type); !ok {
		f.Add("type", "Choose a slot type.")
	}
	if len(t.Modes) == 0 {
		f.Add("modes", "Choose how the appointments are held.")
	}
	if t.Capacity < 1 || t.Capacity > 50 {
		f.Add("capacity", "A slot is for 1 to 50 patients.")
	}
	if t.OpensDays < Always || t.OpensDays > 90 {
		f.Add("opens", "Slots are released up to 90 days before.")
	}
	if t.Notice < 0 || t.Notice > 7*24*60 {
		f.Add("notice", "Booking can end up to 7 days before.")
	}
	for _, d := range [2]string{t.Start, t.End} {
		if d != "" && date(d).IsZero() {
			f.Add("start", "Write dates such as 2026-12-24.")
		}
	}
}

// date reads a civil date, zero when it is none.
func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
