package main

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
)

const header = `# FHIR R4 (4.0.1) definitions, HL7, CC0. Written by go generate; do not edit.
# type NAME BASE KIND
#  e NAME MIN MAX TYPE,TYPE [=VALUES]     an element; =VALUES is a required binding
#  s NAME KIND TARGETS PATH|PATH          a search parameter; !WHY where it is not supported
#  p NAME,NAME                            parameters that put it in a patient's compartment
# values NAME
#  c SYSTEM CODE CODE
`

func (d *definitions) print() []byte {
	var b bytes.Buffer
	b.WriteString(header)
	for _, n := range d.names {
		d.printType(&b, d.types[n])
	}
	urls := make([]string, 0, len(d.used))
	for u := range d.used {
		urls = append(urls, u)
	}
	sort.Strings(urls)
	for _, u := range urls {
		fmt.Fprintf(&b, "values %s\n", short(u))
		sets := d.enumerate(u)
		systems := make([]string, 0, len(sets))
		for s := range sets {
			systems = append(systems, s)
		}
		sort.Strings(systems)
		for _, s := range systems {
			fmt.Fprintf(&b, "c %s %s\n", s, strings.Join(slices.Compact(sets[s]), " "))
		}
	}
	return b.Bytes()
}

func short(url string) string { return strings.TrimPrefix(url, "http://hl7.org/fhir/ValueSet/") }

func (d *definitions) printType(b *bytes.Buffer, t *typ) {
	kind := t.kind
	if t.abstract {
		kind = "abstract"
	}
	base := t.base
	if base == "" {
		base = "-"
	}
	if t.kind == "backbone" && t.elem("modifierExtension") == nil {
		base = "Element" // the inside of a data type, such as Timing.repeat
	}
	fmt.Fprintf(b, "type %s %s %s\n", t.name, base, kind)
	inherited := d.types[t.base]
	for _, e := range t.elems {
		if inherited == nil || inherited.elem(e.name) == nil {
			d.printElem(b, e)
		}
	}
	if kind != "resource" {
		return
	}
	for _, p := range d.paramsOf(t.name) {
		printParam(b, p)
	}
	if c := d.compartment[t.name]; c != nil {
		fmt.Fprintf(b, "p %s\n", strings.Join(c, ","))
	}
}

func (d *definitions) printElem(b *bytes.Buffer, e elem) {
	fmt.Fprintf(b, "e %s %d %s %s", e.name, e.min, e.max, strings.Join(e.types, ","))
	if e.values != "" && d.enumerate(e.values) != nil {
		d.used[e.values] = true
		fmt.Fprintf(b, " =%s", short(e.values))
	}
	b.WriteByte('\n')
}

func printParam(b *bytes.Buffer, p param) {
	targets := "-"
	if len(p.targets) > 0 {
		targets = strings.Join(p.targets, ",")
	}
	paths := "!" + p.why
	if p.why == "" {
		parts := make([]string, len(p.arms))
		for i, a := range p.arms {
			parts[i] = a.String()
		}
		paths = strings.Join(parts, "|")
	}
	fmt.Fprintf(b, "s %s %s %s %s\n", p.name, p.kind, targets, paths)
}
