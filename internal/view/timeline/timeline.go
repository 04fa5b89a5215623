// Package timeline shows one patient: a summary that fits a page, and a
// journal of everything.
//
// What comes in: a patient. What goes out: typed rows for pages, read from the
// practice's record by search. It must never show another patient's data, and
// never leave out allergies: where none are recorded it says so, and that is
// not the same as "no known allergies".
package timeline

import (
	"time"

	"heartwood/internal/ident"
)

// Banner is who the patient is; it stands on top of every page about them.
type Banner struct {
	Patient ident.Ref
	Version string
	Name    string
	Born    time.Time // zero when unknown
	Age     string    // "34", "7 months", "12 days"
	Died    time.Time // zero when alive; a date of 0001-01-02 when only "yes" is known
	Dead    bool
	Gender  string
	NHS     ident.NHSNumber // "" when not recorded
	Phone   string
	Email   string
	Address string
	Needs   []string // language, interpreter, hearing …
}

// AllergyState says what is known of allergies.
type AllergyState string

// What is known of allergies.
const (
	AllergiesKnown AllergyState = "known"         // see the list
	NoKnown        AllergyState = "no-known"      // somebody asked and recorded that there are none
	NoneRecorded   AllergyState = "none-recorded" // nobody has recorded anything: ask
)

// Line is one row of a list.
type Line struct {
	Ref     ident.Ref
	Date    time.Time // zero when unknown
	Title   string
	Detail  string // dose, value with unit, reaction …
	Status  string // FHIR status or clinical status
	By      string
	Code    string    // code of the concept, "" for free text
	Serious bool      // severe allergy, abnormal result
	Inner   bool      // the practice's own work about the patient, not for them to read
	Thread  ident.Ref // the request whose messages were filed; zero for anything else
}

// Point is one value of a trend.
type Point struct {
	Date   time.Time
	Value  float64
	Second float64 // diastolic
}

// Trend is one measurement over time, oldest first.
type Trend struct {
	Name, Unit string
	Points     []Point
	Low, High  float64 // reference range, both 0 when none
}

// Summary is a patient on one page.
type Summary struct {
	Banner        Banner
	AllergyState  AllergyState
	Allergies     []Line
	Problems      []Line // active
	PastProblems  []Line
	Medicines     []Line // current
	Results       []Line // newest of each kind
	Trends        []Trend
	Contacts      []Line // encounters, newest first
	Letters       []Line
	Immunisations []Line
	Appointments  []Line // to come, soonest first
	Requests      []Line // open requests
	Position      ident.Position
}

// AllergyText is the one line about allergies that is always shown.
func (s Summary) AllergyText() string {
	switch s.AllergyState {
	case NoKnown:
		return "No known allergies"
	case AllergiesKnown:
		t := "Allergies: "
		for i, a := range s.Allergies {
			if i > 0 {
				t += "; "
			}
			t += a.Title
		}
		return t
	}
	return "No allergies recorded: ask the patient"
}

// Item is one entry of the journal.
type Item struct {
	Line
	Kind string // in words: "Consultation", "Medicine", "Result" …
}

// Journal is one page of everything, newest first.
type Journal struct {
	Items []Item
	Next  string // cursor of the next page, "" at the end
	Total int
}
