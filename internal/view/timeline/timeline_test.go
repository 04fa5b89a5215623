package timeline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/timeline"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	ann = ident.Ref{Type: "Patient", ID: "ann"}
)

type practice struct {
	*record.Practice
	t *testing.T
	n int
}

func open(t *testing.T) *practice {
	s := memory.Open(t, func() time.Time { return now })
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	out := &practice{p, t, 0}
	out.put("Patient", "ann", `"birthDate":"1960-05-01","gender":"female","name":[{"prefix":["Mrs"],"given":["Ann","May"],"family":"Example"}],
		"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],
		"telecom":[{"system":"phone","value":"01632 960000"},{"system":"phone","use":"mobile","value":"07700 900000"},{"system":"email","value":"ann@example.org"}],
		"address":[{"line":["1 Test Street"],"city":"Testford","postalCode":"ZZ99 9ZZ"}],
		"communication":[{"language":{"coding":[{"code":"cy","display":"Welsh"}]}}]`)
	return out
}

func (p *practice) put(typ, id, rest string) {
	p.t.Helper()
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(`{"resourceType":"`+typ+`",`+rest+`}`))
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x"}, Reason: "test", Writes: []record.Write{w}}); err != nil {
		p.t.Fatal(err)
	}
}

// add puts a resource of the patient.
func (p *practice) add(typ, who, rest string) {
	p.n++
	p.put(typ, fmt.Sprintf("x%d", p.n), `"`+who+`":{"reference":"Patient/ann"},`+rest)
}

func (p *practice) read() timeline.Summary {
	p.t.Helper()
	s, err := timeline.Read(ctx, p.Practice, ann)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

const active = `"clinicalStatus":{"coding":[{"code":"active"}]},`

func TestAllergiesAreAlwaysSaid(t *testing.T) {
	hazard.Covers(t, "H-005")
	p := open(t)
	if s := p.read(); s.AllergyState != timeline.NoneRecorded || s.AllergyText() != "No allergies recorded: ask the patient" {
		t.Errorf("%q", s.AllergyText())
	}
	p.add("AllergyIntolerance", "patient", active+`"code":{"coding":[{"code":"716186003","display":"No known allergy"}]}`)
	if s := p.read(); s.AllergyState != timeline.NoKnown || s.AllergyText() != "No known allergies" {
		t.Errorf("%q", s.AllergyText())
	}
	p.add("AllergyIntolerance", "patient", `"clinicalStatus":{"coding":[{"code":"resolved"}]},"code":{"text":"Egg"}`)
	p.add("AllergyIntolerance", "patient", `"verificationStatus":{"coding":[{"code":"entered-in-error"}]},"code":{"text":"Nuts"}`)
	if s := p.read(); s.AllergyState != timeline.NoKnown {
		t.Errorf("%q", s.AllergyText())
	}
	p.add("AllergyIntolerance", "patient", active+`"code":{"text":"Latex"}`)
	p.add("AllergyIntolerance", "patient", active+`"criticality":"high","code":{"text":"Penicillin"},"reaction":[{"manifestation":[{"text":"Rash"}]}]`)
	s := p.read()
	if s.AllergyText() != "Allergies: Penicillin; Latex" || !s.Allergies[0].Serious || s.Allergies[0].Detail != "Rash" {
		t.Errorf("%q %+v", s.AllergyText(), s.Allergies)
	}
}

// An allergy shows however it is recorded, and whatever else is: nothing takes
// it away but somebody who says that it has gone or never was.
func TestAnAllergyIsNotTalkedAway(t *testing.T) {
	hazard.Covers(t, "H-005")
	none := active + `"code":{"coding":[{"code":"716186003","display":"No known allergy"}]}`
	for name, body := range map[string]string{
		"inactive":    `"clinicalStatus":{"coding":[{"code":"inactive"}]},"code":{"text":"Latex"}`,
		"unconfirmed": active + `"verificationStatus":{"coding":[{"code":"unconfirmed"}]},"code":{"text":"Latex"}`,
		"bare":        `"code":{"text":"Latex"}`,
	} {
		for _, order := range [][]string{{none, body, none}, {body, none}, {none, body}} {
			p := open(t)
			for _, b := range order {
				p.add("AllergyIntolerance", "patient", b)
			}
			if s := p.read(); s.AllergyState != timeline.AllergiesKnown || s.AllergyText() != "Allergies: Latex" {
				t.Errorf("%s: %q", name, s.AllergyText())
			}
		}
	}
}

func TestSummary(t *testing.T) {
	p := open(t)
	p.add("Condition", "subject", active+`"code":{"text":"Asthma"},"onsetDateTime":"2001"`)
	p.add("Condition", "subject", `"clinicalStatus":{"coding":[{"code":"resolved"}]},"code":{"text":"Measles"}`)
	p.add("MedicationRequest", "subject", `"status":"active","intent":"order","medicationCodeableConcept":{"text":"Salbutamol"},"dosageInstruction":[{"text":"2 puffs"}]`)
	p.add("MedicationRequest", "subject", `"status":"completed","intent":"order","medicationCodeableConcept":{"text":"Amoxicillin"}`)
	for i, v := range []string{"140", "131"} {
		p.add("Observation", "subject", fmt.Sprintf(`"status":"final","code":{"coding":[{"code":"85354-9"}],"text":"Blood pressure"},"effectiveDateTime":"202%d-01-01",
			"component":[{"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":%s}},{"code":{"coding":[{"code":"8462-4"}]},"valueQuantity":{"value":80}}]`, 5-i, v))
	}
	p.add("Observation", "subject", `"status":"final","code":{"text":"HbA1c"},"effectiveDateTime":"2026-01-05","valueQuantity":{"value":58,"unit":"mmol/mol"},"interpretation":[{"coding":[{"code":"H"}]}]`)
	p.add("Observation", "subject", `"status":"entered-in-error","code":{"text":"Weight"},"effectiveDateTime":"2026-01-06"`)
	p.add("Encounter", "subject", `"status":"finished","class":{"code":"VR"},"reasonCode":[{"text":"Cough"}],"period":{"start":"2026-02-01T10:00:00Z"}`)
	p.add("DocumentReference", "subject", `"status":"current","description":"Clinic letter","date":"2026-01-01T10:00:00Z"`)
	p.add("Immunization", "patient", `"status":"completed","vaccineCode":{"text":"Influenza"},"occurrenceDateTime":"2025-10-01"`)
	p.put("Appointment", "soon", `"status":"booked","start":"2026-03-03T10:00:00Z","end":"2026-03-03T10:10:00Z","participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"}]`)
	p.put("Appointment", "past", `"status":"booked","start":"2026-01-03T10:00:00Z","end":"2026-01-03T10:10:00Z","participant":[{"actor":{"reference":"Patient/ann"},"status":"accepted"}]`)
	p.add("Task", "for", `"status":"requested","intent":"order","code":{"coding":[{"code":"request"}]},"description":"My knee"`)
	p.put("Condition", "other", active+`"subject":{"reference":"Patient/ben"},"code":{"text":"Somebody else's"}`)
	s := p.read()
	b := s.Banner
	if b.Name != "Mrs Ann Example" || b.Age != "65" || b.NHS == "" || b.Phone != "07700 900000" || b.Address != "1 Test Street, Testford, ZZ99 9ZZ" || len(b.Needs) != 1 {
		t.Errorf("banner: %+v", b)
	}
	if len(s.Problems) != 1 || len(s.PastProblems) != 1 || len(s.Medicines) != 1 || s.Medicines[0].Detail != "2 puffs" {
		t.Errorf("problems and medicines: %+v %+v", s.Problems, s.Medicines)
	}
	if len(s.Results) != 2 || s.Results[0].Detail != "58 mmol/mol" || !s.Results[0].Serious || s.Results[1].Detail != "140/80 mmHg" {
		t.Errorf("results: %+v", s.Results)
	}
	if len(s.Trends) != 1 || len(s.Trends[0].Points) != 2 || s.Trends[0].Points[0].Value != 131 || s.Trends[0].Points[1].Second != 80 {
		t.Errorf("trends: %+v", s.Trends)
	}
	if len(s.Contacts) != 1 || len(s.Letters) != 1 || len(s.Immunisations) != 1 || len(s.Appointments) != 1 || len(s.Requests) != 1 {
		t.Errorf("%+v", s)
	}
	j, err := timeline.ReadJournal(ctx, p.Practice, ann, timeline.Part{Most: 5})
	if err != nil || len(j.Items) != 5 || j.Next == "" || j.Items[0].Ref.ID != "soon" {
		t.Fatalf("journal: %+v, %v", j, err)
	}
	seen := len(j.Items)
	for j.Next != "" {
		if j, err = timeline.ReadJournal(ctx, p.Practice, ann, timeline.Part{From: j.Next, Most: 5}); err != nil {
			t.Fatal(err)
		}
		seen += len(j.Items)
	}
	if seen != j.Total || seen != 13 {
		t.Errorf("the pages hold %d of %d", seen, j.Total)
	}
}

func TestNobody(t *testing.T) {
	p := open(t)
	for _, ref := range []ident.Ref{{Type: "Patient", ID: "none"}, {Type: "Task", ID: "x"}, {}} {
		if _, err := timeline.Read(ctx, p.Practice, ref); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v: %v", ref, err)
		}
	}
}

