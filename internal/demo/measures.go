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

// blood writes HbA1c (twice for people with diabetes, so that there is a trend
// to see), kidney function, cholesterol and haemoglobin.
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
		rate = math.Round(min(rate, 120))
		on := c.within(400)
		w.result(c, on, "1011481000000105", "eGFR (estimated glomerular filtration rate) using creatinine CKD-EPI per 1.73 square metres", rate, "mL/min/1.73m2", "mL/min/{1.73_m2}")
		usual := 78.0 // creatinine that goes with a rate of 90
		if c.one.female {
			usual = 63
		}
		w.result(c, on, "1000731000000107", "Serum creatinine level", math.Round(usual*math.Pow(90/rate, .85)), "umol/L", "umol/L")
		w.result(c, on, "1000651000000109", "Serum potassium level", round(4.4+c.r.NormFloat64()*.35, 1), "mmol/L", "mmol/L")
		w.result(c, on, "1000661000000107", "Serum sodium level", math.Round(140+c.r.NormFloat64()*2.3), "mmol/L", "mmol/L")
	}
	if watched || c.hasProblem("cholesterol") || c.one.age >= 40 && c.r.Float64() < .25 {
		level := 5.2 + c.r.NormFloat64()*.8
		if c.hasProblem("cholesterol") {
			level += .9
		}
		w.result(c, c.within(700), "1005671000000105", "Serum cholesterol level", round(max(level, 2.6), 1), "mmol/L", "mmol/L")
	}
	if c.one.age >= 14 && c.r.Float64() < .22 {
		level := 148 + c.r.NormFloat64()*9
		if c.one.female {
			level = 132 + c.r.NormFloat64()*11
		}
		w.result(c, c.within(700), "1022431000000105", "Haemoglobin estimation", math.Round(max(level, 70)), "g/L", "g/L")
	}
}

// result writes one laboratory result.
func (w *writer) result(c *chart, on time.Time, code, display string, value float64, unit, ucum string) {
	w.observe(c, "laboratory", code, display, on)
	w.quantity("valueQuantity", value, unit, ucum)
	w.end()
}

func (w *writer) hba1c(c *chart, level float64, on time.Time) {
	if on.Before(c.one.born) {
		on = c.one.born
	}
	w.result(c, on, "999791000000106", "Haemoglobin A1c level - IFCC standardised", math.Round(max(level, 28)), "mmol/mol", "mmol/mol")
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
