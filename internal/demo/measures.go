package demo

import (
	"math"
	"time"
)

func round(x float64, places int) float64 {
	p := math.Pow10(places)
	return math.Round(x*p) / p
}

// measure writes readings and results that fit the person's problems.
func (w *writer) measure(c *chart) {
	one, adult := c.one, c.one.age >= 18
	if one.age >= 16 && c.r.Float64() < .8 {
		code, display := "266919005", "Never smoked tobacco"
		switch {
		case one.habits.smoker:
			code, display = "77176002", "Smoker"
		case one.habits.former:
			code, display = "8517006", "Ex-smoker"
		}
		w.observe(c, "social-history", "365981007", "Tobacco smoking behaviour", c.within(900))
		w.concept("valueCodeableConcept", snomed, code, display)
		w.end()
	}
	watched := c.hasProblem("hypertension") || c.hasProblem("diabetes2") || c.hasProblem("diabetes1") || c.hasProblem("chd") || c.hasProblem("stroke") || c.hasProblem("ckd")
	if watched || one.age >= 40 && c.r.Float64() < .6 || adult && c.r.Float64() < .25 {
		w.pressure(c, watched)
	}
	if watched || adult && c.r.Float64() < .45 || one.age < 5 && c.r.Float64() < .7 {
		w.weight(c)
	}
	w.blood(c, watched)
}

func (w *writer) pressure(c *chart, watched bool) {
	upper := 112 + .3*float64(c.one.age) + (c.one.habits.bmi-25)*.6 + c.r.NormFloat64()*10
	if c.hasProblem("hypertension") {
		upper += 8
	}
	lower := 60 + .35*(upper-100) + c.r.NormFloat64()*6
	if c.one.age > 65 {
		lower -= 4
	}
	days := 1500
	if watched {
		days = 400
	}
	w.observe(c, "vital-signs", "75367002", "Blood pressure", c.within(days))
	w.raw(`,"component":[{`)
	w.part("271649006", "Systolic blood pressure", upper)
	w.raw(`},{`)
	w.part("271650006", "Diastolic blood pressure", min(lower, upper-20))
	w.raw(`}]`)
	w.end()
}

func (w *writer) part(code, display string, value float64) {
	w.raw(`"code":`)
	w.conceptOf(snomed, code, display)
	w.quantity("valueQuantity", math.Round(value), "mmHg", "mm[Hg]")
}

func (w *writer) weight(c *chart) {
	day := c.within(800)
	h := c.one.habits
	w.observe(c, "vital-signs", "27113001", "Body weight", day)
	w.quantity("valueQuantity", round(h.bmi*h.height*h.height, 1), "kg", "kg")
	w.end()
	if c.one.age >= 18 {
		w.observe(c, "vital-signs", "60621009", "Body mass index", day)
		w.quantity("valueQuantity", round(h.bmi, 1), "kg/m2", "kg/m2")
		w.end()
	}
}

// blood writes HbA1c and eGFR: twice for people with diabetes, so that there
// is a trend to see.
func (w *writer) blood(c *chart, watched bool) {
	diabetic := c.hasProblem("diabetes1") || c.hasProblem("diabetes2")
	if diabetic || c.one.age >= 40 && c.r.Float64() < .22 {
		level := 36 + c.r.NormFloat64()*2.5 + max(0, (c.one.habits.bmi-27)*.2)
		if diabetic {
			level = 50 + abs(c.r.NormFloat64())*14
			w.hba1c(c, level+c.r.NormFloat64()*5, c.within(365).AddDate(-1, 0, 0))
		}
		w.hba1c(c, level, c.within(300))
	}
	if watched || c.one.age >= 40 && c.r.Float64() < .2 {
		rate := 112 - .75*float64(max(0, c.one.age-30)) + c.r.NormFloat64()*9
		if c.hasProblem("ckd") {
			rate = 32 + 27*c.r.Float64()
		} else {
			rate = max(rate, 61)
		}
		w.observe(c, "laboratory", "1011481000000105", "eGFR (estimated glomerular filtration rate) using creatinine CKD-EPI per 1.73 square metres", c.within(400))
		w.quantity("valueQuantity", math.Round(min(rate, 120)), "mL/min/1.73m2", "mL/min/{1.73_m2}")
		w.end()
	}
}

func (w *writer) hba1c(c *chart, level float64, on time.Time) {
	if on.Before(c.one.born) {
		on = c.one.born
	}
	w.observe(c, "laboratory", "999791000000106", "Haemoglobin A1c level - IFCC standardised", on)
	w.quantity("valueQuantity", math.Round(max(level, 28)), "mmol/mol", "mmol/mol")
	w.end()
}

