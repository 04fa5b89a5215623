package demo

import "time"

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
	if at70 := c.one.born.AddDate(70, 3+c.r.IntN(6), 0); c.one.age >= 71 && at70.Year() >= 2014 && c.r.Float64() < .6 {
		w.vaccination(c, shingles, at70) // offered since September 2013
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
