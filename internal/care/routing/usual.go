package routing

import (
	"maps"
	"slices"
	"strings"
)

// UsualOf is a patient's usual clinician: who is named in their record, else
// whom they saw most of all, when that is at least half of three or more
// visits. "" when there is none.
func UsualOf(named string, visits []string) string {
	if strings.HasPrefix(named, "Practitioner/") {
		return named
	}
	who, n := most(visits)
	if len(visits) >= 3 && 2*n >= len(visits) {
		return who
	}
	return ""
}

// most is whom they saw most, and how often; of two the first by name.
func most(visits []string) (who string, n int) {
	count := map[string]int{}
	for _, v := range visits {
		count[v]++
	}
	for v, k := range count {
		if k > n || k == n && v < who {
			who, n = v, k
		}
	}
	return who, n
}

// UPC is the usual provider of care index of one patient: the visits to the
// clinician they saw most, as a share of all (Breslau and Reeb, J Med Educ
// 1975;50:965). ok is false for fewer than two visits, of which it says
// nothing.
func UPC(visits []string) (index float64, ok bool) {
	if len(visits) < 2 {
		return 0, false
	}
	_, n := most(visits)
	return float64(n) / float64(len(visits)), true
}

// MeanUPC is the index over patients, each counting once, and of how many.
func MeanUPC(visits map[string][]string) (mean float64, patients int) {
	sum := 0.
	for _, who := range slices.Sorted(maps.Keys(visits)) { // in one order, so that the sum is the same each time
		if u, ok := UPC(visits[who]); ok {
			sum, patients = sum+u, patients+1
		}
	}
	if patients == 0 {
		return 0, 0
	}
	return sum / float64(patients), patients
}
