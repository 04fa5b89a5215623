package main

import (
	"slices"
	"sort"
	"strings"
)

type searchParameter struct {
	URL, Code, Type, Expression string
	Base, Target                []string
}

// param is one line of the tables: a parameter of one resource type.
type param struct {
	name, kind string
	targets    []string
	arms       []arm
	why        string // why it is not supported, when it has no arms
}

// leaves are the data types that each kind of parameter can read.
var leaves = map[string][]string{
	"token":     {"code", "Coding", "CodeableConcept", "Identifier", "ContactPoint", "boolean", "string", "id", "uri", "canonical", "deceased"},
	"string":    {"string", "markdown", "HumanName", "Address", "code", "CodeableConcept"},
	"reference": {"Reference", "canonical", "uri", "Resource"},
	"date":      {"date", "dateTime", "instant", "Period", "Timing"},
	"number":    {"integer", "decimal", "positiveInt", "unsignedInt"},
	"quantity":  {"Quantity", "Age", "Duration", "Count", "Distance", "Money", "Range"},
	"uri":       {"uri", "url", "canonical", "oid", "uuid"},
}

// paramsOf gives the parameters of a resource type, by name.
func (d *definitions) paramsOf(on string) []param {
	var out []param
	for _, s := range d.params {
		if !slices.ContainsFunc(s.Base, func(b string) bool { return d.isA(on, b) }) {
			continue
		}
		out = append(out, d.param(on, s))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func (d *definitions) param(on string, s searchParameter) param {
	p := param{name: s.Code, kind: s.Type, targets: d.targets(s.Target)}
	can := leaves[s.Type]
	if can == nil {
		p.why = s.Type
		return p
	}
	arms, err := d.compile(on, s.Expression)
	if err != nil {
		p.why = strings.ReplaceAll(err.Error(), " ", "_")
		return p
	}
	for _, a := range arms {
		a.typ = cutColon(a.typ)
		system := d.implied(a)
		a.values = ""
		if slices.Contains(can, a.typ) && !slices.Contains(p.arms, a) {
			a.typ += system
			p.arms = append(p.arms, a)
		}
	}
	if len(p.arms) == 0 {
		p.why = "no_readable_type"
	}
	return p
}

// implied is "=" and the system of a code, when its binding has only one.
func (d *definitions) implied(a arm) string {
	if a.typ != "code" || a.values == "" {
		return ""
	}
	sets := d.enumerate(a.values)
	if len(sets) == 1 {
		for system := range sets {
			return "=" + system
		}
	}
	return ""
}

// targets leaves out types that R4 does not have, and lists everything as "*".
func (d *definitions) targets(names []string) []string {
	var out []string
	for _, n := range names {
		if t := d.types[n]; t != nil && t.kind == "resource" {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	if len(out) > 100 {
		return []string{"*"}
	}
	return out
}
