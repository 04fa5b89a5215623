package fhir

import (
	"fmt"
	"strings"

	"heartwood/internal/fault"
)

// Issue is one thing that is wrong with a resource. Message never repeats
// what the resource says, beyond the names of its elements.
type Issue struct {
	Severity string // "error" or "warning"
	Code     string // http://hl7.org/fhir/R4/valueset-issue-type.html
	Where    string // the element, as a FHIRPath: "Patient.name[0].family"
	Message  string
}

// maxIssues is how many are told before the rest are left unsaid.
const maxIssues = 100

// Validate checks a resource against the structure of its type in R4
// (http://hl7.org/fhir/R4/validation.html): elements, JSON types, how many,
// formats, required codes, the types references point at, NHS numbers, and the
// few invariants of data types in invariants.go. It does not evaluate the
// invariants of resources, profiles or terminology.
func Validate(r *Resource) []Issue {
	v := validator{reading: reading(r.src), doc: r.Doc}
	v.resource(r.Root(), false)
	return v.issues
}

// Refusal is the first error among issues as a fault, nil when there is none.
func Refusal(issues []Issue) error {
	for _, i := range issues {
		if i.Severity == "error" {
			e := fault.At(fault.Invalid, i.Where, "%s", i.Message)
			e.Code, e.Status = i.Code, 422
			return e
		}
	}
	return nil
}

type validator struct {
	reading
	doc    *Doc
	issues []Issue
}

func (v *validator) fail(n Node, code, format string, args ...any) {
	v.say("error", n.Path(), code, format, args...)
}

func (v *validator) warn(n Node, code, format string, args ...any) {
	v.say("warning", n.Path(), code, format, args...)
}

func (v *validator) say(severity, where, code, format string, args ...any) {
	if len(v.issues) < maxIssues {
		v.issues = append(v.issues, Issue{severity, code, where, fmt.Sprintf(format, args...)})
	}
}

// resource checks a whole resource, the document's own or one inside it.
func (v *validator) resource(n Node, contained bool) {
	if n.Kind() != Object {
		v.fail(n, "structure", "This must be a resource, not %s.", n.Kind())
		return
	}
	typ := n.member("resourceType")
	s := load().types[typ.Str()]
	if typ.Kind() != String || s == nil || s.kind != "resource" {
		v.fail(n, "structure", "This needs a resourceType that R4 knows.")
		return
	}
	if c := n.member("contained"); contained && c.Exists() {
		v.fail(c, "structure", "A contained resource cannot contain another.")
	}
	v.object(n, s.elements())
}

// slots is a set of element numbers.
type slots [2]uint64

func (s *slots) has(i int) bool { return s[i>>6&1]&(1<<(i&63)) != 0 }
func (s *slots) add(i int)      { s[i>>6&1] |= 1 << (i & 63) }

func (v *validator) object(n Node, def *typeDef) {
	if n.Kind() != Object {
		v.fail(n, "structure", "This must be an object, not %s.", n.Kind())
		return
	}
	if n.Len() == 0 {
		v.fail(n, "structure", "An object cannot be empty; leave the element out.")
		return
	}
	var seen slots
	for m := range n.Children() {
		v.memberOf(n, m, def, &seen)
	}
	for _, e := range def.required {
		if !seen.has(e.slot) {
			v.say("error", n.Path()+"."+strings.TrimSuffix(e.name, "[x]"), "required", "This is required.")
		}
	}
}

func (v *validator) memberOf(n, m Node, def *typeDef, seen *slots) {
	key := m.rawKey()
	e, sibling := def.elems[string(key)], false
	if e == nil && len(key) > 1 && key[0] == '_' {
		e, sibling = def.elems[string(key[1:])], true
		if e != nil && e.check == nil {
			e = nil // only primitives have one
		}
	}
	if e == nil {
		if !(def.resource && string(key) == "resourceType") {
			v.fail(m, "structure", "R4 has no such element here.")
		}
		return
	}
	if seen.has(e.slot) && e.isChoice && !sibling && otherChoice(n, m, e, def) {
		v.fail(m, "structure", "%s can have only one type of value.", e.name)
	}
	seen.add(e.slot)
	switch {
	case sibling:
		v.sibling(n, m, e)
	case e.many:
		v.list(n, m, e)
	default:
		v.value(m, e)
	}
}

// otherChoice tells whether another type of the same choice stands before m.
func otherChoice(n, m Node, e *elem, def *typeDef) bool {
	for c := range n.Children() {
		if c.at >= m.at {
			return false
		}
		key := c.rawKey()
		if len(key) > 0 && key[0] == '_' {
			key = key[1:]
		}
		if o := def.elems[string(key)]; o != nil && o != e && o.slot == e.slot {
			return true
		}
	}
	return false
}

func (n Node) rawKey() []byte {
	c := n.cell()
	return n.doc.src[c.key:c.kend]
}

func (v *validator) list(n, m Node, e *elem) {
	if m.Kind() != Array {
		v.fail(m, "structure", "This must be an array, not %s.", m.Kind())
		return
	}
	if m.Len() == 0 {
		v.fail(m, "structure", "An array cannot be empty; leave the element out.")
	}
	i := 0
	for item := range m.Children() {
		if item.Kind() == Null && e.check != nil && n.member("_"+m.Key()).At(i).Kind() == Object {
			i++
			continue // an item that has only an extension
		}
		v.value(item, e)
		i++
	}
}

// sibling checks the _element beside a primitive: its id and extensions.
func (v *validator) sibling(n, m Node, e *elem) {
	element := load().types["Element"].elements()
	if !e.many {
		v.object(m, element)
		return
	}
	if m.Kind() != Array {
		v.fail(m, "structure", "This must be an array, not %s.", m.Kind())
		return
	}
	if main := n.member(m.Key()[1:]); main.Kind() == Array && main.Len() != m.Len() {
		v.fail(m, "structure", "This must have as many items as the element it extends; use null for none.")
	}
	for item := range m.Children() {
		if item.Kind() != Null {
			v.object(item, element)
		}
	}
}

func (v *validator) value(n Node, e *elem) {
	switch {
	case n.Kind() == Null:
		v.fail(n, "structure", "This cannot be null; leave the element out.")
	case n.Kind() == Array:
		v.fail(n, "structure", "This must be a single value, not an array.")
	case e.check != nil:
		before := len(v.issues)
		e.check(v, n)
		if e.binding != "" && len(v.issues) == before {
			v.code(n, e)
		}
	case e.section == nil:
	case e.typ == "Resource":
		v.resource(n, e.name == "contained")
	default:
		v.object(n, e.section.elements())
		if rule := rules[e.typ]; rule != nil && n.Kind() == Object {
			rule(v, n, e)
		}
	}
}