// observe begins an Observation; the value and end follow.
func (w *writer) observe(c *chart, category, code, display string, on time.Time) {
	w.begin("Observation", w.next('o', c.one))
	w.raw(`,"status":"final","category":[`)
	w.conceptOf("http://terminology.hl7.org/CodeSystem/observation-category", category, "")
	w.raw(`]`)
	w.concept("code", snomed, code, display)
	w.ref("subject", "Patient", c.one.id)
	w.day("effectiveDateTime", on)
}

// vaccine is a kind of vaccine and what it guards against.
type vaccine struct{ code, display string }

var (
	sixInOne = vaccine{"871895005", "DTaP/IPV/Hib/HepB vaccine"}
	mmr      = vaccine{"871831003", "Measles, mumps and rubella vaccine"}
	menB     = vaccine{"836401009", "Meningococcal vaccine"}
	rota     = vaccine{"836387005", "Rotavirus vaccine"}
	pneumo   = vaccine{"836398006", "Pneumococcal vaccine"}
	hpv      = vaccine{"836379009", "Human papillomavirus vaccine"}
	flu      = vaccine{"836377006", "Influenza vaccine"}
	covid    = vaccine{"1119349007", "COVID-19 mRNA vaccine"}
	shingles = vaccine{"836495005", "Shingles vaccine"}
)

// childhood is when the routine programme gives what, in weeks of age (UK
// Health Security Agency, complete routine immunisation schedule, 2024).
var childhood = []struct {
	weeks int
	what  vaccine
}{
	{8, sixInOne}, {8, rota}, {8, menB}, {12, sixInOne}, {16, sixInOne}, {16, menB}, {53, mmr}, {53, pneumo}, {175, mmr}, {650, hpv},
}

// immunise writes what the programmes would have given; about nine in ten
// children have each (UKHSA, COVER, 2023-24) and fewer adults.
func (w *writer) immunise(c *chart) {
	if c.one.age < 16 {
		takes := .93
		if c.r.Float64() < .06 {
			takes = .2
		}
		for _, dose := range childhood {
			on := c.one.born.AddDate(0, 0, dose.weeks*7+c.r.IntN(20))
			// Only the past ten years of a child's doses are in the record.
			if on.Before(c.day) && on.After(c.day.AddDate(-10, 0, 0)) && c.r.Float64() < takes {
				w.vaccination(c, dose.what, on)
			}
		}
		return
	}
	risk := c.hasProblem("asthma") || c.hasProblem("copd") || c.hasProblem("diabetes2") || c.hasProblem("diabetes1") || c.hasProblem("chd") || c.hasProblem("ckd") || c.hasProblem("failure")
	autumn := lastAutumn(c.day)
	for back := range 2 {
		if c.one.age >= 66 && c.r.Float64() < .78 || risk && c.r.Float64() < .42 {
			w.vaccination(c, flu, autumn.AddDate(-back, 0, c.r.IntN(45)))
		}
	}
	if c.one.age >= 75 && c.r.Float64() < .65 {
		w.vaccination(c, covid, autumn.AddDate(0, 0, c.r.IntN(45)))
	} else if c.one.age >= 18 && c.r.Float64() < .5 {
		w.vaccination(c, covid, time.Date(2021, time.Month(2+c.r.IntN(7)), 1+c.r.IntN(28), 0, 0, 0, 0, time.UTC))
	}
	if c.one.age >= 71 && c.r.Float64() < .6 {
		w.vaccination(c, shingles, c.one.born.AddDate(70, 3+c.r.IntN(6), 0))
	}
}

// lastAutumn is the last 15 September that lies at least 60 days back.
func lastAutumn(day time.Time) time.Time {
	a := time.Date(day.Year(), time.September, 15, 0, 0, 0, 0, time.UTC)
	if day.Sub(a) < 60*24*time.Hour {
		a = a.AddDate(-1, 0, 0)
	}
	return a
}

func (w *writer) vaccination(c *chart, v vaccine, on time.Time) {
	w.begin("Immunization", w.next('i', c.one))
	w.raw(`,"status":"completed"`)
	w.concept("vaccineCode", snomed, v.code, v.display)
	w.ref("patient", "Patient", c.one.id)
	w.day("occurrenceDateTime", on)
	w.raw(`,"primarySource":true`)
	w.end()
}
