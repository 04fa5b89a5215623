package booking

import (
	"encoding/json"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// builder gathers the writes of one change; the first failure stops it.
type builder struct {
	by      record.Author
	why     string
	key     string
	expects []record.Expect
	writes  []record.Write
	err     error
}

func (b *builder) change() record.Change {
	return record.Change{Author: b.by, Reason: b.why, Key: b.key, Expect: b.expects, Writes: b.writes}
}

func (b *builder) expect(e ...record.Expect) { b.expects = append(b.expects, e...) }

func (b *builder) add(w record.Write, err error) {
	if b.err == nil {
		b.err = err
	}
	b.writes = append(b.writes, w)
}

func (b *builder) put(ref ident.Ref, o obj) { b.add(write(ref, o)) }

func (b *builder) edit(v record.Version, res *fhir.Resource, set obj) { b.add(rewrite(v, res, set)) }

// sell makes the slot busy. Its version is expected already.
func (b *builder) sell(s slot) { b.edit(s.v, s.res, obj{"status": "busy"}) }

// release makes slots free again that were busy.
func (b *builder) release(slots []slot) {
	for _, s := range slots {
		if s.status != "busy" {
			continue // the practice has blocked it since: it stays so
		}
		b.expect(s.v.Expect())
		b.edit(s.v, s.res, obj{"status": "free"})
	}
}

// request moves an open request to where the appointment leaves it. It is
// never closed here: somebody does that, with an outcome.
func (b *builder) request(t *task, now time.Time, state string) {
	if t == nil {
		return
	}
	switch t.res.Get("status").Str() {
	case "completed", "cancelled", "rejected", "failed", "entered-in-error":
		return
	}
	if t.res.Get("businessStatus", "coding", "code").Is(state) && t.res.Get("status").Is("in-progress") {
		return
	}
	b.expect(t.v.Expect())
	b.edit(t.v, t.res, obj{
		"status":         "in-progress",
		"businessStatus": obj{"coding": list{obj{"system": care.BusinessStatus, "code": state}}},
		"lastModified":   instant(now),
	})
}

// tell owes the patient two messages: one that they see at once when they
// sign in, and a notice by e-mail that the outbox sends.
func (b *builder) tell(s scene, v View, text string) {
	kinds := [2]obj{
		{"status": "completed", "sent": instant(s.now), "category": kind("message")},
		{"status": "preparation", "category": kind("notice"),
			"medium": list{obj{"coding": list{obj{"system": care.Medium, "code": "EMAILWRIT", "display": "email"}}}}},
	}
	for i, o := range kinds {
		o["subject"] = reference(v.Patient)
		o["recipient"] = list{reference(v.Patient)}
		o["about"] = list{reference(v.Appointment)}
		o["payload"] = list{obj{"contentString": text}}
		if !v.Request.IsZero() {
			o["basedOn"] = list{reference(v.Request)}
		}
		if care.IsStaff(b.by.Role) && b.by.Role != care.RoleSystem {
			o["sender"] = obj{"reference": b.by.Ref}
		}
		ref := ident.Ref{Type: "Communication", ID: s.ids[i+1]}
		b.put(ref, o)
	}
}

func kind(code string) list {
	return list{obj{"coding": list{obj{"system": care.MessageKind, "code": code}}}}
}

// changes are the members of an Appointment that a booking sets.
func (v View) changes() obj {
	set := obj{
		"status": "booked", "start": instant(v.Start), "end": instant(v.End),
		"minutesDuration": int(v.End.Sub(v.Start) / time.Minute),
		"slot":            list{reference(v.Slot)},
		"requestedPeriod": nil, "cancelationReason": nil,
		"participant": v.participants("accepted"),
	}
	if v.Mode != "" {
		set["extension"] = list{channelExtension(v.Mode)}
	}
	if v.Kind != "" {
		set["serviceType"] = list{obj{"text": v.Kind}}
	}
	return set
}

// over is changes for an Appointment that exists: it keeps the extensions and
// the participants (a place, a carer) that a booking does not set.
func (v View) over(old *fhir.Resource) obj {
	set := v.changes()
	var ext list
	for e := range old.Get("extension").Items() {
		if v.Mode == "" || !e.Get("url").Is(channelURL) {
			ext = append(ext, json.RawMessage(e.Raw()))
		}
	}
	if v.Mode != "" {
		ext = append(ext, channelExtension(v.Mode))
	}
	if len(ext) > 0 {
		set["extension"] = ext
	}
	people := v.participants("accepted")
	for n := range old.Get("participant").Items() {
		switch refOf(n.Get("actor")).Type {
		case "Patient", "Practitioner", "PractitionerRole":
		default:
			people = append(people, json.RawMessage(n.Raw()))
		}
	}
	set["participant"] = people
	return set
}

func (v View) participants(status string) list {
	people := list{obj{"actor": reference(v.Patient), "required": "required", "status": status}}
	if !v.Clinician.IsZero() {
		people = append(people, obj{
			"type":     list{obj{"coding": list{obj{"system": partSystem, "code": "ATND", "display": "attender"}}}},
			"actor":    named(v.Clinician, v.ClinicianName),
			"required": "required", "status": status,
		})
	}
	return people
}

// resource is the whole Appointment, as it is first written.
func (v View) resource(now time.Time, by record.Author) obj {
	o := obj{"status": v.Status, "created": instant(now), "participant": v.participants("needs-action")}
	if v.Status == "booked" {
		for k, m := range v.changes() {
			if m != nil {
				o[k] = m
			}
		}
	} else {
		if v.Mode != "" {
			o["extension"] = list{channelExtension(v.Mode)}
		}
		if v.Kind != "" {
			o["serviceType"] = list{obj{"text": v.Kind}}
		}
		if period := periodOf(v.Offer); len(period) > 0 {
			o["requestedPeriod"] = list{period}
		}
	}
	if v.Reason != "" {
		o["description"] = v.Reason
	}
	if v.Note != "" {
		o["patientInstruction"] = v.Note
	}
	if !v.Request.IsZero() {
		o["supportingInformation"] = list{reference(v.Request)}
	}
	return o
}

func periodOf(c Constraint) obj {
	p := obj{}
	if !c.From.IsZero() {
		p["start"] = instant(c.From)
	}
	if !c.Until.IsZero() {
		p["end"] = instant(c.Until)
	}
	return p
}
