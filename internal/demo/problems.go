package demo

import "math/rand/v2"

// problem is one condition that a record may hold. SNOMED CT codes here are
// identifiers of a few well-known conditions, used as facts.
type problem struct {
	key           string
	code, display string
	ages          [10]float64 // per thousand at 0, 10 … 90 years
	male          float64     // how much likelier for men than the table says; women get 2 - male
	slope         float64     // how much likelier in the most deprived tenth than in the least
	after         map[string]float64
	medicines     []prescribing
	reading       string // what is monitored
}

// problems are in the order they are drawn: what makes others likelier comes
// first. The overall rates are near those of the Quality and Outcomes
// Framework for England 2023/24 (NHS England, August 2024: hypertension
// 14.8%, depression 13.2% of adults in 2022/23, obesity 12.8% of adults,
// diabetes 7.7% of those over 16, asthma 6.5% of those over 5, chronic kidney
// disease 4.4% of adults, cancer 3.6%, coronary heart disease 3.0%, atrial
// fibrillation 2.2%, stroke or TIA 1.9%, COPD 1.9%, heart failure 1.1%,
// serious mental illness 1.0%, rheumatoid arthritis 0.8%, epilepsy 0.8%,
// dementia 0.8%, learning disability 0.6%). Those that it does not count
// (anxiety, eczema, hay fever, migraine, osteoarthritis, reflux, thyroid,
// back pain, gout, high cholesterol, prostate, irritable bowel) are round
// figures of the size that Clinical Practice Research Datalink studies of
// 2015 to 2022 give. How they rise with age and deprivation follows
// Barnett and others, Lancet 2012;380:37 and the Health Survey for England.
var problems = []problem{
	{key: "obesity", code: "162864005", display: "Body mass index 30+ - obesity"}, // drawn from the person's BMI
	{
		key: "cholesterol", code: "13644009", display: "Hypercholesterolaemia", ages: [10]float64{0, 0, 3, 20, 60, 120, 180, 190, 150, 100}, male: 1.05, slope: 1,
		medicines: []prescribing{{"atorvastatin20", .7}, {"simvastatin40", .15}},
	},
	{
		key: "diabetes2", code: "44054006", display: "Diabetes mellitus type 2", ages: [10]float64{0, 0, 1.6, 9, 30, 67, 103, 130, 134, 111}, male: 1.13, slope: 2,
		after:     map[string]float64{"obesity": 2},
		medicines: []prescribing{{"metformin500", .75}, {"gliclazide80", .2}, {"dapagliflozin10", .25}, {"atorvastatin20", .6}}, reading: "diabetes",
	},
	{
		key: "diabetes1", code: "46635009", display: "Diabetes mellitus type 1", ages: [10]float64{.5, 2.5, 4, 5, 5, 5, 4, 3, 2, 1}, male: 1.1, slope: 1,
		medicines: []prescribing{{"glargine", 1}}, reading: "diabetes",
	},
	{
		key: "hypertension", code: "38341003", display: "Hypertensive disorder", ages: [10]float64{0, 0, 1.7, 15, 58, 142, 258, 370, 430, 413}, male: 1.03, slope: 1.15,
		after:     map[string]float64{"obesity": 1.4, "diabetes2": 1.5},
		medicines: []prescribing{{"amlodipine5", .5}, {"ramipril5", .45}, {"losartan50", .15}, {"indapamide", .12}}, reading: "pressure",
	},
	{
		key: "ckd", code: "433144002", display: "Chronic kidney disease stage 3", ages: [10]float64{0, 0, 0, 1.4, 4, 11, 33, 82, 156, 204}, male: .92, slope: 1.2,
		after: map[string]float64{"diabetes2": 1.6, "hypertension": 1.3}, reading: "kidney",
	},
	{
		key: "chd", code: "414545008", display: "Ischaemic heart disease", ages: [10]float64{0, 0, 0, 0.8, 5, 19, 46, 75, 103, 118}, male: 1.35, slope: 1.6,
		after:     map[string]float64{"smoker": 1.7, "diabetes2": 1.5, "hypertension": 1.3},
		medicines: []prescribing{{"aspirin75", .7}, {"bisoprolol2.5", .6}, {"atorvastatin40", .8}, {"ramipril2.5", .5}}, reading: "pressure",
	},
	{
		key: "af", code: "49436004", display: "Atrial fibrillation", ages: [10]float64{0, 0, 0, 0.8, 2.4, 8, 26, 68, 120, 152}, male: 1.2, slope: 1,
		after: map[string]float64{"hypertension": 1.2}, medicines: []prescribing{{"apixaban5", .75}, {"bisoprolol2.5", .5}, {"warfarin3", .1}}, reading: "kidney",
	},
	{
		key: "stroke", code: "230690007", display: "Cerebrovascular accident", ages: [10]float64{0, 0, 0.8, 1.7, 4, 12, 29, 52, 84, 109}, male: 1.1, slope: 1.4,
		after: map[string]float64{"af": 1.5, "smoker": 1.4}, medicines: []prescribing{{"clopidogrel75", .7}, {"atorvastatin40", .7}}, reading: "pressure",
	},
	{
		key: "failure", code: "84114007", display: "Heart failure", ages: [10]float64{0, 0, 0, 0.7, 1.4, 4, 10, 22, 45, 72}, male: 1.2, slope: 1.5,
		after: map[string]float64{"chd": 3, "af": 2}, medicines: []prescribing{{"furosemide40", .8}, {"ramipril2.5", .5}, {"spironolactone25", .3}}, reading: "kidney",
	},
	{
		key: "asthma", code: "195967001", display: "Asthma", ages: [10]float64{10, 62, 66, 62, 66, 70, 72, 76, 70, 50}, male: .93, slope: 1.25,
		medicines: []prescribing{{"salbutamol", .95}, {"beclometasone", .65}},
	},
	{
		key: "copd", code: "13645005", display: "Chronic obstructive pulmonary disease", ages: [10]float64{0, 0, 0, 0.8, 4, 15, 34, 53, 60, 42}, male: 1.05, slope: 2.6,
		after: map[string]float64{"smoker": 3, "former": 1.2}, medicines: []prescribing{{"salbutamol", .8}, {"tiotropium", .6}},
	},
	{
		key: "depression", code: "35489007", display: "Depressive disorder", ages: [10]float64{0, 5, 95, 125, 140, 145, 120, 95, 80, 75}, male: .7, slope: 1.6,
		medicines: []prescribing{{"sertraline50", .4}, {"citalopram20", .15}, {"mirtazapine15", .12}, {"fluoxetine20", .1}},
	},
	{
		key: "anxiety", code: "197480006", display: "Anxiety disorder", ages: [10]float64{0, 15, 75, 80, 75, 70, 55, 45, 40, 35}, male: .7, slope: 1.4,
		after: map[string]float64{"depression": 2}, medicines: []prescribing{{"propranolol40", .25}, {"sertraline50", .15}},
	},
	{key: "psychosis", code: "69322001", display: "Psychotic disorder", ages: [10]float64{0, 0, 5, 10, 13, 13, 12, 10, 9, 8}, male: 1.1, slope: 3, medicines: []prescribing{{"olanzapine10", .7}}},
	{key: "learning", code: "110359009", display: "Intellectual disability", ages: [10]float64{2, 7, 8, 7, 6, 6, 5, 4, 2, 1}, male: 1.2, slope: 1.8},
	{key: "adhd", code: "406506008", display: "Attention deficit hyperactivity disorder", ages: [10]float64{2, 32, 22, 10, 4, 2, 1, 0, 0, 0}, male: 1.4, slope: 1.3},
	{key: "autism", code: "408856003", display: "Autistic disorder", ages: [10]float64{4, 28, 16, 6, 3, 2, 1, 1, 0, 0}, male: 1.45, slope: 1},
	{key: "epilepsy", code: "84757009", display: "Epilepsy", ages: [10]float64{3, 6, 7, 8, 8, 9, 10, 11, 12, 12}, male: 1.05, slope: 1.5, after: map[string]float64{"learning": 10, "stroke": 2}, medicines: []prescribing{{"lamotrigine100", .6}}},
	{key: "dementia", code: "52448006", display: "Dementia", ages: [10]float64{0, 0, 0, 0, 0, 0.8, 3, 16, 76, 162}, male: .85, slope: 1.2, medicines: []prescribing{{"donepezil10", .45}}},
	{key: "parkinsons", code: "49049000", display: "Parkinson's disease", ages: [10]float64{0, 0, 0, 0, 0, 1, 4, 12, 18, 15}, male: 1.25, slope: 1},
	{key: "thyroid", code: "40930008", display: "Hypothyroidism", ages: [10]float64{0, 2, 8, 20, 32, 48, 65, 80, 90, 95}, male: .35, slope: 1, medicines: []prescribing{{"levothyroxine50", .5}, {"levothyroxine100", .5}}},
	{key: "breast", code: "254837009", display: "Malignant neoplasm of breast", ages: [10]float64{0, 0, 0, 2, 8, 18, 28, 36, 40, 40}, male: 0, slope: .9},
	{key: "prostate", code: "399068003", display: "Malignant tumour of prostate", ages: [10]float64{0, 0, 0, 0, 0, 5, 22, 50, 62, 60}, male: 2, slope: .8},
	{key: "bowel", code: "363406005", display: "Malignant neoplasm of colon", ages: [10]float64{0, 0, 0, 1, 2, 4, 9, 16, 22, 24}, male: 1.1, slope: 1},
	{key: "rheumatoid", code: "69896004", display: "Rheumatoid arthritis", ages: [10]float64{0, 0, 1, 3, 6, 10, 14, 18, 18, 15}, male: .6, slope: 1.1, medicines: []prescribing{{"methotrexate2.5", .6}, {"folic5", .6}}, reading: "kidney"},
	{key: "osteoarthritis", code: "396275006", display: "Osteoarthritis", ages: [10]float64{0, 0, 1, 6, 30, 95, 180, 250, 290, 300}, male: .8, slope: 1.2, after: map[string]float64{"obesity": 1.4}, medicines: []prescribing{{"paracetamol500", .35}, {"naproxen250", .12}, {"codeine30", .1}}},
	{key: "osteoporosis", code: "64859006", display: "Osteoporosis", ages: [10]float64{0, 0, 0, 0, 2, 10, 28, 60, 95, 110}, male: .3, slope: 1, medicines: []prescribing{{"alendronic70", .6}, {"colecalciferol800", .6}}},
	{key: "back", code: "279039007", display: "Low back pain", ages: [10]float64{0, 4, 28, 50, 68, 78, 75, 65, 55, 40}, male: .95, slope: 1.5, medicines: []prescribing{{"naproxen250", .15}, {"amitriptyline10", .12}, {"codeine30", .08}}},
	{key: "gout", code: "90560007", display: "Gout", ages: [10]float64{0, 0, 1, 6, 15, 28, 42, 55, 58, 50}, male: 1.65, slope: 1, medicines: []prescribing{{"allopurinol100", .5}}},
	{key: "eczema", code: "43116000", display: "Eczema", ages: [10]float64{140, 95, 55, 42, 38, 36, 40, 48, 52, 50}, male: .98, slope: 1, medicines: []prescribing{{"hydrocortisone1", .35}}},
	{key: "psoriasis", code: "9014002", display: "Psoriasis", ages: [10]float64{2, 8, 18, 24, 28, 32, 33, 30, 24, 18}, male: 1, slope: 1},
	{key: "hayfever", code: "61582004", display: "Allergic rhinitis", ages: [10]float64{12, 95, 115, 100, 88, 70, 55, 40, 28, 20}, male: 1, slope: .9, medicines: []prescribing{{"cetirizine10", .35}}},
	{key: "migraine", code: "37796009", display: "Migraine", ages: [10]float64{0, 22, 58, 75, 80, 68, 45, 28, 18, 12}, male: .5, slope: 1, medicines: []prescribing{{"sumatriptan50", .4}, {"propranolol40", .12}}},
	{key: "reflux", code: "235595009", display: "Gastro-oesophageal reflux disease", ages: [10]float64{8, 4, 18, 38, 55, 78, 98, 115, 118, 110}, male: .98, slope: 1.3, medicines: []prescribing{{"omeprazole20", .6}, {"lansoprazole30", .3}}},
	{key: "bowelirritable", code: "10743008", display: "Irritable bowel syndrome", ages: [10]float64{0, 5, 38, 52, 50, 46, 40, 32, 24, 18}, male: .55, slope: 1},
	{key: "bph", code: "266569009", display: "Benign prostatic hyperplasia", ages: [10]float64{0, 0, 0, 0, 3, 18, 52, 90, 115, 110}, male: 2, slope: 1, medicines: []prescribing{{"tamsulosin400", .75}}},
}

