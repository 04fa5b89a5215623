// Package fhir knows HL7 FHIR R4 (http://hl7.org/fhir/R4/): resources as
// bytes, the definitions as generated tables, paths, validation, search
// values and OperationOutcomes.
//
// What comes in: bytes from outside. What goes out: resources that are known
// to be well formed, what they can be found by, and refusals that name the
// element at fault. It must never change, reorder or re-type what a sender
// wrote, beyond the id, meta.versionId and meta.lastUpdated that a server is
// required to set; and never read a clock, a disk or the network.
package fhir

import (
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// Resource is one parsed resource whose type R4 knows.
type Resource struct{ *Doc }

// ParseResource reads one resource: strict JSON, an object, a known
// resourceType, and an id that is well formed where there is one.
func ParseResource(src []byte) (*Resource, error) {
	d, err := Parse(src)
	if err != nil {
		return nil, err
	}
	return d.Resource()
}

// ParseOwn reads a resource, or a document of the system's own whose
// resourceType begins with an underscore. What comes through a FHIR door goes
// through ParseResource, which refuses those.
func ParseOwn(src []byte) (*Resource, error) {
	d, err := Parse(src)
	if err != nil {
		return nil, err
	}
	return d.resource(true)
}

// Resource checks that the document is a resource.
func (d *Doc) Resource() (*Resource, error) { return d.resource(false) }

func (d *Doc) resource(own bool) (*Resource, error) {
	root := d.Root()
	if root.Kind() != Object {
		return nil, structure("", "A resource is a JSON object, not %s.", root.Kind())
	}
	t := root.Get("resourceType")
	switch {
	case !t.Exists():
		return nil, structure("resourceType", "The resource has no resourceType.")
	case t.Kind() != String:
		return nil, structure("resourceType", "The resourceType must be a string, not %s.", t.Kind())
	case own && strings.HasPrefix(t.Str(), "_"):
	case !IsType(t.Str()):
		return nil, structure("resourceType", "%q is not an R4 resource type.", clip(t.Str()))
	}
	if id := root.Get("id"); id.Exists() && (id.Kind() != String || !ident.IsID(id.Str())) {
		return nil, structure(t.Str()+".id", "An id is 1 to 64 letters, digits, hyphens and dots.")
	}
	if m := root.Get("meta"); m.Exists() && m.Kind() != Object {
		return nil, structure(t.Str()+".meta", "meta must be an object, not %s.", m.Kind())
	}
	return &Resource{d}, nil
}

func structure(where, format string, args ...any) error {
	e := fault.At(fault.Invalid, where, format, args...)
	e.Code = "structure"
	return e
}

// Type is the resourceType.
func (r *Resource) Type() string { return r.Root().member("resourceType").Str() }

// ID is the id, "" when there is none.
func (r *Resource) ID() string { return r.Root().member("id").Str() }

// Ref is the resource's own type and id.
func (r *Resource) Ref() ident.Ref { return ident.Ref{Type: r.Type(), ID: r.ID()} }

// Get follows member names from the resource, through first items of arrays.
func (r *Resource) Get(path ...string) Node { return r.Root().Get(path...) }
