package demo

import "time"

// medicine is a product at the level that English general practice prescribes.
type medicine struct {
	code, name string // dm+d virtual medicinal product
	dose       string
	quantity   float64
	unit       string
}

// prescribing is a medicine and how many of those with the problem have it.
type prescribing struct {
	medicine string
	chance   float64
}

// medicines is a small open set: names and identifiers of common products in
// the NHS dictionary of medicines and devices (dm+d), used as facts.
var medicines = map[string]medicine{
	"amlodipine5":       {"319283006", "Amlodipine 5mg tablets", "One to be taken each day", 28, "tablet"},
	"ramipril5":         {"318902004", "Ramipril 5mg capsules", "One to be taken each day", 28, "capsule"},
	"ramipril2.5":       {"318901006", "Ramipril 2.5mg capsules", "One to be taken each day", 28, "capsule"},
	"losartan50":        {"318956006", "Losartan 50mg tablets", "One to be taken each day", 28, "tablet"},
	"indapamide":        {"39696211000001108", "Indapamide 2.5mg tablets", "One to be taken each morning", 28, "tablet"},
	"atorvastatin20":    {"39733011000001106", "Atorvastatin 20mg tablets", "One to be taken each day", 28, "tablet"},
	"atorvastatin40":    {"39733111000001107", "Atorvastatin 40mg tablets", "One to be taken each day", 28, "tablet"},
	"simvastatin40":     {"320000009", "Simvastatin 40mg tablets", "One to be taken at night", 28, "tablet"},
	"metformin500":      {"325278007", "Metformin 500mg tablets", "One to be taken twice a day with meals", 56, "tablet"},
	"gliclazide80":      {"325242002", "Gliclazide 80mg tablets", "One to be taken twice a day", 56, "tablet"},
	"dapagliflozin10":   {"703680009", "Dapagliflozin 10mg tablets", "One to be taken each day", 28, "tablet"},
	"glargine":          {"400780006", "Insulin glargine 100units/ml solution for injection 3ml cartridges", "As directed, once a day", 5, "cartridge"},
	"aspirin75":         {"319773006", "Aspirin 75mg dispersible tablets", "One to be taken each day", 28, "tablet"},
	"bisoprolol2.5":     {"318605000", "Bisoprolol 2.5mg tablets", "One to be taken each morning", 28, "tablet"},
	"apixaban5":         {"703908001", "Apixaban 5mg tablets", "One to be taken twice a day", 56, "tablet"},
	"warfarin3":         {"319734006", "Warfarin 3mg tablets", "As directed in the yellow book", 28, "tablet"},
	"clopidogrel75":     {"319799004", "Clopidogrel 75mg tablets", "One to be taken each day", 28, "tablet"},
	"furosemide40":      {"317972000", "Furosemide 40mg tablets", "One to be taken each morning", 28, "tablet"},
	"spironolactone25":  {"318056008", "Spironolactone 25mg tablets", "One to be taken each morning", 28, "tablet"},
	"salbutamol":        {"39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free", "Two puffs to be inhaled when needed", 1, "inhaler"},
	"beclometasone":     {"35908111000001105", "Beclometasone 100micrograms/dose inhaler CFC free", "Two puffs to be inhaled twice a day", 1, "inhaler"},
	"tiotropium":        {"9478911000001107", "Tiotropium bromide 18microgram inhalation powder capsules", "One to be inhaled each day", 30, "capsule"},
	"sertraline50":      {"39704111000001102", "Sertraline 50mg tablets", "One to be taken each day", 28, "tablet"},
	"citalopram20":      {"42269411000001107", "Citalopram 20mg tablets", "One to be taken each day", 28, "tablet"},
	"mirtazapine15":     {"42274511000001104", "Mirtazapine 15mg tablets", "One to be taken at night", 28, "tablet"},
	"fluoxetine20":      {"42271711000001106", "Fluoxetine 20mg capsules", "One to be taken each day", 30, "capsule"},
	"propranolol40":     {"318353009", "Propranolol 40mg tablets", "One to be taken twice a day when needed", 56, "tablet"},
	"olanzapine10":      {"321614001", "Olanzapine 10mg tablets", "One to be taken at night", 28, "tablet"},
	"lamotrigine100":    {"322982006", "Lamotrigine 100mg tablets", "One to be taken twice a day", 56, "tablet"},
	"donepezil10":       {"323365007", "Donepezil 10mg tablets", "One to be taken at night", 28, "tablet"},
	"levothyroxine50":   {"39698611000001106", "Levothyroxine sodium 50microgram tablets", "One to be taken each morning before breakfast", 28, "tablet"},
	"levothyroxine100":  {"39697911000001101", "Levothyroxine sodium 100microgram tablets", "One to be taken each morning before breakfast", 28, "tablet"},
	"methotrexate2.5":   {"326874007", "Methotrexate 2.5mg tablets", "Six to be taken once a week, on the same day", 24, "tablet"},
	"folic5":            {"327550006", "Folic acid 5mg tablets", "One to be taken once a week, not on methotrexate day", 4, "tablet"},
	"paracetamol500":    {"322236009", "Paracetamol 500mg tablets", "Two to be taken up to four times a day", 100, "tablet"},
	"naproxen250":       {"329806007", "Naproxen 250mg tablets", "One to be taken twice a day with food", 56, "tablet"},
	"codeine30":         {"42010411000001105", "Codeine 30mg tablets", "One to be taken up to four times a day when needed", 28, "tablet"},
	"amitriptyline10":   {"42291111000001104", "Amitriptyline 10mg tablets", "One to be taken at night", 28, "tablet"},
	"allopurinol100":    {"330061001", "Allopurinol 100mg tablets", "One to be taken each day", 28, "tablet"},
	"alendronic70":      {"39731311000001108", "Alendronic acid 70mg tablets", "One to be taken once a week", 4, "tablet"},
	"colecalciferol800": {"21244711000001109", "Colecalciferol 800unit tablets", "One to be taken each day", 30, "tablet"},
	"hydrocortisone1":   {"346992009", "Hydrocortisone 1% cream", "Apply thinly twice a day for up to a week", 30, "gram"},
	"cetirizine10":      {"320818006", "Cetirizine 10mg tablets", "One to be taken each day", 30, "tablet"},
	"sumatriptan50":     {"322815004", "Sumatriptan 50mg tablets", "One to be taken at the start of a migraine", 6, "tablet"},
	"omeprazole20":      {"317291008", "Omeprazole 20mg gastro-resistant capsules", "One to be taken each day", 28, "capsule"},
	"lansoprazole30":    {"317309001", "Lansoprazole 30mg gastro-resistant capsules", "One to be taken each morning", 28, "capsule"},
	"tamsulosin400":     {"38754011000001109", "Tamsulosin 400microgram modified-release capsules", "One to be taken each day", 30, "capsule"},
	"desogestrel75":     {"400419002", "Desogestrel 75microgram tablets", "One to be taken each day", 84, "tablet"},
	"amoxicillin500":    {"39732411000001106", "Amoxicillin 500mg capsules", "One to be taken three times a day for 5 days", 15, "capsule"},
	"doxycycline100":    {"324059006", "Doxycycline 100mg capsules", "Two on the first day, then one a day for 4 days", 6, "capsule"},
	"flucloxacillin500": {"39692211000001107", "Flucloxacillin 500mg capsules", "One to be taken four times a day for 5 days", 20, "capsule"},
}

