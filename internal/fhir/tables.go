package fhir

import (
	_ "embed" // for the tables
	"iter"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen

// The definitions, as text. They stay where the linker put them: what is
// decoded from them keeps slices of this string.
//
//go:embed r4.txt
var r4 string

// section is the part of the tables about one type, decoded when it is first
// asked for.
type section struct {
	base, kind string // kind: resource, abstract, complex, primitive, backbone
	text       string // the lines after the heading
	firstParam uint16 // the ID of its first search parameter

	once struct{ elems, search sync.Once }
	def  typeDef
	plan searchPlan
}

type tables struct {
	types     map[string]*section
	resources []string          // concrete resource types, sorted
	values    map[string]string // value set → its lines
}

var load = sync.OnceValue(func() *tables {
	t := &tables{types: map[string]*section{}, values: map[string]string{}}
	params := uint16(1)
	for heading, body := range sections(r4) {
		f := strings.Fields(heading)
		if f[0] == "values" {
			t.values[f[1]] = body
			continue
		}
		s := &section{base: f[2], kind: f[3], text: body, firstParam: params}
		params += uint16(strings.Count(body, "\ns "))
		if strings.HasPrefix(body, "s ") {
			params++
		}
		t.types[f[1]] = s
		if s.kind == "resource" {
			t.resources = append(t.resources, f[1])
		}
	}
	slices.Sort(t.resources)
	return t
})

// sections yields each heading with the lines below it.
func sections(text string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		heading, from := "", 0
		for at := 0; at < len(text); {
			end := at + strings.IndexByte(text[at:], '\n')
			line := text[at:end]
			if strings.HasPrefix(line, "type ") || strings.HasPrefix(line, "values ") {
				if heading != "" && !yield(heading, text[from:at]) {
					return
				}
				heading, from = line, end+1
			}
			at = end + 1
		}
		yield(heading, text[from:])
	}
}

// lines yields the rest of each line of a section that begins with mark.
func (s *section) lines(mark string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(s.text, "\n") {
			if rest, ok := strings.CutPrefix(line, mark+" "); ok && !yield(rest) {
				return
			}
		}
	}
}

// IsType tells whether name is an R4 resource type.
func IsType(name string) bool {
	s := load().types[name]
	return s != nil && s.kind == "resource"
}

// Types are the R4 resource types, sorted.
func Types() []string { return slices.Clone(load().resources) }
