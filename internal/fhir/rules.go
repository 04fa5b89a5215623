package fhir

import (
	"slices"
	"strings"

	"heartwood/internal/ident"
)

// rules are what some data types ask for beyond their structure. They are set
// in init because validation goes through them to itself.
var rules map[string]func(*validator, Node, *elem)

func init() {
	rules = map[string]func(*validator, Node, *elem){
		"Reference":       (*validator).reference,
		"Identifier":      (*validator).identifier,
		"Extension":       (*validator).extension,
		"Coding":          (*validator).coding,
		"CodeableConcept": (*validator).concept,
		"Period":          (*validator).period,
		"ContactPoint":    (*validator).contact,
		"Attachment":      (*validator).attachment,
		"Quantity":        (*validator).quantity,
		"Age":             (*validator).quantity,
		"Count":           (*validator).quantity,
		"Distance":        (*validator).quantity,
		"Duration":        (*validator).quantity,
	}
}

// code checks a code against the value set it is bound to.
func (v *validator) code(n Node, e *elem) {
	if allows(e.binding, "", v.str(n)) {
		return
	}
	if list := choices(e.binding); list != "" {
		v.fail(n, "code-invalid", "This is not one of the codes of %s: %s.", e.binding, list)
		return
	}
	v.fail(n, "code-invalid", "This is not one of the codes of %s.", e.binding)
}

func (v *validator) coding(n Node, e *elem) {
	if e.binding != "" && !allows(e.binding, v.str(n.member("system")), v.str(n.member("code"))) {
		v.fail(n, "code-invalid", "This coding is not in %s.", e.binding)
	}
}

func (v *validator) concept(n Node, e *elem) {
	if e.binding == "" {
		return
	}
	for c := range n.member("coding").Children() {
		if allows(e.binding, v.str(c.member("system")), v.str(c.member("code"))) {
			return
		}
	}
	v.fail(n, "code-invalid", "This needs a coding from %s.", e.binding)
}

const nhsNumberSystem = "https://fhir.nhs.uk/Id/nhs-number"

// identifier checks NHS numbers: ten digits, the last of them right.
func (v *validator) identifier(n Node, _ *elem) {
	if !n.member("system").Is(nhsNumberSystem) {
		return
	}
	value := n.member("value")
	if value.Kind() != String {
		return
	}
	if nhs, err := ident.ParseNHSNumber(v.str(value)); err != nil || string(nhs) != v.str(value) {
		v.fail(value, "value", "This is not an NHS number: 10 digits without spaces, the last a check digit.")
	}
}

// extension checks ext-1: a value or further extensions, never both.
func (v *validator) extension(n Node, _ *elem) {
	value := false
	for m := range n.Children() {
		key := strings.TrimPrefix(m.Key(), "_")
		value = value || strings.HasPrefix(key, "value")
	}
	if value == n.member("extension").Exists() {
		v.fail(n, "structure", "An extension has either a value or extensions of its own.")
	}
}

// reference checks what a literal reference points at, as far as its text
// tells.
func (v *validator) reference(n Node, e *elem) {
	at := n.member("reference")
	if at.Kind() != String {
		return
	}
	s := v.str(at)
	if id, ok := strings.CutPrefix(s, "#"); ok {
		v.local(at, id, e)
		return
	}
	if strings.HasPrefix(s, "urn:") || strings.ContainsAny(s, "?#") {
		return
	}
	ref, ok := ident.ParseRef(s)
	absolute := strings.Contains(s, ":")
	switch {
	case absolute && (!ok || !IsType(ref.Type)):
		// some other server's address
	case !ok:
		v.fail(at, "value", "A reference is Type/id, a URL, a urn, or # and the id of a contained resource.")
	case !IsType(ref.Type):
		v.fail(at, "value", "This refers to a type that R4 does not have.")
	default:
		v.target(at, ref.Type, e)
	}
}

func (v *validator) target(at Node, typ string, e *elem) {
	switch {
	case len(e.targets) == 0 || slices.Contains(e.targets, typ):
	case typ == "Encounter" && isPerformer(at):
		v.warn(at, "value", "This should not refer to %s, only to %s.", typ, strings.Join(e.targets, ", "))
	default:
		v.fail(at, "value", "This cannot refer to %s, only to %s.", typ, strings.Join(e.targets, ", "))
	}
}

// isPerformer tells whether a reference's text stands in Observation.performer,
// where HL7's own example (Observation/clinical-gender) names an Encounter
// against the definition: that gets a warning only.
func isPerformer(at Node) bool {
	list := at.Parent().Parent()
	return list.KeyIs("performer") && list.Parent().member("resourceType").Is("Observation")
}

// local checks a reference into the resource that at stands in.
func (v *validator) local(at Node, id string, e *elem) {
	host := at.hostResource()
	if id == "" {
		return
	}
	for c := range host.member("contained").Children() {
		if c.member("id").Is(id) {
			v.target(at, c.member("resourceType").Str(), e)
			return
		}
	}
	v.fail(at, "value", "There is no contained resource with this id.")
}

// hostResource is the resource that contained resources near n belong to: the
// whole document, or an entry of a Bundle or Parameters.
func (n Node) hostResource() Node {
	for up := n.Parent(); ; up = up.Parent() {
		if !up.Parent().Exists() {
			return up
		}
		if up.Kind() == Object && up.member("resourceType").Exists() && !up.Parent().KeyIs("contained") {
			return up
		}
	}
}
