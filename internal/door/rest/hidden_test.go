package rest

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"heartwood/internal/care/hidden"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// What is hidden from online access is not there for a token of the patient:
// not by any interaction, nor what belongs to it, nor the mark, nor a count.
// The practice's own programs see it.
// The practice's own work about a patient is not there for their app.
func TestOwnWorkIsNotThere(t *testing.T) {
	hazard.Covers(t, "H-042")
	k := open(t)
	mine := []string{"Authorization: Bearer patient:ada patient/*.cruds"}
	k.do("PUT", "/Patient/ada", `{"resourceType":"Patient","id":"ada"}`).want(http.StatusCreated)
	k.do("PUT", "/Observation/draft", `{"resourceType":"Observation","id":"draft","status":"preliminary","code":{"text":"Bruises"},"subject":{"reference":"Patient/ada"}}`).want(http.StatusCreated)
	k.do("PUT", "/Observation/final", `{"resourceType":"Observation","id":"final","status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient/ada"}}`).want(http.StatusCreated)
	k.do("PUT", "/CarePlan/case-1", `{"resourceType":"CarePlan","id":"case-1","status":"active","intent":"plan","instantiatesUri":["https://heartwood.example/fhir/PlanDefinition/x|1"],"title":"Bruises","subject":{"reference":"Patient/ada"}}`).want(http.StatusCreated)
	k.do("GET", "/CarePlan/case-1", "", mine...).want(http.StatusNotFound)
	k.do("GET", "/Observation/draft", "").want(http.StatusOK)
	k.do("GET", "/Observation/draft", "", mine...).want(http.StatusNotFound)
	if body := k.do("GET", "/Observation?_total=accurate", "", mine...).want(http.StatusOK).Body.String(); strings.Contains(body, "Bruises") || !strings.Contains(body, "Weight") || !strings.Contains(body, `"total":1`) {
		t.Errorf("a search tells: %s", body)
	}
}

func TestHiddenIsNotThere(t *testing.T) {
	hazard.Covers(t, "H-013")
	hazard.Covers(t, "H-016")
	k := open(t)
	put := func(path, body string) {
		t.Helper()
		k.do("PUT", path, body).want(http.StatusCreated)
	}
	put("/Patient/ada", `{"resourceType":"Patient","id":"ada"}`)
	put("/Encounter/secret", `{"resourceType":"Encounter","id":"secret","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"}}`)
	put("/Condition/told", `{"resourceType":"Condition","id":"told","subject":{"reference":"Patient/ada"},"encounter":{"reference":"Encounter/secret"},"code":{"text":"SECRET"}}`)
	put("/Condition/open", `{"resourceType":"Condition","id":"open","subject":{"reference":"Patient/ada"},"code":{"text":"Asthma"}}`)
	put("/Provenance/names", `{"resourceType":"Provenance","id":"names","recorded":"2026-01-01T00:00:00Z","target":[{"reference":"Condition/told"},{"reference":"Patient/ada"}],"agent":[{"who":{"display":"x"}}]}`)
	put("/DocumentReference/photo", `{"resourceType":"DocumentReference","id":"photo","status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"url":"Binary/pixels"}}],"context":{"encounter":[{"reference":"Encounter/secret"}]}}`)
	put("/Binary/pixels", `{"resourceType":"Binary","id":"pixels","contentType":"image/png","securityContext":{"reference":"Patient/ada"},"data":"AAAA"}`)
	mine := []string{"Authorization: Bearer patient:ada patient/*.cruds"}
	secret := []string{"/Encounter/secret", "/Condition/told", "/DocumentReference/photo", "/Binary/pixels"}
	for _, path := range secret {
		k.do("GET", path, "", mine...).want(http.StatusOK)
	}
	nurse := record.Author{Ref: "Practitioner/nurse", Role: "clinician"}
	err := hidden.Hide(context.Background(), k.practice, nurse, ident.Ref{Type: "Patient", ID: "ada"}, ident.Ref{Type: "Encounter", ID: "secret"}, "She asked us to")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range secret {
		for _, way := range []string{"", "/_history"} {
			k.do("GET", path+way, "", mine...).want(http.StatusNotFound)
		}
		version := strings.Trim(strings.TrimPrefix(k.do("GET", path, "").want(http.StatusOK).Header().Get("ETag"), "W/"), `"`)
		k.do("GET", path+"/_history/"+version, "", mine...).want(http.StatusNotFound)
		if a := k.do("PUT", path, k.do("GET", path, "").Body.String(), mine...); a.Code < 400 {
			t.Errorf("%s was written over: %d", path, a.Code)
		}
		k.do("DELETE", path, "", mine...)
		k.do("GET", path, "").want(http.StatusOK)
	}
	for _, ask := range []string{
		"/Encounter", "/Condition", "/Condition?_total=accurate", "/Condition?_summary=count", "/Condition?_count=1&_total=accurate",
		"/Condition?encounter=Encounter/secret", "/Condition?_revinclude=Provenance:target", "/Condition?_include=Condition:encounter",
		"/DocumentReference", "/Consent", "/Consent?_summary=count", "/Provenance?target=Condition/told", "/Condition?_id=told",
	} {
		a := k.do("GET", ask, "", mine...)
		body := a.Body.String()
		for _, trace := range []string{"secret", "told", "SECRET", "photo", "hidden", `"total":2`} {
			if body = strings.ReplaceAll(body, strings.TrimPrefix(ask, "/"), ""); strings.Contains(body, trace) && !strings.Contains(ask, trace) {
				t.Errorf("%s tells of %q: %s", ask, trace, body)
			}
		}
		if strings.HasPrefix(ask, "/Condition?_") && !strings.Contains(ask, "_id") && a.Code == http.StatusOK && !strings.Contains(body, "Asthma") && !strings.Contains(body, `"total":1`) {
			t.Errorf("%s does not show what is not hidden: %s", ask, body)
		}
	}
	batch := `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Condition/told"}},{"request":{"method":"GET","url":"Condition"}}]}`
	if body := k.do("POST", "/", batch, mine...).Body.String(); strings.Contains(body, "SECRET") || !strings.Contains(body, "Asthma") {
		t.Errorf("a batch tells: %s", body)
	}
	if a := k.do("GET", "/Condition/told", ""); a.Code != http.StatusOK {
		t.Errorf("the practice's own program is answered %d", a.Code)
	}
	clinician := nurse
	if err := hidden.Show(context.Background(), k.practice, clinician, ident.Ref{Type: "Patient", ID: "ada"}, ident.Ref{Type: "Encounter", ID: "secret"}, "She asked us to"); err != nil {
		t.Fatal(err)
	}
	k.do("GET", "/Condition/told", "", mine...).want(http.StatusOK)
	for _, ask := range []string{"/Consent", "/Consent?_summary=count", "/Consent?status=inactive"} {
		if body := k.do("GET", ask, "", mine...).Body.String(); strings.Contains(body, "She asked") || strings.Contains(body, "hidden") || strings.Contains(body, `"total":1`) {
			t.Errorf("%s tells that something was hidden: %s", ask, body)
		}
	}
}

