package timeline

import (
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/callflow"
	"heartwood/internal/care/filing"
	"heartwood/internal/care/hidden"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// kind is one resource type of a patient's record: how it is called, which
// parameter finds the patient's, and how one reads as a line.
type kind struct {
	typ, words string
	line       func(*fhir.Resource, *Line)
}

// kinds are what the journal shows, all found by the parameter "patient".
var kinds = []kind{
	{"Encounter", "Consultation", encounter},
	{"Condition", "Problem", condition},
	{"MedicationRequest", "Medicine", medicineRequest},
	{"MedicationStatement", "Medicine", medicineStatement},
	{"AllergyIntolerance", "Allergy", allergy},
	{"Observation", "Result or measurement", observation},
	{"DiagnosticReport", "Report", report},
	{"Immunization", "Immunisation", immunisation},
	{"Procedure", "Procedure", procedure},
	{"DocumentReference", "Letter or document", document},
	{"Composition", "Consultation note", composition},
	{"Appointment", "Appointment", appointment},
	{"Communication", "Message", communication},
	{"ServiceRequest", "Referral or order", order},
	{"Task", "Request", request},
	{"List", "Messages filed", filed},
}

const messageKind = "https://heartwood.example/fhir/message-kind"

// called is what a line of this kind is called.
func (k kind) called(l Line) string {
	switch {
	case k.typ == "Task" && l.Code == "job":
		return "Job"
	case k.typ == "Task" && l.Code == callflow.TaskCode:
		return "Call back"
	case k.typ == "Communication" && l.Code == care.KindCall:
		return "Telephone call"
	}
	return k.words
}

func kindOf(typ string) kind {
	for _, k := range kinds {
		if k.typ == typ {
			return k
		}
	}
	return kind{}
}

// lineOf reads a resource as one line; ok is false for what was recorded in
// error, which is never shown as fact.
func lineOf(v record.Version, res *fhir.Resource) (l Line, ok bool) {
	l = Line{Ref: v.Ref, Status: res.Get("status").Str()}
	if l.Status == "entered-in-error" || read.Code(res.Get("verificationStatus"), "") == "entered-in-error" {
		return l, false
	}
	if v.Ref.Type == "Communication" && read.Code(res.Get("category"), messageKind) == "notice" {
		return l, false // an e-mail that says only that there is a message
	}
	if v.Ref.Type == "List" && (read.Code(res.Get("code"), filing.System) == "" || l.Status != "current") {
		return l, false // a list of another program, or messages taken out of the file
	}
	k := kindOf(v.Ref.Type)
	if k.line == nil {
		return l, false
	}
	k.line(res, &l)
	if l.Title == "" {
		l.Title = k.called(l)
	}
	l.Inner = hidden.Inner(l.Ref, res)
	return l, true
}

func coded(l *Line, n fhir.Node) {
	l.Title, l.Code = read.Concept(n), read.Code(n, "")
}

func encounter(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "period.start", "period.end")
	coded(l, r.Get("reasonCode"))
	how := read.Concept(r.Get("type"))
	if how == "" {
		how = r.Get("class", "display").Str()
	}
	if l.Title == "" {
		l.Title, how = how, ""
	}
	l.Detail = how
	l.By = r.Get("participant", "individual", "display").Str()
}

func condition(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "onsetDateTime", "onsetPeriod.start", "recordedDate")
	coded(l, r.Get("code"))
	l.Status = read.Code(r.Get("clinicalStatus"), "")
	l.Detail = r.Get("note", "text").Str()
	l.By = r.Get("recorder", "display").Str()
	if l.Status == "" && (r.Get("abatementDateTime").Exists() || r.Get("abatementString").Exists()) {
		l.Status = "resolved"
	}
	if read.Code(r.Get("verificationStatus"), "") == "refuted" {
		l.Status = "refuted"
	}
}

func medicineRequest(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "authoredOn")
	medicine(r, l)
	l.Detail = r.Get("dosageInstruction", "text").Str()
	l.By = r.Get("requester", "display").Str()
}

func medicineStatement(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "effectiveDateTime", "effectivePeriod.start", "dateAsserted")
	medicine(r, l)
	l.Detail = r.Get("dosage", "text").Str()
}

func medicine(r *fhir.Resource, l *Line) {
	coded(l, r.Get("medicationCodeableConcept"))
	if l.Title != "" {
		return
	}
	ref := r.Get("medicationReference")
	l.Title = ref.Get("display").Str()
	inner, ok := strings.CutPrefix(ref.Get("reference").Str(), "#")
	for c := range r.Get("contained").Items() {
		if ok && l.Title == "" && c.Get("id").Is(inner) {
			coded(l, c.Get("code"))
		}
	}
}

func allergy(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "onsetDateTime", "recordedDate", "lastOccurrence")
	coded(l, r.Get("code"))
	l.Status = read.Code(r.Get("clinicalStatus"), "")
	var reactions []string
	for re := range r.Get("reaction").Items() {
		for m := range re.Get("manifestation").Items() {
			if s := read.Concept(m); s != "" {
				reactions = append(reactions, s)
			}
		}
		l.Serious = l.Serious || re.Get("severity").Is("severe")
	}
	l.Detail = strings.Join(reactions, ", ")
	l.Serious = l.Serious || r.Get("criticality").Is("high")
}

