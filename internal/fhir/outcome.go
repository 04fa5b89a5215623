package fhir

import (
	"encoding/json"

	"heartwood/internal/fault"
)

type outcome struct {
	ResourceType string         `json:"resourceType"`
	Issue        []outcomeIssue `json:"issue"`
}

type outcomeIssue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

// Outcome is the OperationOutcome that tells of err: its sentence and the
// element at fault, never its cause.
func Outcome(err error) []byte {
	f := fault.From(err)
	code := f.Code
	if code == "" {
		code = f.Kind.Issue()
	}
	return print(outcomeIssue{"error", code, f.Message, expression(f.Where)})
}

// OutcomeOf is the OperationOutcome of a validation; with no issues it says
// that all is well.
func OutcomeOf(issues []Issue) []byte {
	if len(issues) == 0 {
		return print(outcomeIssue{"information", "informational", "No problems were found.", nil})
	}
	out := make([]outcomeIssue, len(issues))
	for i, is := range issues {
		out[i] = outcomeIssue{is.Severity, is.Code, is.Message, expression(is.Where)}
	}
	return print(out...)
}

func expression(where string) []string {
	if where == "" {
		return nil
	}
	return []string{where}
}

func print(issues ...outcomeIssue) []byte {
	b, _ := json.Marshal(outcome{"OperationOutcome", issues}) // only strings: always marshals
	return b
}
