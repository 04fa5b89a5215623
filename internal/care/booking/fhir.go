package booking

import (
	"cmp"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// obj and list are JSON that this package writes.
type (
	obj  = write.Obj
	list = write.List
)

// slot is a Slot as it is decided about (http://hl7.org/fhir/R4/slot.html).
type slot struct {
	view   SlotView
	status string
	terms  Terms
	others int // live appointments in it beside the one looked at, when freed
	v      record.Version
	res    *fhir.Resource
}

func readSlot(v record.Version) (slot, error) {
	res, err := v.Resource()
	if err != nil {
		return slot{}, err
	}
	s := slot{v: v, res: res, status: res.Get("status").Str(), terms: readTerms(res)}
	s.view = SlotView{
		Slot: v.Ref, Version: v.ID,
		Schedule: write.Target(res.Get("schedule")),
		Kind:     concept(res.Get("serviceType")),
		Mode:     modeOf(res),
		Start:    write.When(res.Get("start")), End: write.When(res.Get("end")),
		Places: s.terms.Places(), Left: max(s.terms.Places()-s.terms.taken, 0), Type: s.terms.Type,
		Category: CategoryOf(res),
	}
	return s, nil
}

// kept tells whether the slot is kept a while for somebody it was offered to.
func (s slot) kept() bool { return s.status == "busy-tentative" && s.terms.held != "" }

// overlaps tells whether two slots of one schedule share any time.
func (s slot) overlaps(o slot) bool {
	return s.view.Schedule == o.view.Schedule && s.view.Start.Before(o.view.End) && o.view.Start.Before(s.view.End)
}

// appointment is an Appointment as it is decided about
// (http://hl7.org/fhir/R4/appointment.html).
type appointment struct {
	view  View
	slots []ident.Ref
	v     record.Version
	res   *fhir.Resource
}

func readAppointment(v record.Version) (appointment, error) {
	res, err := v.Resource()
	if err != nil {
		return appointment{}, err
	}
	a := appointment{v: v, res: res}
	a.view = View{
		Appointment: v.Ref, Version: v.ID,
		Status: res.Get("status").Str(),
		Kind:   concept(res.Get("serviceType")),
		Mode:   modeOf(res),
		Start:  write.When(res.Get("start")), End: write.When(res.Get("end")),
		Reason: res.Get("description").Str(),
		Note:   res.Get("patientInstruction").Str(),

		Attendance: readAttendance(res), Category: CategoryOf(res),
	}
	for n := range res.Get("slot").Items() {
		a.slots = append(a.slots, write.Target(n))
	}
	if len(a.slots) > 0 {
		a.view.Slot = a.slots[0]
	}
	for n := range res.Get("supportingInformation").Items() {
		switch r := write.Target(n); r.Type {
		case "Task":
			a.view.Request = r
		case "Organization":
			a.view.For = r
		}
	}
	a.view.Earlier = earlierIn(a)
	if a.view.Away = readAway(res); a.view.Away.Is() {
		a.view.For = ident.Ref{} // it is ours, and the Organization is where it is
	}
	a.people()
	p := res.Get("requestedPeriod")
	a.view.Offer.Until = write.When(p.Get("end")) // it bounds moves too
	if a.view.Status == "proposed" {
		a.view.Offer = Constraint{
			Kind: a.view.Kind, Mode: a.view.Mode, Clinician: a.view.Clinician,
			From: write.When(p.Get("start")), Until: a.view.Offer.Until,
		}
		if len(a.slots) == 1 {
			a.view.KeptUntil = write.When(res.Get("comment"))
		}
	}
	return a, nil
}

func (a *appointment) people() {
	for n := range a.res.Get("participant").Items() {
		switch r := write.Target(n.Get("actor")); r.Type {
		case "Patient":
			a.view.Patient = r
		case "Practitioner", "PractitionerRole":
			if a.view.Clinician.Type != "Practitioner" {
				a.view.Clinician = r
				a.view.ClinicianName = n.Get("actor", "display").Str()
			}
		case "": // somebody of another practice is known by name only
			if a.view.ClinicianName == "" {
				a.view.ClinicianName = n.Get("actor", "display").Str()
			}
		}
	}
}

// live tells whether an appointment holds its slot.
func (a appointment) live() bool {
	switch a.view.Status {
	case "booked", "pending", "arrived", "checked-in", "fulfilled", "noshow":
		return true
	}
	return false
}

// upcoming tells whether it can still be cancelled or moved.
func (a appointment) upcoming() bool {
	return a.view.Status == "booked" || a.view.Status == "pending"
}

// concept is what a CodeableConcept, or the first of several, is called.
func concept(n fhir.Node) string {
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	return n.Get("coding", "display").Str()
}

const categorySystem = care.Base + "national-slot-category"

// Category is the serviceCategory of a Slot or an Appointment in a national
// slot category, nil for none.
func Category(name string) any {
	if name == "" {
		return nil
	}
	return list{write.Coded(categorySystem, name, name)}
}

// CategoryOf reads the national slot category of a Slot or an Appointment, ""
// for none.
func CategoryOf(res *fhir.Resource) string {
	for cat := range res.Get("serviceCategory").Items() {
		for c := range cat.Get("coding").Items() {
			if c.Get("system").Is(categorySystem) {
				return cmp.Or(c.Get("display").Str(), c.Get("code").Str())
			}
		}
	}
	return ""
}

func modeOf(res *fhir.Resource) Mode {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(channelURL) {
			continue
		}
		var found Mode
		for c := range e.Get("valueCodeableConcept", "coding").Items() {
			if m, ok := ParseMode(c.Get("code").Str()); ok && m != "" {
				if c.Get("system").Is(modeSystem) {
					return m // ours says more than UK Core's
				}
				found = m
			}
		}
		return found
	}
	return ""
}

func channelExtension(m Mode) obj {
	coding := list{obj{"system": channelSystem, "code": m.ukCore(), "display": m.ukCore()}}
	if m == HomeVisit {
		coding = append(coding, obj{"system": modeSystem, "code": string(m), "display": m.String()})
	}
	return obj{"url": channelURL, "valueCodeableConcept": obj{"coding": coding}}
}
