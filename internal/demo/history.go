package demo

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

func appendNumber(b []byte, n float64) []byte { return strconv.AppendFloat(b, n, 'f', -1, 64) }

// conditions writes the problem list.
func (w *writer) conditions(c *chart) {
	for i, p := range problems {
		if c.has>>i&1 == 0 {
			continue
		}
		id := w.next('c', c.one)
		c.condition[i] = id
		onset := c.onset(&p)
		w.begin("Condition", id)
		w.concept("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "")
		w.raw(`,"category":[`)
		w.conceptOf("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "")
		w.raw(`]`)
		w.concept("code", snomed, p.code, p.display)
		w.ref("subject", "Patient", c.one.id)
		w.day("onsetDateTime", onset)
		w.day("recordedDate", onset)
		w.ref("recorder", "Practitioner", c.gp)
		w.end()
	}
}

// past are passing illnesses: about one in the record for each adult.
var past = []struct {
	code, display string
	from, to      int // ages
	chance        float64
	days          int
}{
	{"65363002", "Otitis media", 0, 12, .3, 10},
	{"54150009", "Upper respiratory infection", 0, 101, .26, 10},
	{"10509002", "Acute bronchitis", 18, 101, .16, 21},
	{"68566005", "Urinary tract infectious disease", 14, 101, .15, 7},
	{"36971009", "Sinusitis", 16, 80, .08, 20},
	{"44465007", "Sprain of ankle", 8, 80, .09, 42},
	{"840539006", "COVID-19", 5, 101, .13, 14},
	{"233604007", "Pneumonia", 55, 101, .04, 42},
	{"235919008", "Gallstones", 35, 90, .03, 200},
}

// passing writes what the person had and no longer has.
func (w *writer) passing(c *chart) {
	for _, p := range past {
		chance := p.chance
		if p.display == "Urinary tract infectious disease" && !c.one.female {
			chance /= 5
		}
		if c.one.age < p.from || c.one.age > p.to || c.r.Float64() >= chance {
			continue
		}
		onset := c.within(2000)
		w.begin("Condition", w.next('c', c.one))
		w.concept("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", "resolved", "")
		w.raw(`,"category":[`)
		w.conceptOf("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "")
		w.raw(`]`)
		w.concept("code", snomed, p.code, p.display)
		w.ref("subject", "Patient", c.one.id)
		w.day("onsetDateTime", onset)
		if end := onset.AddDate(0, 0, p.days); end.Before(c.day) {
			w.day("abatementDateTime", end)
		} else {
			w.day("abatementDateTime", c.day)
		}
		w.day("recordedDate", onset)
		w.end()
	}
}

// onset is a day from the age at which the problem first occurs to now.
func (c *chart) onset(p *problem) time.Time {
	first := 0
	for first < 9 && p.ages[first] < 1 {
		first++
	}
	from := c.one.born.AddDate(min(max(first*10-5, 1), c.one.age), 0, 0)
	if oldest := c.day.AddDate(-25, 0, 0); from.Before(oldest) {
		from = oldest
	}
	if from.Before(c.one.born) {
		from = c.one.born
	}
	days := int(c.day.Sub(from).Hours() / 24)
	return from.AddDate(0, 0, c.r.IntN(max(days, 1)))
}

// allergens are what people are most often recorded as allergic to: about one
// in ten of the population is labelled allergic to penicillin (West and
// others, J Antimicrob Chemother 2019;74:2075 found 5.9% in English general
// practice; the rest are of the size seen in the same records).
var allergens = []struct {
	code, display, category, criticality, reaction string
	chance                                         float64
}{
	{"91936005", "Allergy to penicillin", "medication", "high", "Rash", .06},
	{"91935009", "Allergy to peanut", "food", "high", "Swelling of the face", .012},
	{"300916003", "Latex allergy", "environment", "low", "Itching", .004},
	{"293586001", "Allergy to aspirin", "medication", "low", "Wheeze", .008},
	{"232347008", "Dander (animal) allergy", "environment", "low", "Sneezing", .012},
}

func (w *writer) allergies(c *chart) {
	found := false
	for i, a := range allergens {
		if c.r.Float64() >= a.chance || c.one.age < 1 {
			continue
		}
		found = true
		c.penicillin = c.penicillin || i == 0
		w.allergy(c, a.code, a.display, func() {
			w.raw(`,"type":"allergy","category":["` + a.category + `"]`)
			w.str("criticality", a.criticality)
		}, a.reaction)
	}
	if !found && c.r.Float64() < .25 {
		w.allergy(c, "716186003", "No known allergy", func() {}, "")
	}
}

func (w *writer) allergy(c *chart, code, display string, more func(), reaction string) {
	w.begin("AllergyIntolerance", w.next('a', c.one))
	w.concept("clinicalStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "")
	w.concept("verificationStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed", "")
	more()
	w.concept("code", snomed, code, display)
	w.ref("patient", "Patient", c.one.id)
	w.day("recordedDate", c.within(4000))
	if reaction != "" {
		w.raw(`,"reaction":[{"manifestation":[{"text":"` + reaction + `"}]}]`)
	}
	w.end()
}

// contact is a reason that people come with, and what was done.
var contacts = []struct{ reason, kind string }{
	{"Cough for two weeks", "gp"},
	{"Sore throat", "gp"},
	{"Low back pain", "gp"},
	{"Medication review", "pharmacist"},
	{"Blood pressure check", "nurse"},
	{"Blood test", "nurse"},
	{"Skin rash", "gp"},
	{"Ear pain", "gp"},
	{"Knee pain", "gp"},
	{"Low mood", "gp"},
	{"Urinary symptoms", "gp"},
	{"Headaches", "gp"},
	{"Dressing changed", "nurse"},
	{"Long-term condition review", "nurse"},
	{"Abdominal pain", "gp"},
	{"Tiredness", "gp"},
	{"Smear test", "nurse"},
}

// contacts writes the consultations of the past two years: five or so a year
// on average in England (NHS England, Appointments in General Practice), of
// which the record begins with some.
func (w *writer) contacts(c *chart) {
	mean := 1.5 + .012*float64(c.one.age) + .35*float64(len(c.condition))
	if c.one.age < 5 {
		mean = 2.4
	}
	for n := min(5, int(mean*(.3+1.4*c.r.Float64()))); n > 0; n-- {
		what := contacts[c.r.IntN(len(contacts))]
		for what.reason == "Smear test" && (!c.one.female || c.one.age < 25 || c.one.age > 64) {
			what = contacts[c.r.IntN(len(contacts))]
		}
		who := c.gp
		if what.kind != "gp" {
			who = w.practice.local(what.kind + "-1")
		}
		class, name, code, display := "AMB", "ambulatory", "185349003", "Encounter for check up"
		if c.r.IntN(3) == 0 {
			class, name, code, display = "VR", "virtual", "185317003", "Telephone encounter"
		}
		day := c.within(730)
		start := time.Date(day.Year(), day.Month(), day.Day(), 8+c.r.IntN(10), 10*c.r.IntN(6), 0, 0, w.practice.net.london)
		w.begin("Encounter", w.next('e', c.one))
		w.raw(`,"status":"finished","class":`)
		w.coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", class, name)
		w.raw(`,"type":[`)
		w.conceptOf(snomed, code, display)
		w.raw(`]`)
		w.ref("subject", "Patient", c.one.id)
		w.raw(`,"participant":[{"individual":`)
		w.reference("Practitioner", who)
		w.raw(`}],"period":{"start":"` + start.Format("2006-01-02T15:04:05-07:00") + `"`)
		w.instant("end", start.Add(time.Duration(5+c.r.IntN(15))*time.Minute))
		w.raw(`},"reasonCode":[{"text":"` + what.reason + `"}]`)
		w.ref("serviceProvider", "Organization", string(w.practice.ODS))
		w.end()
	}
}

// clinics are where letters come from, by problem.
var clinics = map[string]string{
	"diabetes2": "Diabetes clinic", "diabetes1": "Diabetes clinic", "chd": "Cardiology", "af": "Cardiology", "failure": "Heart failure clinic",
	"stroke": "Stroke clinic", "copd": "Respiratory clinic", "rheumatoid": "Rheumatology", "epilepsy": "Neurology", "parkinsons": "Neurology",
	"dementia": "Memory clinic", "breast": "Breast clinic", "prostate": "Urology", "bowel": "Colorectal clinic", "ckd": "Renal clinic",
	"osteoarthritis": "Orthopaedics", "psoriasis": "Dermatology", "psychosis": "Community mental health team", "migraine": "Neurology", "adhd": "Community paediatrics",
}

// letters writes what hospitals have sent about the person's problems.
func (w *writer) letters(c *chart) {
	for i, p := range problems {
		clinic := clinics[p.key]
		if c.has>>i&1 == 0 || clinic == "" || c.r.Float64() >= .55 {
			continue
		}
		day := c.within(900)
		w.begin("DocumentReference", w.next('d', c.one))
		w.raw(`,"status":"current"`)
		w.concept("type", snomed, "823691000000103", "Clinical letter")
		w.ref("subject", "Patient", c.one.id)
		w.instant("date", day.Add(12*time.Hour))
		w.raw(`,"author":[{"display":"Oakenbury General Hospital"}]`)
		w.str("description", clinic+" letter")
		text := fmt.Sprintf("Oakenbury General Hospital, %s\n%s\n\nThank you for asking us to see this patient with %s. "+
			"They are stable. No change to treatment. Please repeat the usual tests in six months. We have not arranged to see them again.\n",
			clinic, day.Format("2 January 2006"), lowerFirst(p.display))
		w.raw(`,"content":[{"attachment":{"contentType":"text/plain; charset=utf-8","language":"en-GB","data":"`)
		w.buf = base64.StdEncoding.AppendEncode(w.buf, []byte(text))
		w.raw(`"`)
		w.str("title", clinic+" letter")
		w.day("creation", day)
		w.raw(`}}]`)
		w.end()
	}
}

func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }
