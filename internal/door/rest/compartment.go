package rest

// http://hl7.org/fhir/R4/compartmentdefinition-patient.html

import (
	"net/url"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// patientCompartment says by which search parameters a resource belongs to a
// patient, the one that says whom it is about first.
var patientCompartment = parseCompartment(`
Account: subject
AdverseEvent: subject
AllergyIntolerance: patient recorder asserter
Appointment: actor
AppointmentResponse: actor
AuditEvent: patient
Basic: patient author
BodyStructure: patient
CarePlan: patient performer
CareTeam: patient participant
ChargeItem: subject
Claim: patient payee
ClaimResponse: patient
ClinicalImpression: subject
Communication: subject sender recipient
CommunicationRequest: subject sender recipient requester
Composition: subject author attester
Condition: patient asserter
Consent: patient
Coverage: policy-holder subscriber beneficiary payor
CoverageEligibilityRequest: patient
CoverageEligibilityResponse: patient
DetectedIssue: patient
DeviceRequest: subject performer
DeviceUseStatement: subject
DiagnosticReport: subject
DocumentManifest: subject author recipient
DocumentReference: subject author
Encounter: patient
EnrollmentRequest: subject
EpisodeOfCare: patient
ExplanationOfBenefit: patient payee
FamilyMemberHistory: patient
Flag: patient
Goal: patient
Group: member
ImagingStudy: patient
Immunization: patient
ImmunizationEvaluation: patient
ImmunizationRecommendation: patient
Invoice: subject patient recipient
List: subject source
MeasureReport: patient
Media: subject
MedicationAdministration: patient performer subject
MedicationDispense: patient subject receiver
MedicationRequest: subject
MedicationStatement: subject
MolecularSequence: patient
NutritionOrder: patient
Observation: subject performer
Person: patient
Procedure: patient performer
Provenance: patient
QuestionnaireResponse: subject author
RelatedPerson: patient
RequestGroup: subject participant
ResearchSubject: individual
RiskAssessment: subject
ServiceRequest: subject performer
Specimen: subject
SupplyDelivery: patient
SupplyRequest: subject
Task: patient requester
VisionPrescription: patient
`)

func parseCompartment(s string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(s) {
		if typ, params, ok := strings.Cut(line, ": "); ok {
			out[typ] = strings.Fields(params)
		}
	}
	return out
}

// belongs tells whether a resource is in a patient's compartment and is not
// about another patient: a mother's say in her child's allergy does not open
// the child's record to her.
func belongs(r *fhir.Resource, patient string) bool {
	if r.Type() == "Patient" {
		return "Patient/"+r.ID() == patient
	}
	params := patientCompartment[r.Type()]
	in, about := false, ""
	for _, v := range fhir.Extract(r) {
		for i, name := range params {
			if v.Param.Name != name {
				continue
			}
			in = in || v.Code == patient
			if i == 0 && strings.HasPrefix(v.Code, "Patient/") && about != patient {
				about = v.Code
			}
		}
	}
	return in && (about == "" || about == patient)
}

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
		if strings.HasPrefix(ask, "_id=") || strings.Contains(ask, "&_id=") {
			return ask, nil // keepVisible holds the rest back
		}
		return join(ask, "_id="+url.QueryEscape(id)), nil
	}
	params := patientCompartment[typ]
	if len(params) == 0 {
		return "", fault.New(fault.Forbidden, "This token is for one patient, and %s resources belong to none.", typ)
	}
	return join(ask, params[0]+"="+url.QueryEscape(c.Patient)), nil
}

// keepVisible takes out of a page what a patient-limited caller may not see.
func (c *call) keepVisible(page *record.Page) {
	if c.caller.Patient == "" {
		return
	}
	only := func(vs []record.Version) []record.Version {
		kept := vs[:0]
		for _, v := range vs {
			if c.caller.sees(v) {
				kept = append(kept, v)
			}
		}
		return kept
	}
	before := len(page.Matches)
	page.Matches, page.Included = only(page.Matches), only(page.Included)
	if len(page.Matches) != before {
		page.Total = -1 // it would tell of what is not shown
	}
}
