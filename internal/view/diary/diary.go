// Package diary shows the clinicians' days: their sessions, what is booked in
// them and what is free.
//
// What comes in: a range of days. What goes out: columns of slots with their
// appointments, read from Schedule, Slot and Appointment. It must never show
// a slot as free that has an appointment.
package diary

import (
	"time"

	"heartwood/internal/ident"
)

// Query asks for days.
type Query struct {
	From      time.Time // its day, in the practice's time zone, is the first
	Days      int       // 1 when 0, at most 14
	Clinician ident.Ref // zero for all
}

// Cell is one slot, or an appointment that has no slot.
type Cell struct {
	Slot        ident.Ref // zero when the appointment has none
	Start, End  time.Time
	Status      string // free, busy, blocked
	Kind, Mode  string
	Category    string    // the national slot category, "" for none
	Comment     string    // why it is blocked
	Appointment ident.Ref // zero when free
	Version     string    // of the appointment
	AppStatus   string    // Appointment.status
	Unseen      bool      // the patient came and left before they were seen
	Patient     ident.Ref
	PatientName string
	Reason      string
	BookedBy    string // ODS code of the practice that booked for its patient, "" for ours
	Past        bool
}

// Column is one clinician's day.
type Column struct {
	Clinician    ident.Ref
	Name         string
	Schedule     ident.Ref
	Late         int    // minutes that the session of now runs late
	Cells        []Cell // by start
	Free, Booked int
}

// Day is one day of everybody, clinicians in order of name.
type Day struct {
	Date    time.Time // midnight in the practice's time zone
	Columns []Column
	Free    int
	Booked  int
}

// Diary is some days.
type Diary struct {
	Days     []Day
	Position ident.Position
}
