package consult

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	loinc = "http://loinc.org"
	ucum  = "http://unitsofmeasure.org"
)

// scales are the measurements. Outside the hard limits a value is a slip of
// the hand (a decimal point, the wrong unit); outside the usual ones it is
// asked about. They are not reference ranges: they decide nothing clinical.
var scales = []Scale{
	{BloodPressure, "Blood pressure", "mmHg", "mm[Hg]", "85354-9", loinc, [2]float64{90, 180}, [2]float64{40, 300}},
	{Pulse, "Pulse", "beats a minute", "/min", "8867-4", loinc, [2]float64{45, 130}, [2]float64{20, 300}},
	{Temperature, "Temperature", "°C", "Cel", "8310-5", loinc, [2]float64{35, 39}, [2]float64{25, 45}},
	{Oxygen, "Oxygen saturation", "%", "%", "2708-6", loinc, [2]float64{92, 100}, [2]float64{40, 100}},
	{Breathing, "Breathing rate", "breaths a minute", "/min", "9279-1", loinc, [2]float64{10, 30}, [2]float64{2, 120}},
	{Weight, "Weight", "kg", "kg", "29463-7", loinc, [2]float64{3, 180}, [2]float64{0.3, 500}},
	{Height, "Height", "cm", "cm", "8302-2", loinc, [2]float64{45, 205}, [2]float64{20, 260}},
	{PeakFlow, "Peak flow", "L/min", "L/min", "33452-4", loinc, [2]float64{120, 750}, [2]float64{30, 900}},
}

// diastolicLimits are the limits of the second number of a blood pressure.
var diastolicLimits = Scale{Usual: [2]float64{50, 110}, Hard: [2]float64{20, 200}}

// Scales lists the measurements in the order of the form.
func Scales() []Scale { return slices.Clone(scales) }

func scaleOf(m Measure) (Scale, bool) {
	i := slices.IndexFunc(scales, func(s Scale) bool { return s.Measure == m })
	if i < 0 {
		return Scale{}, false
	}
	return scales[i], true
}

// maxText is the most characters in one section.
const maxText = 20_000

// Check says everything that is wrong or unusual in a note, in the order of
// the form. Signing asks for more than a draft does.
func Check(n Note, signing bool) Issues { return check(n, signing, time.Time{}) }

// check is Check with the moment, which nothing may lie after.
func check(n Note, signing bool, now time.Time) Issues {
	var is Issues
	is.channel(n, now)
	is.text(n, signing)
	for i, p := range n.Problems {
		is.problem(fmt.Sprintf("problem.%d", i), p, now)
	}
	for i, c := range n.Reasons {
		is.concept(fmt.Sprintf("reasons.%d", i), c)
	}
	is.readings(n.Readings)
	for i, a := range n.Allergies {
		is.concept(fmt.Sprintf("allergy.%d", i), a.Concept)
	}
	return is
}

func (is *Issues) wrong(field, format string, args ...any) {
	*is = append(*is, Issue{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (is *Issues) odd(field, format string, args ...any) {
	*is = append(*is, Issue{Field: field, Message: fmt.Sprintf(format, args...), Warning: true})
}

// Errors are the issues that may not be signed.
func (is Issues) Errors() Issues { return is.only(false) }

// Warnings are the issues that may be signed once they have been seen.
func (is Issues) Warnings() Issues { return is.only(true) }

func (is Issues) only(warning bool) Issues {
	var out Issues
	for _, i := range is {
		if i.Warning == warning {
			out = append(out, i)
		}
	}
	return out
}

func (is *Issues) channel(n Note, now time.Time) {
	if !slices.Contains(Channels, n.Channel) {
		is.wrong("channel", "Choose how you met.")
	}
	switch {
	case !now.IsZero() && n.Started.After(now.Add(time.Minute)), !now.IsZero() && n.Ended.After(now.Add(time.Minute)):
		is.wrong("started", "The consultation cannot be in the future.")
	case !n.Started.IsZero() && !n.Ended.IsZero() && n.Ended.Before(n.Started):
		is.wrong("ended", "The consultation cannot end before it begins.")
	}
}

func (is *Issues) text(n Note, signing bool) {
	has := func(s Section) bool { return strings.TrimSpace(n.Text[s]) != "" }
	for _, s := range Sections {
		switch {
		case !utf8.ValidString(n.Text[s]):
			is.wrong(string(s), "This text is damaged: please type it again.")
		case utf8.RuneCountInString(n.Text[s]) > maxText:
			is.wrong(string(s), "This is longer than %d characters.", maxText)
		}
	}
	for s := range n.Text {
		if !slices.Contains(Sections, s) {
			is.wrong(string(s), "There is no such section.")
		}
	}
	if !signing {
		return
	}
	if !has(Reason) && len(n.Reasons) == 0 && len(n.Problems) == 0 {
		is.wrong("reason", "Say why the person came.")
	}
	if !has(History) && !has(Examination) && !has(Comment) {
		is.wrong("history", "Write what was said or found.")
	}
	if !has(Plan) {
		is.wrong("plan", "Say what will be done, even if that is nothing.")
	}
	if !has(SafetyNet) && n.Channel != NoContact {
		is.odd("safety-netting", "There is no safety-netting advice: what to watch for, and what to do then.")
	}
}

func (is *Issues) concept(field string, c Concept) {
	switch {
	case strings.TrimSpace(c.Term) == "":
		is.wrong(field, "Write or choose a term.")
	case utf8.RuneCountInString(c.Term) > 255:
		is.wrong(field, "The term is longer than 255 characters.")
	case (c.System == "") != (c.Code == ""):
		is.wrong(field, "Choose the term again: its code is incomplete.")
	}
}

func (is *Issues) problem(field string, p Problem, now time.Time) {
	is.concept(field, p.Concept)
	switch p.Status {
	case "", "active", "recurrence", "remission", "resolved", "inactive", "relapse":
	default:
		is.wrong(field, "Choose whether the problem is active or over.")
	}
	if !now.IsZero() && p.Onset.After(now) {
		is.wrong(field, "The problem cannot begin in the future.")
	}
}

func (is *Issues) readings(rs []Reading) {
	seen := map[Measure]bool{}
	for _, r := range rs {
		field := string(r.Measure)
		s, ok := scaleOf(r.Measure)
		switch {
		case !ok:
			is.wrong(field, "There is no such measurement.")
			continue
		case seen[r.Measure]:
			is.wrong(field, "%s stands there twice.", s.Name)
		}
		seen[r.Measure] = true
		if r.Measure == BloodPressure {
			is.pressure(field, r, s)
		} else {
			is.within(field, s.Name, s.Unit, r.Value, s)
		}
	}
}

func (is *Issues) pressure(field string, r Reading, s Scale) {
	is.within(field, "The upper blood pressure", s.Unit, r.Value, s)
	is.within(field, "The lower blood pressure", s.Unit, r.Second, diastolicLimits)
	if r.Second >= r.Value {
		is.wrong(field, "The lower blood pressure must be less than the upper one.")
	}
}

func (is *Issues) within(field, name, unit string, v float64, s Scale) {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || v < s.Hard[0] || v > s.Hard[1]:
		is.wrong(field, "%s must be between %s and %s %s.", name, number(s.Hard[0]), number(s.Hard[1]), unit)
	case v < s.Usual[0] || v > s.Usual[1]:
		is.odd(field, "%s of %s %s is unusual. Is it right?", name, number(v), unit)
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
