package demo

import "math/rand/v2"

// habits are what much else follows from.
type habits struct {
	smoker, former bool
	height         float64 // metres
	bmi            float64
}

// drawHabits follows, for smoking, the Annual Population Survey 2023 (ONS:
// 11.9% of adults in the UK, twice as many in the most deprived tenth as on
// average and half in the least) and, for weight, the Health Survey for
// England 2022 (mean BMI about 27.6, 28% of adults at 30 or more, higher in
// middle age and with deprivation).
func drawHabits(r *rand.Rand, one *person) (h habits) {
	deprived := (5.5 - float64(one.tenth)) / 4.5 // 1 most, -1 least
	if one.age >= 16 {
		chance := .125 * (1 + .75*deprived)
		if one.age >= 65 {
			chance *= .6
		}
		if !one.female {
			chance *= 1.15
		}
		h.smoker = r.Float64() < chance
		h.former = !h.smoker && r.Float64() < .12+.003*float64(min(one.age, 80)-16)
	}
	h.height = 1.76
	if one.female {
		h.height = 1.62
	}
	h.height += r.NormFloat64() * .065
	h.bmi = 25.2 + deprived*.9 + r.NormFloat64()*4.4 + abs(r.NormFloat64())*2.2
	if one.age > 35 {
		h.bmi += .8
	}
	h.bmi = max(17, h.bmi)
	if one.age < 18 {
		h.height *= .28 + .72*float64(one.age+1)/19
		h.bmi = 15 + float64(one.age)*.3 + r.NormFloat64()*1.5
	}
	return h
}

func abs(x float64) float64 { return max(x, -x) }
