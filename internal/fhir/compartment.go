package fhir

import (
	"slices"
	"strings"
)

// Compartment names the search parameters that put resources of a type into a
// patient's compartment (http://hl7.org/fhir/R4/compartmentdefinition-patient.html),
// none when the type is never in one. A Patient is in its own besides.
func Compartment(typ string) []string {
	s := load().types[typ]
	if s == nil {
		return nil
	}
	for line := range s.lines("p") {
		return strings.Split(line, ",")
	}
	return nil
}

// PatientOf is the "Patient/…" whose record a resource belongs to: a Patient's
// own; else the one that its patient parameter finds (for a Task, whom it is
// for), or its subject, or its compartment. It is "" when there is none, and
// when there are several at once, so that one patient is not shown another's.
func PatientOf(r *Resource) string {
	typ := r.Type()
	if typ == "Patient" && r.ID() != "" {
		return r.Ref().String()
	}
	if typ == "Binary" {
		return onePatient([]string{r.Root().Get("securityContext", "reference").Str()})
	}
	refs := map[string][]string{}
	for _, v := range Extract(r) {
		if v.Param.Kind == ParamReference && !v.Logical && strings.HasPrefix(v.Code, "Patient/") {
			refs[v.Param.Name] = append(refs[v.Param.Name], v.Code)
		}
	}
	for _, name := range []string{"patient", "subject"} {
		if len(refs[name]) > 0 {
			return onePatient(refs[name])
		}
	}
	var all []string
	for _, name := range Compartment(typ) {
		all = append(all, refs[name]...)
	}
	return onePatient(all)
}

func onePatient(refs []string) string {
	slices.Sort(refs)
	if refs = slices.Compact(refs); len(refs) == 1 && strings.HasPrefix(refs[0], "Patient/") {
		return refs[0]
	}
	return ""
}
