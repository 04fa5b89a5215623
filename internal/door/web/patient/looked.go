package patient

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/page"
)

type lookedPage struct {
	Heading string
	Mine    bool
	Lines   []lookedLine
	Ask     string
}

type lookedLine struct {
	Who, Role, What, Why string
	When                 time.Time
	first                time.Time // of the sights that are in this line
}

var lookedTemplate = page.New[lookedPage](files, "looked.html", "change_link.html")

const lookedMax = 200

// lookedPage says who has looked at the record, in plain words.
func (a *Patients) lookedPage(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.SeeWhoLooked)
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "who has looked", 1); err != nil {
		return err
	}
	seen, err := v.practice.Accesses(r.Context(), v.patient, time.Time{}, lookedMax)
	if err != nil {
		return err
	}
	p := lookedPage{Heading: v.whoLooked(), Mine: v.mine(), Ask: v.root() + "ask"}
	names := map[string]string{}
	for _, s := range seen {
		l := lookedLine{
			Who: v.viewer(r.Context(), names, s.Author.Ref), Role: v.lang.T(roleWords[s.Author.Role]),
			What: v.lang.T(whatOf(s.Type)), Why: v.lang.T(orElse(whyWords[s.Purpose], s.Purpose)), When: s.Time, first: s.Time,
		}
		if n := len(p.Lines); n > 0 && p.Lines[n-1].joins(l) {
			continue
		}
		p.Lines = append(p.Lines, l)
	}
	return lookedTemplate.Render(w, r, http.StatusOK, v.frame(r, p.Heading, v.base()+"looked"), p)
}

// joins takes an earlier sight into this line when it was part of the same
// visit: the same person, for the same reason, within half an hour.
func (l *lookedLine) joins(earlier lookedLine) bool {
	if l.Who != earlier.Who || l.Role != earlier.Role || l.Why != earlier.Why || l.first.Sub(earlier.When) > 30*time.Minute {
		return false
	}
	l.first = earlier.When
	if !slices.Contains(strings.Split(l.What, "\n"), earlier.What) {
		l.What += "\n" + earlier.What
	}
	return true
}

func (v visit) whoLooked() string {
	if v.mine() {
		return v.lang.T("Who has looked at your record")
	}
	return v.lang.T("Who has looked at the record of %s", v.forName)
}

// viewer is who looked, by name where the record has one.
func (v visit) viewer(ctx context.Context, names map[string]string, ref string) string {
	if ref == v.Ref {
		return v.lang.T("You")
	}
	if n, ok := names[ref]; ok {
		return n
	}
	n := orElse(nameOf(ctx, v.practice, ref), v.lang.T("A computer program"))
	names[ref] = n
	return n
}

var roleWords = map[string]string{
	"patient": "", "proxy": "Acts for the patient", "navigator": "Care navigator", "clinician": "Clinician",
	"manager": "Practice manager", "system": "Program",
}

var whyWords = map[string]string{
	"direct care": "To help with care", "self access": "Own record", "proxy access": "Acts for the patient",
	"administration": "To run the practice", "program": "A program, by an agreed rule",
}

// whatOf says what was looked at. A program may ask for any type of resource:
// one that is not in the list is another part of the record.
func whatOf(typ string) string {
	switch {
	case whatWords[typ] != "":
		return whatWords[typ]
	case typ == "":
		return "Record"
	case typ[0] >= 'A' && typ[0] <= 'Z':
		return "Another part of the record"
	}
	return strings.ToUpper(typ[:1]) + typ[1:]
}

var whatWords = map[string]string{
	"summary": "Summary of the record", "journal": "Whole record", "request": "A request", "requests": "List of requests",
	"queue": "A request in the list", "appointment": "An appointment", "appointments": "List of appointments",
	"photo": "A photo", "home page": "Home page", "contact details": "Name and contact details",
	"who has looked": "This page", "Patient": "Name and contact details", "Task": "A request",
	"Observation": "Test results", "Condition": "Health problems", "MedicationRequest": "Medicines",
	"Encounter": "Visits and calls", "DocumentReference": "A letter or photo", "Communication": "Messages",
	"consultation": "A consultation", "search": "Search results", "patient search": "Search results", "diary": "The diary",
	"job": "A job for a colleague", "draft note": "A note not signed yet", "record": "Record", "new request": "Name and contact details",
	"online access": "Who can sign in", "Composition": "Notes of visits and calls", "AllergyIntolerance": "Allergies",
	"Appointment": "Appointments", "Immunization": "Vaccinations", "Procedure": "Operations and procedures",
	"DiagnosticReport": "Test results", "ServiceRequest": "Referrals and tests asked for", "MedicationStatement": "Medicines",
	"MedicationDispense": "Medicines", "RelatedPerson": "People who act for the patient", "QuestionnaireResponse": "A request",
	"DetectedIssue": "Warning signs in a request", "Binary": "A letter or photo", "CarePlan": "Plans for care", "Goal": "Plans for care",
	"CareTeam": "Who gives care", "FamilyMemberHistory": "Family history", "Specimen": "Test samples", "Consent": "What was agreed to",
	"Provenance": "Who wrote the record", "AuditEvent": "Who has looked", "EpisodeOfCare": "Times of care", "Bundle": "Whole record",
}
