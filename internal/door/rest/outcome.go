package rest

// http://hl7.org/fhir/R4/operationoutcome.html

import (
	"errors"
	"net/http"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

// invalid is a refusal with everything that validation found.
type invalid struct {
	first  *fault.Error
	issues []fhir.Issue
}

// Error is the first issue's.
func (e *invalid) Error() string { return e.first.Error() }

// Unwrap gives the fault to errors.As.
func (e *invalid) Unwrap() error { return e.first }

// valid checks a resource against R4's definitions: what is out of shape is a
// bad request (400), what breaks a rule cannot be processed (422).
func valid(r *fhir.Resource) error {
	issues := fhir.Validate(r)
	var first *fault.Error
	for _, i := range issues {
		if i.Severity != "error" && i.Severity != "fatal" {
			continue
		}
		if first == nil {
			first = fault.At(fault.Invalid, i.Where, "%s", i.Message)
			first.Code, first.Status = i.Code, http.StatusUnprocessableEntity
		}
		if i.Code == "structure" {
			first.Status = http.StatusBadRequest
		}
	}
	if first == nil {
		return nil
	}
	return &invalid{first, issues}
}

// within names the place in a Bundle, or the header, where an error is.
func within(err error, where string) error {
	if err == nil {
		return nil
	}
	var many *invalid
	if errors.As(err, &many) {
		out := &invalid{issues: make([]fhir.Issue, len(many.issues))}
		f := *many.first
		f.Where = place(where, f.Where)
		out.first = &f
		for i, x := range many.issues {
			x.Where = place(where, x.Where)
			out.issues[i] = x
		}
		return out
	}
	f := *fault.From(err)
	f.Where = place(where, f.Where)
	return &f
}

// place puts a path in a resource behind the path of the resource.
func place(outer, inner string) string {
	if strings.HasPrefix(inner, "Bundle.entry[") {
		return inner
	}
	if !strings.HasSuffix(outer, ".resource") {
		return outer
	}
	typ, path, ok := strings.Cut(inner, ".")
	switch {
	case ok && visibleType(typ):
		return outer + "." + path
	case inner == "resourceType":
		return outer + ".resourceType"
	}
	return outer
}

// outcome writes an error as an OperationOutcome.
func outcome(err error) []byte {
	var many *invalid
	if errors.As(err, &many) {
		return fhir.OutcomeOf(many.issues)
	}
	return fhir.Outcome(err)
}
