// Package read takes the everyday things out of FHIR R4 resources for the
// views: what somebody is called, when something was, what a code means in
// words.
//
// What comes in: parsed resources. What goes out: plain Go values, zero where
// the resource does not say. It must never guess, and never decide.
package read

import (
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// Ref is a Reference's literal target, zero when it has none.
func Ref(n fhir.Node) ident.Ref {
	r, _ := ident.ParseRef(n.Get("reference").Str())
	return r
}

// Concept is what a CodeableConcept (or the first of several) is called: its
// text, the display of a coding, or the bare code.
func Concept(n fhir.Node) string {
	n = n.First()
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	for c := range n.Get("coding").Items() {
		if d := c.Get("display").Str(); d != "" {
			return d
		}
	}
	return n.Get("coding", "code").Str()
}

// Code is the first coding's code that has this system; "" for any system.
func Code(n fhir.Node, system string) string {
	for c := range n.First().Get("coding").Items() {
		if system == "" || c.Get("system").Is(system) {
			return c.Get("code").Str()
		}
	}
	return ""
}

// Time reads a FHIR date, dateTime or instant; the missing parts of a partial
// date are the first. Zero for anything else.
func Time(s string) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(words.London)
	}
	t, _ := words.Birth(s)
	return t
}

// First is the first of these members that has a time.
func First(r *fhir.Resource, names ...string) time.Time {
	for _, n := range names {
		path := strings.Split(n, ".")
		if t := Time(r.Get(path...).Str()); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// Name is what a Patient, Practitioner or RelatedPerson is called: the usual
// or official name first, an old one last.
func Name(r *fhir.Resource) string {
	if r == nil {
		return ""
	}
	best, rank := fhir.Node{}, -1
	for n := range r.Get("name").Items() {
		if n.Kind() == fhir.String {
			return n.Str() // CareTeam, Organization, Location
		}
		if k := nameRank(n.Get("use").Str()); k > rank {
			best, rank = n, k
		}
	}
	return HumanName(best)
}

func nameRank(use string) int {
	switch use {
	case "usual":
		return 5
	case "official":
		return 4
	case "":
		return 3
	case "nickname", "temp":
		return 2
	case "anonymous":
		return 1
	}
	return 0 // old, maiden
}

// HumanName is one HumanName in the order it is said.
func HumanName(n fhir.Node) string {
	if t := n.Get("text").Str(); t != "" {
		return t
	}
	var parts []string
	for _, m := range []string{"prefix", "given", "family", "suffix"} {
		for p := range n.Get(m).Items() {
			s := strings.TrimSpace(p.Str())
			if s == "" {
				continue
			}
			parts = append(parts, s)
			if m == "given" {
				break // the first given name is enough on a page
			}
		}
	}
	return strings.Join(parts, " ")
}

// Number is a decimal; ok is false when there is none.
func Number(n fhir.Node) (f float64, ok bool) {
	if n.Kind() != fhir.Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.Str(), 64)
	return f, err == nil
}

// Quantity is a Quantity in words: "128 mm[Hg]" as its unit says.
func Quantity(n fhir.Node) string {
	v := n.Get("value").Str()
	if v == "" {
		return ""
	}
	unit := n.Get("unit").Str()
	if unit == "" {
		unit = n.Get("code").Str()
	}
	comparator := n.Get("comparator").Str()
	switch unit {
	case "":
		return comparator + v
	case "%":
		return comparator + v + "%"
	}
	return comparator + v + " " + unit
}

// Clip shortens a text to at most n characters of one line.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	for i := range s {
		if i > n-1 {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}
