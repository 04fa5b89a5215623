package fhir

import (
	"strings"
)

// typeDef is what may stand inside one type: its elements by JSON name.
type typeDef struct {
	elems    map[string]*elem
	required []*elem // those with a minimum of 1, one of each choice
	resource bool
}

// elem is one member that a type may have. A choice such as value[x] has one
// for each of its types, all with the same slot.
type elem struct {
	name     string // in the definitions: "value[x]"
	slot     int    // its number in its type
	min      int
	many     bool
	typ      string
	section  *section
	check    func(*validator, Node) // of a primitive
	targets  []string               // what a Reference may point at; none: anything
	binding  string                 // the value set of a required binding, "" for none
	isChoice bool
}

// elements decodes the elements of the section's type and of its bases.
func (s *section) elements() *typeDef {
	s.once.elems.Do(func() {
		s.def = typeDef{elems: map[string]*elem{}, resource: s.kind == "resource"}
		slot := 0
		s.def.take(s, &slot)
	})
	return &s.def
}

func (d *typeDef) take(s *section, slot *int) {
	if base := load().types[s.base]; base != nil {
		d.take(base, slot)
	}
	for line := range s.lines("e") {
		d.takeLine(line, *slot)
		*slot++
	}
}

// takeLine reads "deceased[x] 0 1 boolean,dateTime =binding".
func (d *typeDef) takeLine(line string, slot int) {
	f := strings.Fields(line)
	name, choice := strings.CutSuffix(f[0], "[x]")
	e := elem{name: f[0], slot: slot, many: f[2] != "1", isChoice: choice}
	if f[1] != "0" {
		e.min = 1
	}
	if len(f) > 4 {
		e.binding = f[4][1:]
	}
	for typ := range strings.SplitSeq(f[3], ",") {
		one := e
		one.typ, one.targets = cutTargets(typ)
		one.section = load().types[one.typ]
		one.check = primitives[one.typ]
		if one.typ != "code" && one.typ != "Coding" && one.typ != "CodeableConcept" {
			one.binding = ""
		}
		key := name
		if choice {
			key += strings.ToUpper(one.typ[:1]) + one.typ[1:]
		}
		d.elems[key] = &one
		if one.min > 0 && (len(d.required) == 0 || d.required[len(d.required)-1].slot != slot) {
			d.required = append(d.required, &one)
		}
	}
}

func cutTargets(typ string) (string, []string) {
	name, rest, ok := strings.Cut(typ, ":")
	if !ok {
		return name, nil
	}
	return name, strings.Split(rest, ":")
}

// allows tells whether a code is in a value set, of the system when one is
// named. The sets are short: they are read where they lie in the tables.
func allows(valueSet, system, code string) bool {
	for line := range strings.SplitSeq(load().values[valueSet], "\n") {
		rest, ok := strings.CutPrefix(line, "c ")
		if !ok {
			continue
		}
		sys, codes, _ := strings.Cut(rest, " ")
		if system != "" && system != sys {
			continue
		}
		for c := range strings.SplitSeq(codes, " ") {
			if c == code {
				return true
			}
		}
	}
	return false
}

// choices lists a short value set for a message, "" when it is long.
func choices(valueSet string) string {
	var all []string
	for line := range strings.SplitSeq(load().values[valueSet], "\n") {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "c" {
			all = append(all, f[2:]...)
		}
	}
	if len(all) > 16 {
		return ""
	}
	return strings.Join(all, ", ")
}