// What an e-mail said to fetch a message is no message, and a job for a
// colleague is no request.
func TestTheJournalTellsThingsApart(t *testing.T) {
	p := open(t)
	kind := func(code string) string {
		return `"category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"` + code + `"}]}],"status":"completed","sent":"2026-03-01T10:00:00Z"`
	}
	p.add("Communication", "subject", kind("message"))
	p.add("Communication", "subject", kind("notice"))
	p.add("Communication", "subject", `"category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"call"}]}],"status":"completed","received":"2026-03-01T10:00:00Z",
		"extension":[{"url":"https://heartwood.example/fhir/call","extension":[{"url":"direction","valueString":"in"},{"url":"stage","valueString":"ended"},{"url":"outcome","valueString":"answered"},
		{"url":"queued","valueString":"2026-03-01T10:00:00Z"},{"url":"answered","valueString":"2026-03-01T10:03:00Z"},{"url":"ended","valueString":"2026-03-01T10:08:00Z"}]}]`)
	for _, code := range []string{"request", "job", "call-back"} {
		p.add("Task", "for", `"status":"requested","intent":"order","code":{"coding":[{"system":"https://heartwood.example/fhir/task-code","code":"`+code+`"}]}`)
	}
	j, err := timeline.ReadJournal(ctx, p.Practice, ann, timeline.Part{Most: 10})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, it := range j.Items {
		kinds[it.Kind]++
	}
	if len(j.Items) != 5 || kinds["Message"] != 1 || kinds["Request"] != 1 || kinds["Job"] != 1 || kinds["Telephone call"] != 1 || kinds["Call back"] != 1 {
		t.Errorf("%v", kinds)
	}
	for _, it := range j.Items {
		if it.Kind == "Telephone call" && (it.Title != "Rang us, was answered after 3 minutes, and talked for 5 minutes" || !it.Inner) {
			t.Errorf("%+v", it.Line)
		}
	}
}