// With a request that is hidden goes what it was made of, and what hangs on
// what hangs on it: the form, the file of a message, the bytes of the file.
func TestWhatHangsOnAHiddenRequestIsNotThere(t *testing.T) {
	hazard.Covers(t, "H-013")
	hazard.Covers(t, "H-016")
	k := open(t)
	put := func(path, body string) {
		t.Helper()
		typ, id, _ := strings.Cut(path, "/")
		k.do("PUT", "/"+path, `{"resourceType":"`+typ+`","id":"`+id+`",`+body+`}`).want(http.StatusCreated)
	}
	put("Patient/ada", `"active":true`)
	put("QuestionnaireResponse/form", `"status":"completed","subject":{"reference":"Patient/ada"}`)
	put("Task/asked", `"status":"requested","intent":"order","for":{"reference":"Patient/ada"},"focus":{"reference":"QuestionnaireResponse/form"},"code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"request"}]}`)
	put("Communication/said", `"status":"completed","subject":{"reference":"Patient/ada"},"basedOn":[{"reference":"Task/asked"}],"category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"message"}]}]`)
	put("Binary/bytes", `"contentType":"image/png","securityContext":{"reference":"Patient/ada"},"data":"AAAA"`)
	put("DocumentReference/file", `"status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"url":"Binary/bytes"}}],"context":{"related":[{"reference":"Communication/said"}]}`)
	mine := []string{"Authorization: Bearer patient:ada patient/*.rs"}
	all := []string{"/Task/asked", "/QuestionnaireResponse/form", "/Communication/said", "/DocumentReference/file", "/Binary/bytes"}
	for _, path := range all {
		k.do("GET", path, "", mine...).want(http.StatusOK)
	}
	nurse := record.Author{Ref: "Practitioner/nurse", Role: "clinician"}
	if err := hidden.Hide(context.Background(), k.practice, nurse, ident.Ref{Type: "Patient", ID: "ada"}, ident.Ref{Type: "Task", ID: "asked"}, "others look"); err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		k.do("GET", path, "", mine...).want(http.StatusNotFound)
		k.do("GET", path, "").want(http.StatusOK)
	}
}
