package fhir_test

import (
	"runtime"
	"testing"

	"heartwood/internal/fhir"
)

// typical is a resource of a usual size, about 1.7 kB.
const typical = `{"resourceType":"Patient","id":"8f1c2b7e-5a51-4d40-9a0e-0c8d4b1f6a11","meta":{"versionId":"c.812","lastUpdated":"2026-03-01T12:00:00.000Z",
 "profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient"]},
 "extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategory","code":"A","display":"British, Mixed British"}]}}],
 "identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"},{"system":"https://heartwood.example/fhir/local-number","value":"000123"}],
 "active":true,"name":[{"use":"official","family":"Example","given":["Synthetic","Person"],"prefix":["Mx"]},{"use":"nickname","given":["Syn"]}],
 "telecom":[{"system":"phone","value":"01632960001","use":"home"},{"system":"phone","value":"07700900001","use":"mobile"},{"system":"email","value":"synthetic@example.org"}],
 "gender":"other","birthDate":"1970-01-02","deceasedBoolean":false,
 "address":[{"use":"home","line":["1 Example Street","Testham"],"city":"Sampleton","district":"Exampleshire","postalCode":"ZZ99 9ZZ","country":"GBR"}],
 "contact":[{"relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":"N"}]}],"name":{"family":"Example","given":["Other"]},"telecom":[{"system":"phone","value":"01632960002"}]}],
 "communication":[{"language":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage","code":"cy"}]},"preferred":true}],
 "generalPractitioner":[{"reference":"Organization/x99999"}],"managingOrganization":{"reference":"Organization/x99999"}}`

func BenchmarkParse(b *testing.B) {
	src := []byte(typical)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	r := mustResource(b, typical)
	b.ReportAllocs()
	for b.Loop() {
		fhir.Extract(r)
	}
}

func BenchmarkValidate(b *testing.B) {
	r := mustResource(b, typical)
	if issues := fhir.Validate(r); len(issues) > 0 {
		b.Fatal(issues)
	}
	b.ReportAllocs()
	for b.Loop() {
		fhir.Validate(r)
	}
}

func BenchmarkKeep(b *testing.B) {
	r := mustResource(b, typical)
	b.ReportAllocs()
	for b.Loop() {
		r.Keep("x")
	}
}

func BenchmarkPresent(b *testing.B) {
	body := mustResource(b, typical).Keep("x")
	b.ReportAllocs()
	for b.Loop() {
		fhir.Present(body, "c.812", noon)
	}
}

// The tables of all types, decoded, stay small.
func TestTablesAreSmall(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for _, typ := range fhir.Types() {
		fhir.Params(typ)
		fhir.Validate(mustResource(t, `{"resourceType":"`+typ+`"}`))
	}
	after := heap()
	if after > before && after-before > 8<<20 {
		t.Errorf("the tables take %d kB", (after-before)>>10)
	}
	t.Logf("%d kB", (int64(after)-int64(before))>>10)
}
