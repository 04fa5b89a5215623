package rest

import (
	"fmt"
	"strings"
	"testing"
)

const patientBody = `"name":[{"use":"official","family":"Hebden","given":["Synthetic"]}],"gender":"female","birthDate":"1980-02-29",` +
	`"address":[{"line":["1 Example Street"],"city":"Exampleton","postalCode":"ZZ99 3VZ"}],"telecom":[{"system":"phone","value":"01632 960001"}]`

const observationBody = `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],` +
	`"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}],"text":"Systolic blood pressure"},"effectiveDateTime":"2020-01-01T10:00:00Z",` +
	`"valueQuantity":{"value":120.5,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"subject":{"reference":"%s"},` +
	`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Systolic blood pressure of a patient who does not exist</p></div>"}`

func BenchmarkTransaction(b *testing.B) {
	k := open(b)
	k.large()
	entries := []string{post(urnA, "Patient", patientBody)}
	for range 99 {
		entries = append(entries, post("", "Observation", fmt.Sprintf(observationBody, urnA)))
	}
	body := transaction(entries...)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		k.do("POST", "", body).want(200)
	}
}

func BenchmarkRead(b *testing.B) {
	k := open(b)
	id := k.create("Observation", `{"resourceType":"Observation",`+fmt.Sprintf(observationBody, "Patient/1")+`}`)
	b.ReportAllocs()
	for b.Loop() {
		k.do("GET", "/Observation/"+id, "").want(200)
	}
}

func BenchmarkCreate(b *testing.B) {
	k := open(b)
	body := `{"resourceType":"Observation",` + fmt.Sprintf(observationBody, "Patient/1") + `}`
	b.ReportAllocs()
	for b.Loop() {
		k.do("POST", "/Observation", body).want(201)
	}
}

func BenchmarkSearch(b *testing.B) {
	k := open(b)
	for range 20 {
		k.create("Observation", strings.Replace(`{"resourceType":"Observation",`+observationBody+`}`, "%s", "Patient/1", 1))
	}
	b.ReportAllocs()
	for b.Loop() {
		k.do("GET", "/Observation?patient=Patient/1&_count=20", "").want(200)
	}
}
