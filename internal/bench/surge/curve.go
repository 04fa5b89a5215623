package surge

import (
	"math/rand/v2"
	"time"
)

// What England does on a Monday from 8 to 10, February 2026: calls and online
// requests for every 1,000 patients in those two hours. NHS England, "Cloud
// Based Telephony" and "Submissions via Online Consultation Systems in General
// Practice", both February 2026, open data (OGL v3).
const (
	callsPer1000 = 11.17
	formsPer1000 = 3.93
	window       = 2 * time.Hour
)

// shape is how the two hours fill. Nothing finer than two hours is published:
// 45 % in the first half hour and 25 % in the second is an assumption.
var shape = []struct {
	until time.Duration
	share float64
}{{30 * time.Minute, 0.45}, {time.Hour, 0.25}, {window, 0.30}}

// density is how many times the mean rate of the window holds at t after 8.
func density(t time.Duration) float64 {
	from := time.Duration(0)
	for _, s := range shape {
		if t < s.until {
			return s.share * float64(window) / float64(s.until-from)
		}
		from = s.until
	}
	return 0
}

// needs is how many needs a second arise among so many patients, on average
// over the window: one process, whatever channel each then takes, because
// calls and forms stand in for each other between practices (r = -0.44).
func needs(patients int) float64 {
	return float64(patients) / 1000 * (callsPer1000 + formsPer1000) / window.Seconds()
}

// mixes are the shares of needs that come online, of practices that are low,
// middling and high users of forms; a practice keeps its own. Their mean is
// England's, 26 %.
var mixes = []float64{0.04, 0.20, 0.54}

// mix is the share of needs that come online at the i-th practice.
func mix(i int) float64 { return mixes[i%len(mixes)] }

// england is the share of needs that come online where one practice stands for
// all: for a surge of one.
const england = formsPer1000 / (callsPer1000 + formsPer1000)

// arrivals draws the moments at which needs arise in a run of length d that
// passes through the whole window: at each moment as many a second as at that
// time of the morning, times the factor. It is a Poisson process, by thinning.
func arrivals(r *rand.Rand, patients int, times float64, d time.Duration) []time.Duration {
	peak := needs(patients) * times * density(0)
	var out []time.Duration
	for t := 0.0; peak > 0; {
		t += r.ExpFloat64() / peak
		if t >= d.Seconds() {
			break
		}
		at := time.Duration(t / d.Seconds() * float64(window))
		if r.Float64() < density(at)/density(0) {
			out = append(out, time.Duration(t*float64(time.Second)))
		}
	}
	return out
}
