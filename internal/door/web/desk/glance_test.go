package desk_test

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Every patient on a list has been seen, and can find out by whom; drawing
// the list again soon is the same sight.
func TestListsAreSights(t *testing.T) {
	h := newHouse(t, 40)
	id, name := h.sample[0].ID, h.sample[0].Name
	sights := func(what string) (n int) {
		t.Helper()
		all, err := h.p.Accesses(t.Context(), "Patient/"+id, time.Time{}, 500)
		must(t, err)
		for _, a := range all {
			if a.Type == what && a.Author.Ref == h.staff["navigator"].Ref {
				n++
			}
		}
		return n
	}
	nav := h.as("navigator")
	take(h, id, "My ear has been sore since Monday")
	for range 3 {
		nav.open("").says(200, name)
		nav.open("patients?q="+string(h.sample[0].NHS)).says(200, name)
	}
	for _, what := range []string{"queue", "patient search"} {
		if n := sights(what); n != 1 {
			t.Errorf("%d sights of the %s", n, what)
		}
	}
	h.clock.Add(int64(31 * time.Minute))
	if nav.open("").says(200, name); sights("queue") != 2 {
		t.Errorf("a later visit: %d sights", sights("queue"))
	}
}

// H-005: an allergy, or that nobody has asked, stands beside every request
// and on the record, to whoever may read it, with who the patient is.
func TestAllergiesAreNeverLeftOut(t *testing.T) {
	hazard.Covers(t, "H-005")
	h := newHouse(t, 10)
	put := func(ref, rest string) {
		t.Helper()
		r, _ := ident.ParseRef(ref)
		w, err := record.Prepare(r, []byte(`{"resourceType":"`+r.Type+`","id":"`+r.ID+`",`+rest+`}`))
		must(t, err)
		_, err = h.p.Commit(t.Context(), record.Change{Author: record.Author{Ref: "Device/test", Role: "system"}, Reason: "test", Writes: []record.Write{w}})
		must(t, err)
	}
	person := func(id, given string) {
		put("Patient/"+id, `"name":[{"given":["`+given+`"],"family":"Example"}],"birthDate":"1980-04-03","telecom":[{"system":"phone","value":"07700 900001"}],"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}]`)
	}
	const active = `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]}`
	person("with", "Wyn")
	put("AllergyIntolerance/peanut", active+`,"code":{"text":"Peanut"},"criticality":"high","patient":{"reference":"Patient/with"},"reaction":[{"manifestation":[{"text":"anaphylaxis"}]}]`)
	for _, more := range []string{"Latex", "Egg", "Penicillin"} {
		put("AllergyIntolerance/"+strings.ToLower(more), active+`,"code":{"text":"`+more+`"},"patient":{"reference":"Patient/with"}`)
	}
	person("none", "Nia")
	put("AllergyIntolerance/nka", active+`,"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"No known allergy"}],"text":"No known allergies"},"patient":{"reference":"Patient/none"}`)
	person("unasked", "Una")
	for id, wanted := range map[string][]string{
		"with":    {"Peanut", "severe", "anaphylaxis", "Latex", "Egg", "Penicillin"},
		"none":    {"No known allergies"},
		"unasked": {"No allergies recorded: ask the patient"},
	} {
		for _, role := range []string{"navigator", "clinician"} {
			b := h.as(role)
			who := []string{"Example", "999 000 0018", "3 April 1980", "Allergies"}
			b.open("patient/"+id).says(200, append(who, wanted...)...)
			b.open("new?patient="+id).says(200, append(who, wanted...)...)
			b.open(take(h, id, "My ear has been sore since Monday")).says(200, append(who, wanted...)...)
			if role == "clinician" {
				b.open("consult?patient="+id).says(200, append(who, wanted...)...)
			}
		}
	}
}
