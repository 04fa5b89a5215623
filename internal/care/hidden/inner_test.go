package hidden_test

import (
	"fmt"
	"testing"

	"heartwood/internal/care/hidden"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

func TestInner(t *testing.T) {
	hazard.Covers(t, "H-042")
	const (
		task    = `"status":"requested","code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":%q}]}`
		message = `"status":%q,"category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":%q}]}]`
	)
	for _, c := range []struct {
		typ, body string
		want      bool
	}{
		{"Task", fmt.Sprintf(task, "request"), false},
		{"Task", fmt.Sprintf(task, "job"), true},
		{"Task", fmt.Sprintf(task, "handover"), true},
		{"Task", `"status":"requested"`, true}, // of another program: nobody knows what it says
		{"Communication", fmt.Sprintf(message, "completed", "message"), false},
		{"Communication", fmt.Sprintf(message, "completed", "outcome"), false},
		{"Communication", fmt.Sprintf(message, "preparation", "message"), true},
		{"Communication", fmt.Sprintf(message, "completed", "alarm"), true},
		{"Communication", `"status":"completed"`, false},
		{"CarePlan", `"status":"active","instantiatesUri":["https://heartwood.example/fhir/PlanDefinition/x|1"]`, true},
		{"CarePlan", `"status":"active","title":"Asthma plan"`, false},
		{"Composition", `"status":"preliminary"`, true},
		{"Composition", `"status":"final"`, false},
		{"DiagnosticReport", `"status":"registered"`, true},
		{"Condition", `"clinicalStatus":{"coding":[{"code":"active"}]}`, false},
	} {
		res, err := fhir.ParseResource(fmt.Appendf(nil, `{"resourceType":%q,"id":"x",%s}`, c.typ, c.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := hidden.Inner(ident.Ref{Type: c.typ, ID: "x"}, res); got != c.want {
			t.Errorf("%s %s: %v", c.typ, c.body, got)
		}
	}
}
