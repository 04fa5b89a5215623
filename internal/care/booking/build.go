package booking

import (
	"encoding/json"
	"maps"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// builder adds to a change what every booking needs.
type builder struct{ *write.Builder }

func begin(by record.Author, why, key string) builder { return builder{write.New(by, why, key)} }

// decided is the change that was built, and the appointment as it will be.
func (b builder) decided(v View) (decision, error) {
	c, err := b.Change()
	return decision{c, v}, err
}

// sell gives one of the slot's places away; with the last it is busy.
func (b builder) sell(s scene) {
	t, status := s.slot.terms, "free"
	t.held, t.taken = "", len(s.holders)+1
	if t.taken >= t.Places() {
		status = "busy"
	}
	if t.Places() == 1 {
		t.taken = 0 // its status says it
	}
	b.Edit(s.slot.v, s.slot.res, obj{"status": status, "extension": s.slot.with(t)})
}

// release gives places back.
func (b builder) release(slots []slot) {
	for _, s := range slots {
		if s.status != "busy" && s.terms.taken == 0 && !s.kept() {
			continue // the practice has blocked it since: it stays so
		}
		t, status := s.terms, "free"
		if t.held, t.taken = "", s.others; t.Places() == 1 {
			t.taken = 0
		}
		if s.status == "busy-unavailable" {
			status = s.status
		}
		b.Edit(s.v, s.res, obj{"status": status, "extension": s.with(t)})
	}
}

// request moves an open request to where the appointment leaves it. It is
// never closed here: somebody does that, with an outcome.
func (b builder) request(t *task, now time.Time, state string) {
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
	b.Edit(t.v, t.res, obj{
		"status":         "in-progress",
		"businessStatus": write.Coded(care.BusinessStatus, state, ""),
		"lastModified":   write.Instant(now),
	})
}

// tell writes what the patient is told, which they see at once when they sign
// in, and owes them a notice by e-mail that says only that there is a message:
// other people may read an e-mail, and a time, a name or a place can tell them
// what somebody is treated for.
// Whoever was booked for by another practice hears from that one.
func (b builder) tell(s scene, by record.Author, v View, text string) {
	if !v.For.IsZero() {
		return
	}
	message := obj{
		"status": "completed", "sent": write.Instant(s.now), "category": kind("message"),
		"topic": obj{"text": "Your appointment"}, "payload": list{obj{"contentString": text}},
	}
	notice := obj{
		"status": "preparation", "category": kind("notice"),
		"medium":  list{write.Coded(care.Medium, "EMAILWRIT", "email")},
		"topic":   obj{"text": words.T(words.English, "notice.subject")},
		"payload": list{obj{"contentString": words.T(words.English, "notice.body")}},
		"partOf":  list{write.Ref(ident.Ref{Type: "Communication", ID: s.ids[1]})},
	}
	for i, o := range []obj{message, notice} {
		o["subject"] = write.Ref(v.Patient)
		o["recipient"] = list{write.Ref(v.Patient)}
		o["about"] = list{write.Ref(v.Appointment)}
		if !v.Request.IsZero() {
			o["basedOn"] = list{write.Ref(v.Request)}
		}
		if care.IsStaff(by.Role) && by.Role != care.RoleSystem {
			o["sender"] = obj{"reference": by.Ref}
		}
		b.Create(ident.Ref{Type: "Communication", ID: s.ids[i+1]}, o)
	}
}

func kind(code string) list { return list{write.Coded(care.MessageKind, code, "")} }

// changes are the members of an Appointment that a booking sets.
func (v View) changes() obj {
	set := obj{
		"status": "booked", "start": write.Instant(v.Start), "end": write.Instant(v.End),
		"minutesDuration":   int(v.End.Sub(v.Start) / time.Minute),
		"slot":              list{write.Ref(v.Slot)},
		"serviceCategory":   Category(v.Category),
		"cancelationReason": nil,
		"participant":       v.participants("accepted"),
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
	if v.Mode != "" {
		set["extension"] = write.Extended(old, channelURL, channelExtension(v.Mode))
	}
	people := v.participants("accepted")
	for n := range old.Get("participant").Items() {
		switch write.Target(n.Get("actor")).Type {
		case "Patient", "Practitioner", "PractitionerRole":
		default:
			people = append(people, json.RawMessage(n.Raw()))
		}
	}
	set["participant"] = people
	return set
}

func (v View) participants(status string) list {
	people := list{obj{"actor": write.Ref(v.Patient), "required": "required", "status": status}}
	if !v.Clinician.IsZero() {
		people = append(people, obj{
			"type":     list{write.Coded(partSystem, "ATND", "attender")},
			"actor":    write.Named(v.Clinician, v.ClinicianName),
			"required": "required", "status": status,
		})
	}
	return people
}

// resource is the whole Appointment, as it is first written.
func (v View) resource(now time.Time, by record.Author) obj {
	o := obj{"status": v.Status, "created": write.Instant(now), "participant": v.participants("needs-action")}
	if v.Status == "booked" {
		maps.Copy(o, v.changes())
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
	var about list
	for _, r := range []ident.Ref{v.Request, v.For, v.Earlier} {
		if !r.IsZero() {
			about = append(about, write.Ref(r))
		}
	}
	if about != nil {
		o["supportingInformation"] = about
	}
	return o
}

func periodOf(c Constraint) obj {
	p := obj{}
	if !c.From.IsZero() {
		p["start"] = write.Instant(c.From)
	}
	if !c.Until.IsZero() {
		p["end"] = write.Instant(c.Until)
	}
	return p
}
