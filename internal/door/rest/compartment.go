package rest

// http://hl7.org/fhir/R4/compartmentdefinition-patient.html

import (
	"net/url"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// belongs tells whether a resource is of one patient's record, and of no
// other's: a mother's say in her child's allergy does not open the child's
// record to her.
func belongs(r *fhir.Resource, patient string) bool { return fhir.PatientOf(r) == patient }

// sees tells whether a caller may see a version at all.
func (c Caller) sees(v record.Version) bool {
	if c.Patient == "" {
		return true
	}
	if v.Ref.Type == "Patient" {
		return v.Ref.String() == c.Patient
	}
	r, err := v.Resource()
	return err == nil && belongs(r, c.Patient)
}

// mayKeep holds what a patient-limited caller writes to that patient.
func (c Caller) mayKeep(r *fhir.Resource) error {
	if c.Patient == "" || belongs(r, c.Patient) {
		return nil
	}
	return fault.At(fault.Forbidden, r.Type(), "This token is for one patient, and the resource is not that patient's.")
}

// narrow adds the caller's patient to a search.
func (c Caller) narrow(typ, ask string) (string, error) {
	if typ == "Patient" {
		_, id, _ := strings.Cut(c.Patient, "/")
		// Beside any other _id: a count of what matches tells of it too.
		return join(ask, "_id="+url.QueryEscape(id)), nil
	}
	name := patientParam(typ)
	if name == "" {
		return "", fault.New(fault.Forbidden, "This token is for one patient, and %s resources belong to none.", typ)
	}
	return join(ask, name+"="+url.QueryEscape(c.Patient)), nil
}

// patientParam is the parameter that finds a patient's resources of a type, ""
// when they belong to no patient.
func patientParam(typ string) string {
	for _, name := range [...]string{"patient", "subject"} {
		if searchable(fhir.Param(typ, name)) {
			return name
		}
	}
	for _, name := range fhir.Compartment(typ) {
		if searchable(fhir.Param(typ, name)) {
			return name
		}
	}
	return ""
}

// keepVisible takes out of a page what the caller may not see: types included
// by reference that the token does not let them read and, for a
// patient-limited caller, what is not that patient's.
func (c *call) keepVisible(page *record.Page) {
	page.Included = slices.DeleteFunc(page.Included, func(v record.Version) bool {
		return !c.caller.Allows(v.Ref.Type, access.Read)
	})
	if c.caller.Patient == "" {
		return
	}
	unseen := func(v record.Version) bool { return !c.sees(v) }
	page.Matches, page.Included = slices.DeleteFunc(page.Matches, unseen), slices.DeleteFunc(page.Included, unseen)
}