// prescribe writes the medicines that a person's problems bring, each once,
// and now and then a short course.
func (w *writer) prescribe(c *chart) {
	given := map[string]bool{}
	for i, p := range problems {
		if c.has>>i&1 == 0 {
			continue
		}
		for _, m := range p.medicines {
			if c.r.Float64() >= m.chance || given[m.medicine] || c.one.age < 12 && m.medicine != "salbutamol" && m.medicine != "beclometasone" && m.medicine != "hydrocortisone1" {
				continue
			}
			given[m.medicine] = true
			w.repeat(c, m.medicine, i)
		}
	}
	if c.one.female && c.one.age >= 16 && c.one.age < 50 && c.r.Float64() < .12 {
		w.repeat(c, "desogestrel75", -1)
	}
	if c.r.Float64() < .14 && c.one.age >= 12 {
		course := []string{"amoxicillin500", "doxycycline100", "flucloxacillin500"}[c.r.IntN(3)]
		if c.penicillin {
			course = "doxycycline100"
		}
		w.medication(c, course, "completed", "acute", -1, c.within(300))
	}
}

func (w *writer) repeat(c *chart, key string, problem int) {
	w.medication(c, key, "active", "continuous", problem, c.within(160))
}

func (w *writer) medication(c *chart, key, status, course string, problem int, on time.Time) {
	m := medicines[key]
	w.begin("MedicationRequest", w.next('m', c.one))
	w.str("status", status)
	w.raw(`,"intent":"order"`)
	w.concept("medicationCodeableConcept", "https://dmd.nhs.uk", m.code, m.name)
	w.ref("subject", "Patient", c.one.id)
	w.day("authoredOn", on)
	w.ref("requester", "Practitioner", c.gp)
	if problem >= 0 {
		w.raw(`,"reasonReference":[`)
		w.reference("Condition", c.condition[problem])
		w.raw(`]`)
	}
	if course == "continuous" {
		w.concept("courseOfTherapyType", "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "continuous", "Continuous long term therapy")
	} else {
		w.concept("courseOfTherapyType", "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "acute", "Short course (acute) therapy")
	}
	w.raw(`,"dosageInstruction":[{"text":`)
	w.quote(m.dose)
	w.raw(`}],"dispenseRequest":{"quantity":{"value":`)
	w.buf = appendNumber(w.buf, m.quantity)
	w.str("unit", m.unit)
	w.raw(`}}`)
	w.end()
}
