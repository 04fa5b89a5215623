// Package evaluate measures the red-flag rules on texts whose answer is known.
//
// What comes in: cases, each a text with an age, a sex, a history and whether
// it is urgent. What goes out: sensitivity, specificity and over-flagging,
// overall and by group, each with an interval that says how little may be
// known. It must never change a rule, never read a patient's record, and
// never print a figure without how many cases it rests on.
package evaluate

import (
	"math"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care/triage"
)

// Case is one text whose answer is known.
type Case struct {
	ID      string
	Text    string
	Age     triage.Age
	Sex     triage.Sex
	History []string // conditions and medicines, as a record would have them
	Urgent  bool
	Group   string // the style of language, or whatever the file groups by
}

// Result is what the rules made of a case.
type Result struct {
	Case
	Found []triage.Finding
}

// Flagged tells whether any rule was met.
func (r Result) Flagged() bool { return len(r.Found) > 0 }

// Missed tells whether it is urgent and no rule was met.
func (r Result) Missed() bool { return r.Urgent && !r.Flagged() }

// Report is what was measured.
type Report struct {
	Version string        // of the rules
	Slowest time.Duration // the longest that one screening took
	Overall Row
	By      []Table
	Results []Result
}

// Table is one way to group the cases.
type Table struct {
	Name string // "age", "sex", "group"
	Rows []Row
}

// Row is the counts of one group.
type Row struct {
	Name                       string
	Hit, Missed, Over, LeftOut int // true positives, false negatives, false positives, true negatives
	Emergency                  int // how many of those flagged were called an emergency
}

// small is how few of either label make a figure of little worth.
const small = 20

// Small tells whether a figure of this row rests on fewer than 20 cases.
func (r Row) Small() bool { return r.Hit+r.Missed < small || r.Over+r.LeftOut < small }

// Sensitivity is the share of the urgent that are flagged.
func (r Row) Sensitivity() Share { return Share{r.Hit, r.Hit + r.Missed} }

// Specificity is the share of the others that are left alone.
func (r Row) Specificity() Share { return Share{r.LeftOut, r.Over + r.LeftOut} }

// OverFlagging is the share of the others that are flagged.
func (r Row) OverFlagging() Share { return Share{r.Over, r.Over + r.LeftOut} }

// PPV is the share of the flagged that are urgent, at this mix of cases.
func (r Row) PPV() Share { return Share{r.Hit, r.Hit + r.Over} }

// Share is k of n.
type Share struct{ K, N int }

// Value is k/n; NaN when there is nothing to divide.
func (s Share) Value() float64 { return float64(s.K) / float64(s.N) }

// Wilson is the 95 % score interval (Wilson 1927); 0 to 1 when n is 0.
func (s Share) Wilson() (low, high float64) {
	if s.N == 0 {
		return 0, 1
	}
	const z = 1.959964
	n, p := float64(s.N), s.Value()
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, mid-half), min(1, mid+half)
}

// Run screens every case and counts.
func Run(cases []Case) Report {
	rep := Report{Version: triage.Version(), Overall: Row{Name: "all"}}
	age, sex, group := map[string]*Row{}, map[string]*Row{}, map[string]*Row{}
	for _, c := range cases {
		from := time.Now()
		r := Result{Case: c, Found: triage.Screen(c.Input())}
		rep.Slowest = max(rep.Slowest, time.Since(from))
		rep.Results = append(rep.Results, r)
		rep.Overall.count(r)
		in(age, Band(c.Age)).count(r)
		in(sex, orNotKnown(string(c.Sex))).count(r)
		in(group, orNotKnown(c.Group)).count(r)
	}
	rep.By = []Table{{"age", rows(age)}, {"sex", rows(sex)}, {"group", rows(group)}}
	return rep
}

// Input is what the rules are given of a case.
func (c Case) Input() triage.Input {
	return triage.Input{Texts: []string{c.Text}, Age: c.Age, Sex: c.Sex, Record: c.History}
}

func (r *Row) count(x Result) {
	switch {
	case x.Urgent && x.Flagged():
		r.Hit++
	case x.Urgent:
		r.Missed++
	case x.Flagged():
		r.Over++
	default:
		r.LeftOut++
	}
	if triage.Worst(x.Found) == triage.Emergency {
		r.Emergency++
	}
}

func in(m map[string]*Row, name string) *Row {
	if m[name] == nil {
		m[name] = &Row{Name: name}
	}
	return m[name]
}

func rows(m map[string]*Row) []Row {
	out := make([]Row, 0, len(m))
	for _, r := range m {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Row) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func orNotKnown(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}

// bands are the ages, in years, at which a band ends, and its name.
var bands = []struct {
	to   int
	name string
}{{5, "00 to 04"}, {16, "05 to 15"}, {40, "16 to 39"}, {65, "40 to 64"}, {80, "65 to 79"}}

// Band is the age band of an age: "16 to 39".
func Band(a triage.Age) string {
	if !a.Known {
		return "not known"
	}
	for _, b := range bands {
		if a.Days < b.to*365 {
			return b.name
		}
	}
	return "80 and over"
}
