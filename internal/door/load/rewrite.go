package load

import (
	"strings"

	"heartwood/internal/fhir"
)

// links are the members whose value may name another entry of a Bundle:
// references, and the elements of type uri and url that point at one.
var links = []string{"reference", "url", "valueUri", "valueUrl", "valueUuid"}

// rewrite replaces the references in a node: to answers with what a reference
// becomes. It returns the node's bytes, the very same when none changes, and
// touches no other byte.
func rewrite(root fhir.Node, to func(string) (string, bool)) []byte {
	src := root.Raw()
	base, _ := root.Span()
	var out []byte
	tail := 0
	var walk func(fhir.Node)
	walk = func(n fhir.Node) {
		for c := range n.Children() {
			switch c.Kind() {
			case fhir.Object, fhir.Array:
				walk(c)
			case fhir.String:
				if !isLink(c) {
					continue
				}
				s, ok := to(c.Str())
				if !ok {
					continue
				}
				start, end := c.Span()
				out = append(out, src[tail:start-base]...)
				out = append(out, '"')
				out = append(out, s...) // a type and an id: nothing to escape
				out = append(out, '"')
				tail = end - base
			}
		}
	}
	walk(root)
	if tail == 0 {
		return src
	}
	return append(out, src[tail:]...)
}

func isLink(n fhir.Node) bool {
	for _, name := range links {
		if n.KeyIs(name) {
			return true
		}
	}
	return false
}

// isConditional tells whether a reference is a search, as in
// "Practitioner?identifier=…".
func isConditional(s string) bool {
	typ, query, ok := strings.Cut(s, "?")
	return ok && query != "" && !strings.ContainsAny(typ, "/:#") && fhir.IsType(typ)
}

// hasConditional looks for a conditional reference.
func hasConditional(n fhir.Node) bool {
	for c := range n.Children() {
		if k := c.Kind(); k == fhir.Object || k == fhir.Array {
			if hasConditional(c) {
				return true
			}
		} else if c.KeyIs("reference") && isConditional(c.Str()) {
			return true
		}
	}
	return false
}
