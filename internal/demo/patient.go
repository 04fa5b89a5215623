package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// chart is what one patient's record is written from.
type chart struct {
	one        *person
	r          *rand.Rand
	day        time.Time
	has        uint64         // problems, by index
	condition  map[int]string // ids of their Conditions
	gp         string
	penicillin bool        // allergic to it
	seen       []time.Time // appointments of the past weeks
}

// hasProblem tells whether the person has the problem.
func (c *chart) hasProblem(key string) bool { return c.has>>problemIndex[key]&1 == 1 }

// within is a day at most that many days ago, and not before birth.
func (c *chart) within(days int) time.Time {
	d := c.day.AddDate(0, 0, -1-c.r.IntN(days))
	if d.Before(c.one.born) {
		return c.one.born
	}
	return d
}

// next is the id of the patient's next resource of a kind: "…-m2".
func (w *writer) next(kind byte, one *person) string {
	w.made[kind-'a']++
	return one.id + "-" + string(kind) + strconv.Itoa(w.made[kind-'a'])
}

// patient writes one patient with their whole record.
func (w *writer) patient(one *person) {
	p := w.practice
	r := p.net.random("record", one.number)
	c := &chart{
		one: one, r: r, day: p.net.day, has: drawProblems(r, one), condition: map[int]string{},
		gp: p.local(fmt.Sprintf("gp-%d", one.gp+1)),
	}
	w.made = [26]int{}
	w.demographics(one)
	for k, parent := range one.parents {
		if one.age < 16 {
			w.related(one, parent, k)
		}
	}
	w.conditions(c)
	w.passing(c)
	w.allergies(c)
	w.prescribe(c)
	w.immunise(c)
	w.measure(c)
	w.contacts(c)
	w.letters(c)
	w.requests(c)
	w.visits(c)
}

func gender(female bool) string {
	if female {
		return "female"
	}
	return "male"
}

const (
	nhsSystem    = "https://fhir.nhs.uk/Id/nhs-number"
	ethnicURL    = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
	ethnicSystem = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
	snomed       = "http://snomed.info/sct"
)

// demographics writes the Patient, in the shape of UKCore-Patient.
func (w *writer) demographics(one *person) {
	w.begin("Patient", one.id)
	w.raw(`,"extension":[{"url":"` + ethnicURL + `","valueCodeableConcept":`)
	w.conceptOf(ethnicSystem, one.heritage.code, one.heritage.display)
	w.raw(`},{"url":"` + ownBase + `StructureDefinition/imd-decile","valueInteger":` + strconv.Itoa(one.tenth) + `}`)
	if one.interpreter() {
		w.raw(`,{"url":"http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired","valueBoolean":true}`)
	}
	if need := one.need(); need != "" {
		w.raw(`,{"url":"` + ownBase + `StructureDefinition/communication-need"`)
		w.str("valueString", need)
		w.raw(`}`)
	}
	w.raw(`],"identifier":[{"system":"` + nhsSystem + `","value":"` + string(one.nhs) + `"}],"active":true,"name":[{"use":"official"`)
	w.str("family", one.family)
	w.raw(`,"given":[`)
	w.quote(one.given)
	w.raw(`]`)
	if t := title(one); t != "" {
		w.raw(`,"prefix":["` + t + `"]`)
	}
	w.raw(`}]`)
	if one.age >= 16 {
		w.raw(`,"telecom":[{"system":"phone","value":"` + one.phone + `","use":"mobile"}`)
		if one.age < 80 || one.number%3 == 0 {
			w.raw(`,{"system":"email","value":"` + one.id + `@patient.example.org"}`)
		}
		w.raw(`]`)
	}
	w.str("gender", gender(one.female))
	w.day("birthDate", one.born)
	w.address("address", "home", one.address)
	w.raw(`,"communication":[{"language":`)
	w.conceptOf("urn:ietf:bcp:47", one.language, languageNames[one.language])
	w.raw(`,"preferred":true}],"generalPractitioner":[`)
	w.reference("Practitioner", w.practice.local(fmt.Sprintf("gp-%d", one.gp+1)))
	w.raw(`]`)
	w.ref("managingOrganization", "Organization", string(w.practice.ODS))
	for i, child := range one.children {
		w.raw([]string{`,"link":[`, `,`}[min(i, 1)])
		w.raw(`{"other":`)
		w.reference("RelatedPerson", relatedID(child, one))
		w.raw(`,"type":"seealso"}`)
	}
	if len(one.children) > 0 {
		w.raw(`]`)
	}
	w.end()
}

func title(one *person) string {
	switch {
	case one.age < 16:
		return ""
	case !one.female:
		return "Mr"
	case one.number%3 == 0:
		return "Ms"
	case one.age < 25:
		return "Miss"
	}
	return "Mrs"
}

// relatedID is the RelatedPerson that lets a parent act for a child.
func relatedID(child, parent *person) string {
	for k, p := range child.parents {
		if p == parent {
			return child.id + "-r" + strconv.Itoa(k+1)
		}
	}
	return ""
}

// related writes a parent as the child's record knows them; the parent's own
// Patient links here.
func (w *writer) related(child, parent *person, k int) {
	w.begin("RelatedPerson", child.id+"-r"+strconv.Itoa(k+1))
	w.raw(`,"identifier":[{"system":"` + nhsSystem + `","value":"` + string(parent.nhs) + `"}],"active":true`)
	w.ref("patient", "Patient", child.id)
	code, display := "MTH", "mother"
	if !parent.female {
		code, display = "FTH", "father"
	}
	w.raw(`,"relationship":[`)
	w.conceptOf("http://terminology.hl7.org/CodeSystem/v3-RoleCode", code, display)
	w.raw(`],"name":[{"use":"official"`)
	w.str("family", parent.family)
	w.raw(`,"given":[`)
	w.quote(parent.given)
	w.raw(`]}],"telecom":[{"system":"phone","value":"` + parent.phone + `","use":"mobile"}]`)
	w.str("gender", gender(parent.female))
	w.day("birthDate", parent.born)
	w.end()
}
