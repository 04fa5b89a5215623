package measure

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// The test for groups that drift apart. Decision 029 says why it is so, and
// what its rate of false alarms was measured to be.
const (
	DriftDays   = 28  // days that are looked at
	driftLeast  = 30  // people that a group, and all others together, must have
	driftAlpha  = .01 // chance of any false alarm in one look, over all groups
	driftBigger = .56 // chance that one of the group waits longer than one of the others
	driftMore   = .05 // more of the group than of the others, as a share

)

// Drift is a group that fares worse than all others, beyond chance.
type Drift struct {
	Dimension Dimension
	Group     string
	What      string  // "wait", "late" or "unsettled"
	N         int     // people of the group that were looked at
	P         float64 // the chance of as much or more if there were no difference
	Median    time.Duration
	Others    time.Duration // the same of all others
	Share     float64       // for "late" and "unsettled": of the group
	OthersSh  float64       // and of all others
}

// looked is one request that is looked at: the first of its patient in the
// period, so that nobody who asks often decides the test.
type looked struct {
	stratum         string
	groups          []string // by dimension
	wait            time.Duration
	rank            float64
	waits           bool
	due, late       bool
	closed, unhappy bool
}

// Drifts tests every group of every dimension against all others, in a period
// as at now. It asks three things: do they wait longer, are more of their
// promises broken, are more of their requests closed without help. Like is
// compared with like: requests of one urgency and kind.
func (b *Book) Drifts(s Span, now time.Time) (found []Drift, tests int) {
	b.mu.RLock()
	var of []looked
	seen := map[string]bool{}
	b.each(s, func(f *Fact) {
		if f.In.After(now) || f.Patient != "" && seen[f.Patient] {
			return
		}
		seen[f.Patient] = true
		l := looked{stratum: f.First + " " + f.Kind, groups: make([]string, len(Dimensions))}
		for i, d := range Dimensions {
			l.groups[i] = d.of(f)
		}
		l.wait, l.waits = b.waited(f, now)
		p := f.Promise(now)
		l.due, l.late = p == Kept || p == Late, p == Late
		l.closed = !f.Open(now)
		l.unhappy = l.closed && f.unsettled()
		of = append(of, l)
	})
	b.mu.RUnlock()
	return drifts(of)
}

// drifts is pure.
func drifts(of []looked) (found []Drift, tests int) {
	slices.SortStableFunc(of, func(a, b looked) int { return cmp.Or(cmp.Compare(a.stratum, b.stratum), cmp.Compare(a.wait, b.wait)) })
	strata := ranked(of)
	var all []Drift
	for i, d := range Dimensions {
		for _, g := range groupsOf(of, i) {
			for _, test := range []func([]looked, [][2]int, int, string) (Drift, bool){testWait, testLate, testUnsettled} {
				if t, ok := test(of, strata, i, g); ok {
					tests++
					t.Dimension, t.Group = d, g
					all = append(all, t)
				}
			}
		}
	}
	for _, t := range all {
		if t.P < driftAlpha/float64(tests) && t.big() {
			found = append(found, t)
		}
	}
	return found, tests
}

// big tells whether a difference matters, and is not only beyond chance.
func (t Drift) big() bool {
	if t.What == "wait" {
		return t.Share >= driftBigger
	}
	return t.Share-t.OthersSh >= driftMore
}

func groupsOf(of []looked, dim int) []string {
	var out []string
	for _, l := range of {
		if !slices.Contains(out, l.groups[dim]) {
			out = append(out, l.groups[dim])
		}
	}
	slices.Sort(out)
	return out
}

// ranked gives each wait its rank in its stratum, equal waits the same, and
// returns where each stratum begins and ends. What does not wait has none.
func ranked(of []looked) (strata [][2]int) {
	for i := 0; i < len(of); {
		j := i
		for j < len(of) && of[j].stratum == of[i].stratum {
			j++
		}
		strata = append(strata, [2]int{i, j})
		at := 0.0
		for a := i; a < j; {
			if !of[a].waits {
				a++
				continue
			}
			b, n := a, 0
			for b < j && of[b].wait == of[a].wait {
				if of[b].waits {
					n++
				}
				b++
			}
			for k := a; k < b; k++ {
				of[k].rank = at + float64(n+1)/2
			}
			at += float64(n)
			a = b
		}
		i = j
	}
	return strata
}

// testWait is van Elteren's test: Wilcoxon's rank sum in each stratum, put
// together with weights that count every stratum by its size.
func testWait(of []looked, strata [][2]int, dim int, group string) (Drift, bool) {
	var sum, variance, wins, pairs float64
	var mine, others []time.Duration
	for _, s := range strata {
		var n, m, ranks, squares, all float64
		for _, l := range of[s[0]:s[1]] {
			if !l.waits {
				continue
			}
			all += l.rank
			squares += l.rank * l.rank
			if l.groups[dim] == group {
				n++
				ranks += l.rank
				mine = append(mine, l.wait)
			} else {
				m++
				others = append(others, l.wait)
			}
		}
		if n == 0 || m == 0 {
			continue
		}
		total := n + m
		mean := all / total
		weight := 1 / (total + 1)
		sum += weight * (ranks - n*mean)
		// the variance of a sum of ranks drawn without putting back, ties and all
		variance += weight * weight * n * m / (total * (total - 1)) * (squares - total*mean*mean)
		wins += weight * (ranks - n*(n+1)/2)
		pairs += weight * n * m
	}
	if len(mine) < driftLeast || len(others) < driftLeast || variance <= 0 {
		return Drift{}, false
	}
	return Drift{
		What: "wait", N: len(mine), P: upper(sum / math.Sqrt(variance)),
		Median: median(mine), Others: median(others), Share: wins / pairs,
	}, true
}

func testLate(of []looked, strata [][2]int, dim int, group string) (Drift, bool) {
	return testShare("late", of, strata, dim, group, func(l *looked) (bool, bool) { return l.late, l.due })
}

func testUnsettled(of []looked, strata [][2]int, dim int, group string) (Drift, bool) {
	return testShare("unsettled", of, strata, dim, group, func(l *looked) (bool, bool) { return l.unhappy, l.closed })
}

// testShare is the test of Cochran, Mantel and Haenszel, one-sided, with
// their correction for counts.
func testShare(what string, of []looked, strata [][2]int, dim int, group string, is func(*looked) (yes, counts bool)) (Drift, bool) {
	var sum, variance, n1, yes1, n0, yes0 float64
	for _, s := range strata {
		var n, m, a, yes float64
		for i := s[0]; i < s[1]; i++ {
			y, counts := is(&of[i])
			if !counts {
				continue
			}
			mine := of[i].groups[dim] == group
			if mine {
				n++
			} else {
				m++
			}
			if y {
				yes++
				if mine {
					a++
				}
			}
		}
		n1, yes1, n0, yes0 = n1+n, yes1+a, n0+m, yes0+yes-a
		if t := n + m; t > 1 {
			sum += a - n*yes/t
			variance += n * m * yes * (t - yes) / (t * t * (t - 1))
		}
	}
	if n1 < driftLeast || n0 < driftLeast || variance <= 0 {
		return Drift{}, false
	}
	return Drift{
		What: what, N: int(n1), P: upper((sum - .5) / math.Sqrt(variance)),
		Share: yes1 / n1, OthersSh: yes0 / n0,
	}, true
}

// upper is the chance that a standard normal number is above z.
func upper(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
