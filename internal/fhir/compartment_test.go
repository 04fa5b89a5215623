package fhir_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

func TestPatientOf(t *testing.T) {
	for src, want := range map[string]string{
		`{"resourceType":"Patient","id":"p"}`: "Patient/p",
		`{"resourceType":"Patient"}`:          "",
		`{"resourceType":"Task","for":{"reference":"Patient/p"},"requester":{"reference":"Patient/q"}}`:                               "Patient/p",
		`{"resourceType":"Task","for":{"reference":"Group/p"}}`:                                                                       "",
		`{"resourceType":"Communication","subject":{"reference":"Patient/p"},"sender":{"reference":"Patient/q"}}`:                     "Patient/p",
		`{"resourceType":"Appointment","participant":[{"actor":{"reference":"Practitioner/a"}},{"actor":{"reference":"Patient/p"}}]}`: "Patient/p",
		`{"resourceType":"Appointment","participant":[{"actor":{"reference":"Patient/q"}},{"actor":{"reference":"Patient/p"}}]}`:      "",
		`{"resourceType":"Slot"}`: "",
		`{"resourceType":"Binary","contentType":"image/png","securityContext":{"reference":"Patient/p"}}`:                                "Patient/p",
		`{"resourceType":"RelatedPerson","patient":{"reference":"Patient/p"}}`:                                                           "Patient/p",
		`{"resourceType":"Coverage","beneficiary":{"reference":"Patient/p"},"payor":[{"reference":"Organization/o"}]}`:                   "Patient/p",
		`{"resourceType":"QuestionnaireResponse","subject":{"reference":"Patient/p/_history/2"},"author":{"reference":"Patient/proxy"}}`: "Patient/p",
	} {
		if got := fhir.PatientOf(mustResource(t, src)); got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
	if got := fhir.Compartment("Communication"); !slices.Equal(got, []string{"subject", "sender", "recipient"}) {
		t.Errorf("Communication: %v", got)
	}
	if fhir.Compartment("Slot") != nil || fhir.Compartment("Nothing") != nil {
		t.Error("Slot is in no patient's compartment")
	}
	for _, typ := range fhir.Types() {
		for _, name := range fhir.Compartment(typ) {
			if p := fhir.Param(typ, name); p == nil || p.Kind != fhir.ParamReference {
				t.Errorf("%s: no reference parameter %s", typ, name)
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	got := string(fhir.Outcome(fault.At(fault.Invalid, "Patient.name", "It is <wrong>.")))
	if want := `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"It is \u003cwrong\u003e.","expression":["Patient.name"]}]}`; got != want {
		t.Errorf("%s", got)
	}
	if got := string(fhir.Outcome(errors.New("secret"))); strings.Contains(got, "secret") || !strings.Contains(got, `"exception"`) {
		t.Errorf("%s", got)
	}
	for _, issues := range [][]fhir.Issue{nil, {{"error", "required", "Task", "status is required here."}, {"warning", "value", "", "x"}}} {
		b := fhir.OutcomeOf(issues)
		if !json.Valid(b) {
			t.Errorf("%s", b)
		}
		if bad := fhir.Validate(mustResource(t, string(b))); len(bad) > 0 {
			t.Errorf("%s: %+v", b, bad)
		}
	}
}
