// Package booking sells the practice's time: what is free, an offer that a
// patient chooses from, a booking, a cancellation, a move to another time.
//
// What comes in: who asks, and which slot or appointment. What goes out: one
// change that holds the Slot, the Appointment and the confirmation that is
// now owed to the patient (FHIR R4 Schedule, Slot, Appointment,
// Communication). It must never let two appointments have one slot, sell two
// slots of one clinician that overlap, or sell time that is past.
package booking

import (
	"time"

	"heartwood/internal/care/write"
	"heartwood/internal/ident"
)

// Mode is how clinician and patient meet.
type Mode string

// The modes. The empty Mode means any.
const (
	FaceToFace Mode = "face-to-face"
	Telephone  Mode = "telephone"
	Video      Mode = "video"
	HomeVisit  Mode = "home-visit"
)

// Modes lists the modes in the order in which forms show them.
var Modes = []Mode{FaceToFace, Telephone, Video, HomeVisit}

// String is the mode in plain words: "face to face".
func (m Mode) String() string {
	switch m {
	case FaceToFace:
		return "face to face"
	case HomeVisit:
		return "home visit"
	case "":
		return "any"
	}
	return string(m)
}

// Meeting is what a patient is told they have, in plain words: "Phone call".
func (m Mode) Meeting() string {
	switch m {
	case FaceToFace:
		return "Appointment at the practice"
	case Telephone:
		return "Phone call"
	case Video:
		return "Video call"
	case HomeVisit:
		return "Visit at home"
	}
	return "Appointment"
}

// Query asks what is free. Zero fields ask nothing.
type Query struct {
	From, To  time.Time // slots that start in [From, To); From is raised to now; To defaults to four weeks on
	Kind      string    // text of the service type: "Routine", "Nurse"; "" for any
	Mode      Mode
	Clinician ident.Ref // Practitioner, PractitionerRole, …; the Schedule's actor
	Via       string    // who asks: ByLink …; "" for staff
	Limit     int       // at most this many, earliest first; 50 when 0
}

// SlotView is one slot as people see it.
type SlotView struct {
	Slot          ident.Ref
	Version       string // the slot's version when it was looked at
	Schedule      ident.Ref
	Clinician     ident.Ref
	ClinicianName string // "Dr Example", "" when unknown
	Kind          string
	Mode          Mode
	Start, End    time.Time // in the practice's time zone
	Location      string
	Places, Left  int    // patients it is for, and how many more it takes
	Type          string // id of the practice's slot type, "" for none
	Category      string // the national slot category, "" for none
}

// Minutes is how long the slot is.
func (s SlotView) Minutes() int { return int(s.End.Sub(s.Start) / time.Minute) }

// View is one appointment as people see it.
type View struct {
	Appointment   ident.Ref
	Version       string
	Status        string // FHIR: waitlist, proposed, booked, arrived, checked-in, fulfilled, cancelled, noshow
	Patient       ident.Ref
	Request       ident.Ref // the request Task it answers, zero when none
	Slot          ident.Ref // zero for an offer
	Clinician     ident.Ref
	ClinicianName string
	Kind          string
	Category      string // the national slot category of its slot, "" for none
	Mode          Mode
	Start, End    time.Time // zero for an offer
	Reason        string    // what it is for, as the patient is told
	Note          string    // what the patient must know: "bring a sample"
	Offer         Constraint
	Attendance    Attendance
	KeptUntil     time.Time // until when an offer of one time is kept; else zero
	For           ident.Ref // the Organization that booked for a patient of its own, zero for one of ours
	Earlier       ident.Ref // of a place in the waiting list: the appointment that an earlier time is wanted for, zero for none
	Away          Away      // where it is, when that is another practice
}

// Constraint is which slots a patient may choose for an offer. Zero fields
// allow anything.
type Constraint struct {
	Kind      string
	Mode      Mode
	Clinician ident.Ref
	From      time.Time
	Until     time.Time // the offer ends, and no later slot may be chosen
}

// Allows tells whether a slot satisfies the constraint.
func (c Constraint) Allows(s SlotView) bool {
	return (c.Kind == "" || c.Kind == s.Kind) &&
		(c.Mode == "" || c.Mode == s.Mode) &&
		(c.Clinician.IsZero() || c.Clinician == s.Clinician) &&
		(c.From.IsZero() || !s.Start.Before(c.From)) &&
		(c.Until.IsZero() || !s.Start.After(c.Until))
}

// Query is the search for the slots that the constraint allows.
func (c Constraint) Query(limit int) Query {
	return Query{From: c.From, To: c.Until, Kind: c.Kind, Mode: c.Mode, Clinician: c.Clinician, Limit: limit}
}

// OfferCommand offers a patient a choice of appointments.
type OfferCommand struct {
	Patient    ident.Ref
	Request    ident.Ref // the request Task that it answers; may be zero
	Constraint Constraint
	Reason     string // shown to the patient
	Note       string // shown to the patient
	Key        string // idempotency key: the same form sent twice offers once
}

// PickCommand is the patient's choice of a slot for an offer.
type PickCommand struct {
	Appointment ident.Ref
	Slot        ident.Ref
	Anyway      bool // the person was warned of a clash and wants it all the same
	Key         string
}

// BookCommand books a slot for a patient directly.
type BookCommand struct {
	Patient ident.Ref
	Request ident.Ref // may be zero
	Slot    ident.Ref
	Mode    Mode   // "" takes the slot's
	Reason  string // shown to the patient
	Note    string // shown to the patient
	Anyway  bool   // the person was warned of a clash and wants it all the same
	Key     string
}

// CancelCommand cancels an offer or a booking; a booked slot becomes free.
type CancelCommand struct {
	Appointment ident.Ref
	Version     string // the version the person saw; "" for whatever is current
	Reason      string // required
	Key         string
}

// RebookCommand moves a booking to another slot, in one change.
type RebookCommand struct {
	Appointment ident.Ref
	Version     string
	Slot        ident.Ref
	Anyway      bool
	Via         string // who moves it: ByNetwork …; "" as its author is
	Allow       Allow  // nil: nobody else is asked
	Key         string
}

// Allow is asked, once the slot is known, whether it may be sold; what it adds
// to the change is committed with the sale. It may be asked again.
type Allow func(b *write.Builder, slot SlotView) error

// Result is what a command did.
type Result struct {
	Appointment View
	Position    ident.Position // the reader's position after the change
	Repeat      bool           // the key had been used: nothing was changed now
}

// Taken is the cause of a Conflict fault when somebody else got the slot
// first; Next are free slots of the same sort, earliest first. Use errors.As.
type Taken struct{ Next []SlotView }

// Error is for logs.
func (t *Taken) Error() string { return "the slot has been taken" }

// Clash is the cause of a Refused fault when the patient would be in two
// places at once; ask the person and send the command again with Anyway.
type Clash struct{ With View }

// Error is for logs.
func (c *Clash) Error() string { return "the patient has another appointment then" }