func observation(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued")
	coded(l, r.Get("code"))
	l.Detail = value(r.Root())
	if sys, dia, unit, ok := pressure(r); ok {
		l.Detail = sys + "/" + dia + " " + unit
	} else if l.Detail == "" {
		var parts []string
		for c := range r.Get("component").Items() {
			if v := value(c); v != "" {
				parts = append(parts, read.Concept(c.Get("code"))+" "+v)
			}
		}
		l.Detail = strings.Join(parts, ", ")
	}
	switch read.Code(r.Get("interpretation"), "") {
	case "H", "L", "HH", "LL", "A", "AA", "HU", "LU":
		l.Serious = true
	}
	l.By = r.Get("performer", "display").Str()
}

// value is the value of an Observation or a component in words.
func value(n fhir.Node) string {
	if s := read.Quantity(n.Get("valueQuantity")); s != "" {
		return s
	}
	if s := read.Concept(n.Get("valueCodeableConcept")); s != "" {
		return s
	}
	for _, m := range []string{"valueString", "valueInteger", "valueDateTime", "valueTime"} {
		if s := n.Get(m).Str(); s != "" {
			return s
		}
	}
	switch b := n.Get("valueBoolean"); {
	case b.True():
		return "yes"
	case b.Exists():
		return "no"
	}
	return read.Concept(n.Get("dataAbsentReason"))
}

// systolic and diastolic are the codes of the two parts of a blood pressure,
// in LOINC and SNOMED CT.
var systolic, diastolic = map[string]bool{"8480-6": true, "271649006": true, "72313002": true},
	map[string]bool{"8462-4": true, "271650006": true, "1091811000000102": true}

func pressure(r *fhir.Resource) (sys, dia, unit string, ok bool) {
	for c := range r.Get("component").Items() {
		v := c.Get("valueQuantity", "value").Str()
		for co := range c.Get("code", "coding").Items() {
			code := co.Get("code").Str()
			if systolic[code] {
				sys = v
			}
			if diastolic[code] {
				dia = v
			}
		}
	}
	return sys, dia, "mmHg", sys != "" && dia != ""
}

func report(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "effectiveDateTime", "effectivePeriod.start", "issued")
	coded(l, r.Get("code"))
	l.Detail = r.Get("conclusion").Str()
	l.By = r.Get("performer", "display").Str()
}

func immunisation(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "occurrenceDateTime", "recorded")
	coded(l, r.Get("vaccineCode"))
	if l.Status == "not-done" {
		l.Detail = "Not given: " + read.Concept(r.Get("statusReason"))
	}
}

func procedure(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "performedDateTime", "performedPeriod.start")
	coded(l, r.Get("code"))
	l.By = r.Get("performer", "actor", "display").Str()
}

func document(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "date", "context.period.start")
	l.Title = r.Get("description").Str()
	if l.Title == "" {
		coded(l, r.Get("type"))
	}
	if l.Title == "" {
		l.Title = r.Get("content", "attachment", "title").Str()
	}
	l.Detail = read.Concept(r.Get("type"))
	if l.Detail == l.Title {
		l.Detail = ""
	}
	l.By = r.Get("author", "display").Str()
}

func composition(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "date")
	l.Title = r.Get("title").Str()
	l.By = r.Get("author", "display").Str()
}

func appointment(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "start", "requestedPeriod.start", "created")
	l.Title = r.Get("description").Str()
	if l.Title == "" {
		l.Title = read.Concept(r.Get("serviceType"))
	}
	for p := range r.Get("participant").Items() {
		if ref := read.Ref(p.Get("actor")); ref.Type == "Practitioner" || ref.Type == "PractitionerRole" {
			l.By = p.Get("actor", "display").Str()
		}
	}
}

func communication(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "sent", "received")
	l.By = r.Get("sender", "display").Str()
	if c, ok := callflow.CallOf(record.Version{}, r); ok {
		l.Title, l.Code = c.Says(), care.KindCall
		return
	}
	l.Title = read.Clip(r.Get("payload", "contentString").Str(), 120)
}

func order(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "authoredOn", "occurrenceDateTime")
	coded(l, r.Get("code"))
	l.By = r.Get("requester", "display").Str()
}

func request(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "authoredOn")
	l.Title = read.Clip(r.Get("description").Str(), 120)
	l.Detail = r.Get("groupIdentifier", "value").Str()
	l.Code = read.Code(r.Get("code"), "")
	l.By = r.Get("owner", "display").Str()
}

func filed(r *fhir.Resource, l *Line) {
	l.Date = read.First(r, "date")
	l.Title = r.Get("title").Str()
	l.Thread = filing.ThreadOf(r)
}

// newest puts lines in order of time, newest first; what has no date is last.
func newest(a, b Line) int {
	if c := b.Date.Compare(a.Date); c != 0 {
		return c
	}
	return strings.Compare(a.Ref.String(), b.Ref.String())
}

// soonest is the other way round.
func soonest(a, b Line) int { return -newest(a, b) }

// unknown is the moment that stands for "dead, but when is not recorded".
var unknown = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
