package measure

import (
	"time"

	"heartwood/internal/care/booking"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// Visit is one appointment as it is counted.
type Visit struct {
	ID            string
	Status        string // FHIR's: proposed, booked, arrived, fulfilled, cancelled, noshow
	Start, End    time.Time
	Booked        time.Time // when a time was first held; zero when none yet
	ByPatient     bool      // the patient, or somebody for them, chose the time
	Cancelled     time.Time
	CancelledBy   string // "patient" or "practice"
	Mode          string // "face-to-face", "telephone", "video", "home-visit"
	Kind          string // what the practice calls it
	Category      string // the national category; "" when it is not mapped
	Professional  string // what the clinician is: "GP", "Practice nurse"
	ActualMinutes int    // how long it took; 0 when not recorded
	Unseen        bool   // they came, and left before they were seen
}

// Systems of what a visit says of itself.
const (
	channelURL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"
	modeSystem = base + "appointment-mode"
)

// visit enters a version of an appointment.
func (b *Book) visit(e *record.Entry, res *fhir.Resource) {
	v := b.visits[e.ID]
	brought := v == nil
	if v == nil {
		v = &Visit{ID: e.ID}
		b.visits[e.ID] = v
	}
	v.Status = res.Get("status").Str()
	v.Start, v.End = read.Time(res.Get("start").Str()), read.Time(res.Get("end").Str())
	v.Kind, v.Mode = read.Concept(res.Get("serviceType")), modeOf(res)
	v.Category, v.Unseen = booking.CategoryOf(res), booking.AttendanceOf(res).Unseen
	at := happened(e.Time.Time(), res)
	theirs := e.Author.Role == "patient" || e.Author.Role == "proxy"
	switch v.Status {
	case "booked", "pending", "arrived", "checked-in", "fulfilled", "noshow":
		if v.Booked.IsZero() {
			v.Booked, v.ByPatient = at, theirs
			if c := read.Time(res.Get("created").Str()); !c.IsZero() && c.Before(at) {
				v.Booked = c
			}
		}
		v.Cancelled, v.CancelledBy = time.Time{}, ""
	case "cancelled":
		if v.Cancelled.IsZero() {
			v.Cancelled, v.CancelledBy = cancelledAt(at, res), "practice"
			if theirs {
				v.CancelledBy = "patient"
			}
		}
		if brought && !v.Start.IsZero() { // by another system, which had booked it
			v.Booked = read.Time(res.Get("created").Str())
		}
	}
	for p := range res.Get("participant").Items() {
		if r := read.Ref(p.Get("actor")); r.Type == "Practitioner" && b.roles[r.ID] != "" {
			v.Professional = b.roles[r.ID]
		}
	}
}

// cancelledURL is how FHIR R4 writes Appointment.cancellationDate of R5
// (https://hl7.org/fhir/R5/appointment-definitions.html#Appointment.cancellationDate).
const cancelledURL = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.cancellationDate"

// cancelledAt is when an appointment was cancelled: when that was written, or
// before, if it says so.
func cancelledAt(written time.Time, res *fhir.Resource) time.Time {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(cancelledURL) {
			continue
		}
		if t := read.Time(e.Get("valueDateTime").Str()); !t.IsZero() && t.Before(written) {
			return t
		}
	}
	return written
}

func modeOf(res *fhir.Resource) string {
	mode := ""
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(channelURL) {
			continue
		}
		for c := range e.Get("valueCodeableConcept", "coding").Items() {
			switch code := c.Get("code").Str(); {
			case c.Get("system").Is(modeSystem):
				return code
			case code == "In-person":
				mode = "face-to-face"
			case code == "Telephone":
				mode = "telephone"
			case code == "Video":
				mode = "video"
			}
		}
	}
	return mode
}

// EachVisit calls fn for each appointment, in no order. fn must not keep it,
// and must not call the book.
func (b *Book) EachVisit(fn func(*Visit)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, v := range b.visits {
		fn(v)
	}
}
