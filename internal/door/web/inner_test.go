package web_test

import (
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

// What the practice works on about a patient is not theirs to read, nor for
// who acts for them: a job may name what they must not know of.
func TestOwnWorkIsNotInThePatientsRecord(t *testing.T) {
	hazard.Covers(t, "H-042")
	y := open(t)
	y.put("Task/job-1", `"status":"requested","intent":"order","code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"job"}]},"for":{"reference":"Patient/ann"},"description":"Ring the safeguarding lead","authoredOn":"2026-01-05T10:00:00Z"`)
	y.put("Composition/draft", `"status":"preliminary","type":{"text":"Consultation"},"subject":{"reference":"Patient/ann"},"date":"2026-01-05T10:00:00Z","author":[{"reference":"Practitioner/gp"}],"title":"Bruises, not explained"`)
	y.put("Observation/draft", `"status":"preliminary","code":{"text":"Bruises seen"},"subject":{"reference":"Patient/ann"},"effectiveDateTime":"2026-01-05T10:00:00Z","valueString":"many"`)
	y.put("Communication/planned", `"status":"preparation","category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"message"}]}],"subject":{"reference":"Patient/ann"},"recipient":[{"reference":"Patient/ann"}],"payload":[{"contentString":"Written and not sent"}]`)
	y.put("Communication/sent", `"status":"completed","sent":"2026-01-05T10:00:00Z","category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"message"}]}],"subject":{"reference":"Patient/ann"},"recipient":[{"reference":"Patient/ann"}],"payload":[{"contentString":"Written and sent"}]`)
	ann := y.browser("ann")
	for _, path := range []string{"record", "record/all"} {
		p := ann.get("/p/Z99901/of/me/" + path)
		if p.status != 200 {
			t.Fatalf("%s: %d", path, p.status)
		}
		for _, s := range []string{"safeguarding", "Bruises", "not sent"} {
			if strings.Contains(p.body, s) {
				t.Errorf("%s shows the patient %q", path, s)
			}
		}
	}
	if p := ann.get("/p/Z99901/of/me/record/all"); !strings.Contains(p.body, "Written and sent") || !strings.Contains(p.body, "1 entry in all") {
		t.Error("what is theirs is missing, or counted wrongly")
	}
}
