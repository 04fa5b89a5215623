package main

import (
	"fmt"
	"regexp"
	"strings"
)

// This file turns the FHIRPath of a SearchParameter into plain paths over
// JSON member names: one for every type that a choice may have, each ending
// in the data type that stands there.
//
//	name>HumanName
//	valueQuantity>Quantity
//	telecom[system=phone]>ContactPoint
//	subject[Patient]>Reference
//	entry[0].resource>Resource
//	gender>code=http://hl7.org/fhir/administrative-gender
//
// The last is a code whose binding implies its system.

// arm is one path on its way through the types.
type arm struct{ path, typ, values string }

func (a arm) String() string { return a.path + ">" + a.typ }

var (
	asCall    = regexp.MustCompile(`^as\(([A-Za-z]+)\)$`)
	isWhere   = regexp.MustCompile(`^where\(resolve\(\) is ([A-Za-z]+)\)$`)
	codeWhere = regexp.MustCompile(`^where\(([A-Za-z]+)\s*=\s*'([^' \[\]|>.]+)'\)$`)
	indexed   = regexp.MustCompile(`^([A-Za-z]+)\[(\d+)\]$`)
	castTo    = regexp.MustCompile(`^\((.+) as ([A-Za-z]+)\)$`)
)

// compile gives the paths of expression that begin at a resource of type on.
func (d *definitions) compile(on, expression string) ([]arm, error) {
	var arms []arm
	if expression == "" {
		return nil, nil
	}
	for _, part := range strings.Split(expression, "|") {
		part = strings.TrimSpace(part)
		if on == "Patient" && part == "Patient.deceased.exists() and Patient.deceased != false" {
			// A whole sentence of FHIRPath that only one parameter has.
			return []arm{{path: "deceased", typ: "deceased"}}, nil
		}
		if part[0] >= 'a' && part[0] <= 'z' { // InsurancePlan's "name | alias"
			part = on + "." + part
		}
		steps := split(part)
		if first := strings.TrimLeft(steps[0], "("); !d.isA(on, cutDot(first)) {
			continue
		}
		more, err := d.walk(on, steps)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		arms = append(arms, more...)
	}
	return arms, nil
}

func cutDot(s string) string {
	s, _, _ = strings.Cut(s, ".")
	return s
}

// isA tells whether name is on itself or one of its bases.
func (d *definitions) isA(on, name string) bool {
	for on != "" {
		if on == name {
			return true
		}
		t := d.types[on]
		if t == nil {
			return false
		}
		on = t.base
	}
	return false
}

// split cuts a path at the dots that are outside brackets.
func split(s string) []string {
	var steps []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '.':
			if depth == 0 {
				steps = append(steps, s[from:i])
				from = i + 1
			}
		}
	}
	return append(steps, s[from:])
}

func (d *definitions) walk(on string, steps []string) ([]arm, error) {
	at := []arm{{typ: on}}
	if m := castTo.FindStringSubmatch(steps[0]); m != nil {
		inner, err := d.walk(on, split(m[1]))
		if err != nil {
			return nil, err
		}
		at = only(inner, m[2])
	}
	for _, s := range steps[1:] {
		var err error
		if at, err = d.step(at, s); err != nil {
			return nil, err
		}
	}
	return at, nil
}

func only(at []arm, typ string) []arm {
	var out []arm
	for _, a := range at {
		if cutColon(a.typ) == typ {
			out = append(out, a)
		}
	}
	return out
}

func cutColon(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return s
}

func (d *definitions) step(at []arm, s string) ([]arm, error) {
	if m := asCall.FindStringSubmatch(s); m != nil {
		return only(at, m[1]), nil
	}
	suffix := ""
	switch m := isWhere.FindStringSubmatch(s); {
	case m != nil:
		return suffixed(at, "["+m[1]+"]"), nil
	default:
		if m := codeWhere.FindStringSubmatch(s); m != nil {
			return suffixed(at, "["+m[1]+"="+m[2]+"]"), nil
		}
		if m := indexed.FindStringSubmatch(s); m != nil {
			s, suffix = m[1], "["+m[2]+"]"
		}
	}
	var out []arm
	for _, a := range at {
		next, err := d.member(a, s)
		if err != nil {
			return nil, err
		}
		out = append(out, next...)
	}
	return suffixed(out, suffix), nil
}

func suffixed(at []arm, s string) []arm {
	for i := range at {
		at[i].path += s
	}
	return at
}

func (d *definitions) member(a arm, name string) ([]arm, error) {
	t := d.types[cutColon(a.typ)]
	if t == nil {
		return nil, fmt.Errorf("no type %s", a.typ)
	}
	e := t.elem(name)
	if e == nil {
		return nil, fmt.Errorf("%s has no %s", t.name, name)
	}
	var out []arm
	for _, ty := range e.types {
		key := name
		if strings.HasSuffix(e.name, "[x]") {
			c := cutColon(ty)
			key += strings.ToUpper(c[:1]) + c[1:]
		}
		out = append(out, arm{strings.TrimPrefix(a.path+"."+key, "."), ty, e.values})
	}
	return out, nil
}
