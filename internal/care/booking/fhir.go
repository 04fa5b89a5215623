package booking

import (
	"encoding/json"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// obj and list are JSON that this package writes.
type (
	obj  = map[string]any
	list = []any
)

// slot is a Slot as it is decided about (http://hl7.org/fhir/R4/slot.html).
type slot struct {
	view   SlotView
	status string
	v      record.Version
	res    *fhir.Resource
}

func readSlot(v record.Version) (slot, error) {
	res, err := v.Resource()
	if err != nil {
		return slot{}, err
	}
	s := slot{v: v, res: res, status: res.Get("status").Str()}
	s.view = SlotView{
		Slot: v.Ref, Version: v.ID,
		Schedule: refOf(res.Get("schedule")),
		Kind:     concept(res.Get("serviceType")),
		Mode:     modeOf(res),
		Start:    when(res.Get("start").Str()), End: when(res.Get("end").Str()),
	}
	return s, nil
}

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
		Start:  when(res.Get("start").Str()), End: when(res.Get("end").Str()),
		Reason: res.Get("description").Str(),
		Note:   res.Get("patientInstruction").Str(),
	}
	for n := range res.Get("slot").Items() {
		a.slots = append(a.slots, refOf(n))
	}
	if len(a.slots) > 0 {
		a.view.Slot = a.slots[0]
	}
	for n := range res.Get("supportingInformation").Items() {
		if r := refOf(n); r.Type == "Task" {
			a.view.Request = r
		}
	}
	a.people()
	if a.view.Status == "proposed" {
		p := res.Get("requestedPeriod")
		a.view.Offer = Constraint{
			Kind: a.view.Kind, Mode: a.view.Mode, Clinician: a.view.Clinician,
			From: when(p.Get("start").Str()), Until: when(p.Get("end").Str()),
		}
	}
	return a, nil
}

func (a *appointment) people() {
	for n := range a.res.Get("participant").Items() {
		switch r := refOf(n.Get("actor")); r.Type {
		case "Patient":
			a.view.Patient = r
		case "Practitioner", "PractitionerRole":
			a.view.Clinician = r
			a.view.ClinicianName = n.Get("actor", "display").Str()
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

func refOf(n fhir.Node) ident.Ref {
	r, _ := ident.ParseRef(n.Get("reference").Str())
	return r
}

// concept is what a CodeableConcept, or the first of several, is called.
func concept(n fhir.Node) string {
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	return n.Get("coding", "display").Str()
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

// when reads an instant or dateTime with a time; anything else is zero.
func when(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.In(london)
}

func instant(t time.Time) string { return t.In(london).Format(time.RFC3339) }

func reference(r ident.Ref) obj { return obj{"reference": r.String()} }

func named(r ident.Ref, name string) obj {
	o := reference(r)
	if name != "" {
		o["display"] = name
	}
	return o
}

// edit is a resource with some members replaced; nil removes one. All else
// stays byte for byte.
func edit(res *fhir.Resource, set obj) ([]byte, error) {
	out := []byte{'{'}
	put := func(name string, raw []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, _ := json.Marshal(name) // a string always marshals
		out = append(append(append(out, key...), ':'), raw...)
	}
	seen := map[string]bool{}
	for n := range res.Root().Children() {
		v, changed := set[n.Key()]
		seen[n.Key()] = true
		switch {
		case !changed:
			put(n.Key(), n.Raw())
		case v != nil:
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, fault.From(err)
			}
			put(n.Key(), raw)
		}
	}
	rest := obj{}
	for k, v := range set {
		if !seen[k] && v != nil {
			rest[k] = v
		}
	}
	if len(rest) > 0 {
		raw, err := json.Marshal(rest) // in order of name, so the same edit is the same bytes
		if err != nil {
			return nil, fault.From(err)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		return append(out, raw[1:]...), nil
	}
	return append(out, '}'), nil
}

// write prepares a new version of a resource that is written whole.
func write(ref ident.Ref, o obj) (record.Write, error) {
	o["resourceType"], o["id"] = ref.Type, ref.ID
	raw, err := json.Marshal(o)
	if err != nil {
		return record.Write{}, fault.From(err)
	}
	return record.Prepare(ref, raw)
}

// rewrite prepares a new version of a resource with some members replaced.
func rewrite(v record.Version, res *fhir.Resource, set obj) (record.Write, error) {
	raw, err := edit(res, set)
	if err != nil {
		return record.Write{}, err
	}
	return record.Prepare(v.Ref, raw)
}
