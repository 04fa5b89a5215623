package demo

import "math/rand/v2"

// band is five years of the population pyramid.
type band struct {
	from, to int     // ages, inclusive
	share    float64 // of the population
	male     float64 // share of the band that is male
}

// pyramid is the age and sex structure of England, rounded from the Office
// for National Statistics' population estimates for mid-2023 (published July
// 2024, Open Government Licence).
var pyramid = []band{
	{0, 4, 5.3, .513},
	{5, 9, 5.8, .512},
	{10, 14, 6.1, .512},
	{15, 19, 5.9, .515},
	{20, 24, 6.1, .51},
	{25, 29, 6.7, .50},
	{30, 34, 7.1, .49},
	{35, 39, 6.9, .49},
	{40, 44, 6.6, .49},
	{45, 49, 6.1, .49},
	{50, 54, 6.6, .49},
	{55, 59, 6.7, .49},
	{60, 64, 6.0, .49},
	{65, 69, 5.0, .48},
	{70, 74, 4.5, .48},
	{75, 79, 4.1, .47},
	{80, 84, 2.5, .44},
	{85, 89, 1.5, .40},
	{90, 101, 0.9, .33},
}

// drawAge turns u in [0,1) into an age, and a sex drawn with r. A practice
// leans towards the young (lean below 0) or the old (above).
func drawAge(u, lean float64, r *rand.Rand) (age int, female bool) {
	total := 0.0
	for i := range pyramid {
		total += leaning(i, lean)
	}
	u *= total
	for i, b := range pyramid {
		if w := leaning(i, lean); u >= w && i < len(pyramid)-1 {
			u -= w
			continue
		}
		years := b.to - b.from + 1
		if b.to > 95 { // few reach the end of the last band
			age = b.from + int(float64(years)*r.Float64()*r.Float64())
		} else {
			age = b.from + r.IntN(years)
		}
		return age, r.Float64() >= b.male
	}
	panic("unreachable: the last band takes what is left")
}

func leaning(i int, lean float64) float64 {
	middle := float64(len(pyramid)-1) / 2
	return pyramid[i].share * (1 + lean*(float64(i)-middle)/middle)
}
