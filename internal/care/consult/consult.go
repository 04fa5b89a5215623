// Package consult records a consultation: why the person came, what was found,
// what was thought and what will be done, by whichever channel they met.
//
// What comes in: a clinician's note, as sections, coded problems, measurements
// and allergies. What goes out: one change of FHIR R4 resources (Encounter,
// Composition, Condition, Observation, AllergyIntolerance). A note is a draft
// (Composition preliminary) until it is signed (final); after that it is only
// amended, with a reason, and every earlier version stays. It must never
// change a signed note silently, keep markup that somebody typed, or guess a
// code that was not chosen.
package consult

import (
	"time"

	"heartwood/internal/ident"
)

// Channel is how clinician and patient met.
type Channel string

// The channels.
const (
	FaceToFace Channel = "face-to-face"
	HomeVisit  Channel = "home-visit"
	Telephone  Channel = "telephone"
	Video      Channel = "video"
	Message    Channel = "message"
	NoContact  Channel = "no-contact" // work on the record without the patient
)

// Channels lists the channels in the order in which forms show them.
var Channels = []Channel{FaceToFace, Telephone, Video, Message, HomeVisit, NoContact}

// Section is one part of the note.
type Section string

// The sections, in the order in which they are shown.
const (
	Reason      Section = "reason"
	History     Section = "history"
	Examination Section = "examination"
	Plan        Section = "plan"
	SafetyNet   Section = "safety-netting"
	Comment     Section = "comment"
)

// Sections lists the sections in order.
var Sections = []Section{Reason, History, Examination, Plan, SafetyNet, Comment}

// Concept is one coded idea; System and Code are empty for free text.
type Concept struct {
	System string `json:"system,omitempty"`
	Code   string `json:"code,omitempty"`
	Term   string `json:"term"`
}

// Problem is a condition that was identified or dealt with.
type Problem struct {
	Concept Concept   `json:"concept"`
	Onset   time.Time `json:"onset,omitzero"` // zero when unknown
	Status  string    `json:"status"`         // active (when empty), recurrence, remission, resolved
	Note    string    `json:"note,omitempty"`
}

// Measure is which measurement.
type Measure string

// The measurements.
const (
	BloodPressure Measure = "bp"
	Pulse         Measure = "pulse"
	Temperature   Measure = "temperature"
	Weight        Measure = "weight"
	Height        Measure = "height"
	Oxygen        Measure = "spo2"
	PeakFlow      Measure = "peak-flow"
	Breathing     Measure = "respiratory-rate"
)

// Reading is one measurement in its fixed unit (see Scales).
type Reading struct {
	Measure Measure `json:"measure"`
	Value   float64 `json:"value"`            // blood pressure: systolic
	Second  float64 `json:"second,omitempty"` // blood pressure: diastolic
}

// Scale says what a measurement may be: outside Hard it is refused, outside
// Usual the clinician is warned.
type Scale struct {
	Measure    Measure
	Name, Unit string // in words, and the unit as shown
	UCUM, Code string // unit code, and SNOMED CT or LOINC code
	System     string
	Usual      [2]float64
	Hard       [2]float64
}

// Allergy is a new allergy or intolerance.
type Allergy struct {
	Concept     Concept `json:"concept"` // the substance
	Reaction    string  `json:"reaction,omitempty"`
	Severe      bool    `json:"severe,omitempty"`
	Intolerance bool    `json:"intolerance,omitempty"` // not an allergy
}

// Note is everything the clinician wrote down.
type Note struct {
	Channel     Channel            `json:"channel"`
	Started     time.Time          `json:"started,omitzero"` // now when zero
	Ended       time.Time          `json:"ended,omitzero"`   // now, on signing, when zero
	Text        map[Section]string `json:"text,omitempty"`
	Reasons     []Concept          `json:"reasons,omitempty"` // coded reasons for the encounter
	Problems    []Problem          `json:"problems,omitempty"`
	Readings    []Reading          `json:"readings,omitempty"`
	Allergies   []Allergy          `json:"allergies,omitempty"`
	Appointment ident.Ref          `json:"appointment,omitzero"`
	Request     ident.Ref          `json:"request,omitzero"` // the request Task it belongs to
}

// SaveCommand keeps a draft: the first save makes it, later ones replace it.
type SaveCommand struct {
	Patient     ident.Ref
	Composition ident.Ref // zero for a new draft
	Version     string    // the version that was edited; required with Composition
	Note        Note
	Key         string
}

// SignCommand signs a note, new or drafted.
type SignCommand struct {
	Patient     ident.Ref
	Composition ident.Ref // zero when it was never drafted
	Version     string
	Note        Note
	Anyway      bool // the clinician has seen the warnings
	Key         string
}

// AmendCommand changes a signed note and says why.
type AmendCommand struct {
	Composition ident.Ref
	Version     string
	Note        Note
	Why         string // required
	Anyway      bool
	Key         string
}

// Issue is one thing that is wrong or unusual, beside its field.
type Issue struct {
	Field   string // form field: "bp", "reason", "problem.2"
	Message string
	Warning bool // unusual: may be signed after the clinician has seen it
}

// Issues is the cause of an Invalid or Refused fault: all that is wrong, in
// the order of the form. Use errors.As.
type Issues []Issue

// Error is for logs and names only the fields.
func (is Issues) Error() string {
	s := "consultation:"
	for _, i := range is {
		s += " " + i.Field
	}
	return s
}

// Result is what a command did.
type Result struct {
	Composition ident.Ref
	Version     string
	Encounter   ident.Ref
	Warnings    Issues
	Position    ident.Position
	Repeat      bool
}

// View is a note as it is read back.
type View struct {
	Composition ident.Ref
	Version     string
	Encounter   ident.Ref
	Patient     ident.Ref
	Author      ident.Ref
	AuthorName  string
	Status      string // preliminary, final, amended
	Date        time.Time
	Amended     string // why, when it was amended
	Note        Note
}
