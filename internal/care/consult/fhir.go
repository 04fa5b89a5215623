package consult

import (
	"encoding/json"
	"strconv"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

type (
	obj  = write.Obj
	list = write.List
)

const (
	sectionSystem = care.Base + "note-section"
	channelSystem = care.Base + "consultation-channel"
	reasonURL     = care.Base + "StructureDefinition/amendment-reason"
	actCode       = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	terminology   = "http://terminology.hl7.org/CodeSystem/"
)

var sectionTitles = map[Section]string{
	Reason: "Reason", History: "History", Examination: "Examination",
	Plan: "Plan", SafetyNet: "Safety-netting", Comment: "Comment",
	problemsSection: "Problems", allergiesSection: "Allergies",
}

// The sections that hold what was coded besides.
const (
	problemsSection  Section = "problems"
	allergiesSection Section = "allergies"
)

// Title is the section as a page says it.
func (s Section) Title() string { return sectionTitles[s] }

var channelTitles = map[Channel]string{
	FaceToFace: "Face to face", HomeVisit: "Home visit", Telephone: "Telephone",
	Video: "Video", Message: "Online message", NoContact: "Without the patient",
}

// Title is the channel as a page says it.
func (c Channel) Title() string { return channelTitles[c] }

// class is the Encounter's class (v3-ActCode): ambulatory, virtual, home.
func (c Channel) class() obj {
	code, display := "VR", "virtual"
	switch c {
	case FaceToFace:
		code, display = "AMB", "ambulatory"
	case HomeVisit:
		code, display = "HH", "home health"
	}
	return obj{"system": actCode, "code": code, "display": display}
}

// fhir is the concept as a CodeableConcept.
func (c Concept) fhir() obj {
	o := obj{"text": clean(c.Term)}
	if c.Code != "" {
		o["coding"] = list{obj{"system": c.System, "code": c.Code, "display": clean(c.Term)}}
	}
	return o
}

func conceptOf(n fhir.Node) Concept {
	co := n.Get("coding").First()
	c := Concept{System: co.Get("system").Str(), Code: co.Get("code").Str(), Term: n.Get("text").Str()}
	if c.Term == "" {
		c.Term = co.Get("display").Str()
	}
	if c.System == "" || c.Code == "" {
		c.System, c.Code = "", ""
	}
	return c
}

// who is what the resources of one note have in common.
type who struct {
	patient, encounter, author ident.Ref
	name                       string // the author's
	now                        time.Time
	status                     string // of Observations: preliminary or final
}

func (w who) condition(p Problem) obj {
	status := p.Status
	if status == "" {
		status = "active"
	}
	o := obj{
		"resourceType":       "Condition",
		"clinicalStatus":     write.Coded(terminology+"condition-clinical", status, ""),
		"verificationStatus": write.Coded(terminology+"condition-ver-status", "confirmed", ""),
		"category":           list{write.Coded(terminology+"condition-category", "problem-list-item", "Problem List Item")},
		"code":               p.Concept.fhir(),
		"subject":            write.Ref(w.patient), "encounter": write.Ref(w.encounter),
		"recordedDate": write.Instant(w.now), "recorder": write.Named(w.author, w.name),
	}
	if !p.Onset.IsZero() {
		o["onsetDateTime"] = onset(p)
	}
	if s := clean(p.Note); s != "" {
		o["note"] = list{obj{"text": s}}
	}
	return o
}

func problemOf(r fhir.Node) Problem {
	p := Problem{Concept: conceptOf(r.Get("code")), Status: r.Get("clinicalStatus", "coding", "code").Str(), Note: r.Get("note", "text").Str()}
	p.Onset, _ = words.Birth(r.Get("onsetDateTime").Str())
	return p
}

func quantity(v float64, s Scale) obj {
	return obj{"value": json.Number(number(v)), "unit": s.Unit, "system": ucum, "code": s.UCUM}
}

func (w who) observation(r Reading) obj {
	s, _ := scaleOf(r.Measure) // it was checked
	o := obj{
		"resourceType": "Observation", "status": w.status,
		"category": list{write.Coded(terminology+"observation-category", "vital-signs", "Vital Signs")},
		"code":     obj{"coding": list{obj{"system": s.System, "code": s.Code, "display": s.Name}}, "text": s.Name},
		"subject":  write.Ref(w.patient), "encounter": write.Ref(w.encounter),
		"effectiveDateTime": write.Instant(w.now), "performer": list{write.Named(w.author, w.name)},
	}
	if r.Measure != BloodPressure {
		o["valueQuantity"] = quantity(r.Value, s)
		return o
	}
	o["component"] = list{
		obj{"code": write.Coded(loinc, "8480-6", "Systolic blood pressure"), "valueQuantity": quantity(r.Value, s)},
		obj{"code": write.Coded(loinc, "8462-4", "Diastolic blood pressure"), "valueQuantity": quantity(r.Second, s)},
	}
	return o
}

func readingOf(r fhir.Node) Reading {
	var out Reading
	code := r.Get("code", "coding", "code").Str()
	for _, s := range scales {
		if s.Code == code {
			out.Measure = s.Measure
		}
	}
	val := func(n fhir.Node) float64 {
		v, _ := strconv.ParseFloat(n.Get("valueQuantity", "value").Str(), 64)
		return v
	}
	out.Value = val(r)
	for c := range r.Get("component").Items() {
		switch c.Get("code", "coding", "code").Str() {
		case "8480-6":
			out.Value = val(c)
		case "8462-4":
			out.Second = val(c)
		}
	}
	return out
}

func (w who) allergy(a Allergy) obj {
	o := obj{
		"resourceType":       "AllergyIntolerance",
		"clinicalStatus":     write.Coded(terminology+"allergyintolerance-clinical", "active", ""),
		"verificationStatus": write.Coded(terminology+"allergyintolerance-verification", "confirmed", ""),
		"type":               "allergy", "code": a.Concept.fhir(),
		"patient": write.Ref(w.patient), "encounter": write.Ref(w.encounter),
		"recordedDate": write.Instant(w.now), "recorder": write.Named(w.author, w.name),
	}
	if a.Intolerance {
		o["type"] = "intolerance"
	}
	if a.Severe {
		o["criticality"] = "high"
	}
	if s := clean(a.Reaction); s != "" {
		o["reaction"] = list{obj{"manifestation": list{obj{"text": s}}}}
	}
	return o
}

func allergyOf(r fhir.Node) Allergy {
	return Allergy{
		Concept: conceptOf(r.Get("code")), Reaction: r.Get("reaction", "manifestation", "text").Str(),
		Severe: r.Get("criticality").Is("high"), Intolerance: r.Get("type").Is("intolerance"),
	}
}

func (w who) encounterOf(n Note, finished bool) obj {
	o := obj{
		"status": "in-progress", "class": n.Channel.class(),
		"type":        list{write.Coded(channelSystem, string(n.Channel), n.Channel.Title())},
		"subject":     write.Ref(w.patient),
		"participant": list{obj{"individual": write.Named(w.author, w.name)}},
		"period":      obj{"start": write.Instant(n.Started)},
	}
	if finished {
		o["status"] = "finished"
		o["period"] = obj{"start": write.Instant(n.Started), "end": write.Instant(n.Ended)}
	}
	var reasons list
	for _, c := range n.Reasons {
		reasons = append(reasons, c.fhir())
	}
	if t := firstLine(n.Text[Reason]); t != "" && len(reasons) == 0 {
		reasons = list{obj{"text": t}}
	}
	o["reasonCode"] = nil // an edit that has none takes the old ones out
	if len(reasons) > 0 {
		o["reasonCode"] = reasons
	}
	if !n.Appointment.IsZero() {
		o["appointment"] = list{write.Ref(n.Appointment)}
	}
	return o
}

func firstLine(s string) string {
	s = clean(s)
	for i, r := range s {
		if r == '\n' || i > 120 {
			return s[:i]
		}
	}
	return s
}