var problemIndex = func() map[string]int {
	m := make(map[string]int, len(problems))
	for i, p := range problems {
		m[p.key] = i
	}
	return m
}()

// drawProblems decides what a person has: a set of indexes into problems.
func drawProblems(r *rand.Rand, one *person) (has uint64) {
	for i := range problems {
		if r.Float64() < chanceOf(&problems[i], one, has) {
			has |= 1 << i
		}
	}
	if two := uint64(1<<problemIndex["diabetes1"] | 1<<problemIndex["diabetes2"]); has&two == two {
		has &^= 1 << problemIndex["diabetes1"]
	}
	return has
}

func chanceOf(p *problem, one *person, has uint64) float64 {
	if p.key == "obesity" { // of those whose BMI says so, about half are on the register
		if one.age >= 18 && one.habits.bmi >= 30 {
			return .45
		}
		return 0
	}
	decade := min(one.age/10, 8)
	part := float64(min(one.age, 90)-decade*10) / 10
	chance := (p.ages[decade]*(1-part) + p.ages[decade+1]*part) / 1000
	if one.female {
		chance *= 2 - p.male
	} else {
		chance *= p.male
	}
	chance *= 1 + (p.slope-1)/(p.slope+1)*(5.5-float64(one.tenth))/4.5
	for key, times := range p.after {
		i, known := problemIndex[key]
		if known && has>>i&1 == 1 || key == "smoker" && one.habits.smoker || key == "former" && one.habits.former {
			chance *= times
		}
	}
	return min(chance, .95)
}
