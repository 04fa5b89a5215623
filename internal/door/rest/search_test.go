package rest

import (
	"fmt"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	k := open(t)
	for i := range 7 {
		k.do("PUT", fmt.Sprint("/Patient/p", i), fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"Finch"}]}`, i)).want(201)
		k.do("PUT", fmt.Sprint("/Observation/o", i), fmt.Sprintf(`{"resourceType":"Observation","id":"o%d",`+obsOf+`}`, i, fmt.Sprint("Patient/p", i%2))).want(201)
	}
	seen := map[string]bool{}
	url, pages := "/Patient?family=Finch&_count=3&_total=accurate", 0
	for url != "" {
		a := k.do("GET", url, "").want(200)
		if a.str("type") != "searchset" || a.at("total") != 7.0 {
			t.Fatalf("%s", a.Body)
		}
		for i := range a.entries() {
			full := a.str("entry", i, "fullUrl")
			if a.str("entry", i, "search", "mode") != "match" || !strings.HasPrefix(full, "http://fhir.test"+testBase+"/Patient/p") {
				t.Errorf("entry: %s", a.Body)
			}
			if seen[full] {
				t.Errorf("%s is on two pages", full)
			}
			seen[full] = true
		}
		url = ""
		for i := range 2 {
			if a.str("link", i, "relation") == "next" {
				url = strings.TrimPrefix(a.str("link", i, "url"), "http://fhir.test")
			}
		}
		pages++
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d found on %d pages", len(seen), pages)
	}

	a := k.do("GET", "/Observation?patient=Patient/p1&_include=Observation:subject", "").want(200)
	modes := map[string]int{}
	for i := range a.entries() {
		modes[a.str("entry", i, "search", "mode")]++
	}
	if modes["match"] != 3 || modes["include"] != 1 {
		t.Errorf("include: %v", modes)
	}
	a = k.do("GET", "/Observation?patient=Patient/p1&_include=Observation:subject", "", "Authorization: Bearer system/Observation.rs").want(200)
	if len(a.entries()) != 3 {
		t.Errorf("a token for observations was shown the patient: %s", a.Body)
	}
	a = k.do("POST", "/Observation/_search?_count=2", "patient=Patient/p1", "Content-Type: application/x-www-form-urlencoded").want(200)
	if len(a.entries()) != 2 || !strings.Contains(a.str("link", 1, "url"), "patient=Patient/p1") {
		t.Errorf("POST: %s", a.Body)
	}
	a = k.do("GET", "/Observation?_summary=count", "").want(200)
	if a.at("total") != 7.0 || len(a.entries()) != 0 {
		t.Errorf("count: %s", a.Body)
	}
	if a = k.do("GET", "/Observation?_id=o1,o2", "").want(200); len(a.entries()) != 2 {
		t.Errorf("_id: %s", a.Body)
	}
	if a = k.do("GET", "/Observation?_lastUpdated=gt2020-01-01", "").want(200); len(a.entries()) != 7 {
		t.Errorf("_lastUpdated: %s", a.Body)
	}
	a = k.do("GET", "/Observation?tea=1&_count=1", "", "Prefer: handling=lenient").want(200)
	if a.str("entry", 1, "search", "mode") != "outcome" || strings.Contains(a.str("link", 0, "url"), "tea") {
		t.Errorf("lenient: %s", a.Body)
	}
	if a = k.do("GET", "/Observation?_count=5000", "").want(200); !strings.Contains(a.str("link", 0, "url"), "_count=1000") {
		t.Errorf("self: %s", a.str("link", 0, "url"))
	}
	if a = k.do("GET", "/Observation?patient=Patient/nobody", "").want(200); len(a.entries()) != 0 || a.at("entry") != nil {
		t.Errorf("nothing found: %s", a.Body)
	}
}
