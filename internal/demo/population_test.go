package demo

import (
	"math"
	"testing"
)

// TestPopulation draws a whole network and compares it with the tables.
func TestPopulation(t *testing.T) {
	const each = 4000
	n := network(t, 5, 3, each)
	var people, female, white, alone, adults int
	var ages [5]int
	has := make([]int, len(problems))
	deprivedCopd, richCopd, deprived, rich := 0, 0, 0, 0
	homes := map[string]int{}
	for _, p := range n.Practices() {
		for one := range p.people() {
			people++
			ages[min(one.age/20, 4)]++
			if one.female {
				female++
			}
			if one.heritage.code == "A" {
				white++
			}
			homes[one.address.Line+one.address.Postcode]++
			set := drawProblems(n.random("record", one.number), one)
			for i := range problems {
				has[i] += int(set >> i & 1)
			}
			if one.age > 50 && one.tenth <= 4 {
				deprived++
				deprivedCopd += int(set >> problemIndex["copd"] & 1)
			}
			if one.age > 50 && one.tenth >= 7 {
				rich++
				richCopd += int(set >> problemIndex["copd"] & 1)
			}
			if one.age >= 18 {
				adults++
			}
			if one.age < 16 && len(one.parents) == 0 {
				alone++
			}
			for _, child := range one.children {
				if gap := one.age - child.age; child.address != one.address || gap < 16 || gap > 60 {
					t.Fatalf("a parent of %d has a child of %d, %v", one.age, child.age, child.address == one.address)
				}
			}
		}
	}
	if people != 3*each {
		t.Fatalf("drew %d people", people)
	}
	near := func(what string, got, want, within float64) {
		t.Helper()
		t.Logf("%-14s %6.2f%% (about %.1f)", what, got, want)
		if math.Abs(got-want) > within {
			t.Errorf("%s: %.2f%%, want %.1f ± %.1f", what, got, want, within)
		}
	}
	percent := func(k int) float64 { return 100 * float64(k) / float64(people) }
	near("female", percent(female), 50.9, 2)
	near("under 20", percent(ages[0]), 23.0, 2)
	near("20 to 39", percent(ages[1]), 26.7, 2)
	near("40 to 59", percent(ages[2]), 25.9, 2)
	near("60 to 79", percent(ages[3]), 19.5, 2)
	near("80 and over", percent(ages[4]), 4.9, 1)
	near("White British", percent(white), 71, 9)
	for key, want := range map[string][2]float64{
		"hypertension": {14.8, 2}, "diabetes2": {5.8, 1.2}, "asthma": {6.3, 1}, "depression": {10.3, 1.5},
		"ckd": {3.5, .9}, "chd": {3, .7}, "af": {2.2, .6}, "stroke": {1.9, .5}, "copd": {1.9, .6},
		"failure": {1.1, .4}, "dementia": {.9, .4}, "epilepsy": {.8, .3}, "psychosis": {.95, .35}, "obesity": {10, 2}, "thyroid": {3.8, 1},
	} {
		near(key, percent(has[problemIndex[key]]), want[0], want[1])
	}
	if a, b := float64(deprivedCopd)/float64(deprived), float64(richCopd)/float64(rich); a < 1.3*b {
		t.Errorf("COPD after 50: %.3f of the deprived, %.3f of the rich", a, b)
	}
	if alone > people/200 {
		t.Errorf("%d children live without a parent", alone)
	}
	near("mean household", 100*float64(people)/float64(len(homes)), 236, 40)
}
