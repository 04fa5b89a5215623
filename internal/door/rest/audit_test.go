package rest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

func TestWhoLooked(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/ada", strings.Replace(ada, `"Patient",`, `"Patient","id":"ada",`, 1)).want(201)
	k.create("Observation", fmt.Sprintf(`{"resourceType":"Observation",`+obsOf+`}`, "Patient/ada"))
	for i := range 7 {
		err := k.practice.Saw(t.Context(), record.Access{
			Author: record.Author{Ref: fmt.Sprint("Practitioner/p", i), Role: "clinician", For: "Patient/ada"}, Purpose: "direct care", Patient: "Patient/ada", Type: "summary", Count: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	k.do("POST", "/AuditEvent", `{"resourceType":"AuditEvent","type":{"code":"rest"},"recorded":"2020-01-01T00:00:00Z",`+
		`"agent":[{"requestor":true}],"source":{"observer":{"display":"elsewhere"}},"entity":[{"what":{"reference":"Patient/ada"}}]}`).want(201)

	var seen []string
	url := "/AuditEvent?patient=Patient/ada&_count=3&_sort=-date"
	for url != "" {
		a := k.do("GET", url, "").want(200)
		for i, e := range a.entries() {
			full := a.str("entry", i, "fullUrl")
			seen = append(seen, full)
			_ = e
		}
		url = strings.TrimPrefix(a.str("link", 1, "url"), "http://fhir.test")
	}
	unique := map[string]bool{}
	for _, s := range seen {
		unique[s] = true
	}
	if len(unique) != len(seen) || len(seen) < 8 {
		t.Fatalf("%d shown, %d different: %v", len(seen), len(unique), seen)
	}
	sights := 0
	for _, s := range seen {
		a := k.do("GET", strings.TrimPrefix(s, "http://fhir.test"), "").want(200)
		r, err := fhir.ParseResource(a.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := fhir.Refusal(fhir.Validate(r)); err != nil {
			t.Errorf("%v: %s", err, a.Body)
		}
		if a.str("agent", 0, "role", 0, "text") == "clinician" {
			sights++
		}
	}
	if sights != 7 {
		t.Errorf("%d sights by clinicians", sights)
	}
	k.do("GET", "/AuditEvent?patient=Patient/ada&date=2020", "").refused(400, "date")
	k.do("GET", "/AuditEvent?patient=Patient/ada&_cursor=x", "").refused(400, "_cursor")
	k.do("GET", "/AuditEvent/sight-abc-00000000-ada", "").refused(404, "")
	k.do("GET", "/AuditEvent?patient=Patient/ada", "", "Authorization: Bearer patient:eve patient/*.rs").refused(403, "")
	k.do("GET", "/AuditEvent?patient=ada", "", "Authorization: Bearer patient:ada patient/*.rs").want(200)
	if a := k.do("GET", "/AuditEvent?date=2020", "").want(200); len(a.entries()) != 1 {
		t.Errorf("stored alone: %s", a.Body)
	}
}

// What programs read is in the access log within a second.
func TestProgramsAreNoted(t *testing.T) {
	k := open(t)
	k.do("PUT", "/Patient/ada", strings.Replace(ada, `"Patient",`, `"Patient","id":"ada",`, 1)).want(201)
	id := k.create("Observation", fmt.Sprintf(`{"resourceType":"Observation",`+obsOf+`}`, "Patient/ada"))
	k.do("GET", "/Observation/"+id, "").want(200)
	k.do("GET", "/Observation/"+id, "").want(200)
	k.do("GET", "/Patient", "").want(200)
	deadline := time.Now().Add(2 * time.Second)
	for {
		count := map[string]int{}
		seen, err := k.practice.Accesses(t.Context(), "Patient/ada", time.Time{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range seen {
			if a.Purpose == purposeProgram && a.Author.Ref == "Device/test" {
				count[a.Type] += a.Count
			}
		}
		if count["Observation"] == 2 && count["Patient"] == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("noted: %v", count)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestPatientOf(t *testing.T) {
	for body, want := range map[string]string{
		`{"resourceType":"Observation","subject":{"reference":"Patient/a"}}`:                                                      "Patient/a",
		`{"resourceType":"Observation","subject":{"reference":"Patient\/a"}}`:                                                     "Patient/a",
		`{"resourceType":"Observation","subject":{"reference":"Patient/a"},"performer":[{"reference":"Patient/a"}]}`:              "Patient/a",
		`{"resourceType":"Observation","performer":[{"reference":"Patient/b"}],"subject":{"reference":"Patient/a"}}`:              "Patient/a",
		`{"resourceType":"Observation","subject":{"reference":"http://x.test/fhir/Z99901/Patient/a/_history/2"}}`:                 "Patient/a",
		`{"resourceType":"Observation","subject":{"reference":"Group/a"}}`:                                                        "",
		`{"resourceType":"Observation","note":[{"text":"Patient/ and Patient/?"}]}`:                                               "",
		`{"resourceType":"AllergyIntolerance","asserter":{"reference":"Patient/mother"},"patient":{"reference":"Patient/child"}}`: "Patient/child",
	} {
		r, err := fhir.ParseResource([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got := patientOf(record.Version{Ref: r.Ref(), ID: "c.1", Body: r.Keep("x")}); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
