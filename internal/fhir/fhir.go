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
	"time"

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

// Body is a resource as it is kept: the sender's bytes with the id set and
// without meta.versionId and meta.lastUpdated, which belong to the log entry
// and are spliced in again by Present.
type Body struct {
	Bytes  []byte
	Splice Splice
}

// Splice says where in a body the version and time go: an offset, doubled,
// plus 1 when the body has no meta of its own, plus 2 of nothing else.
type Splice uint32

func splice(at int, noMeta bool) Splice {
	s := Splice(at) << 1
	if noMeta {
		s |= 1
	}
	return s
}

// Keep turns a resource into the body that is stored under id.
func (r *Resource) Keep(id string) Body {
	root := r.Root()
	out := make([]byte, 0, len(r.src)+len(id)+16)
	var at Splice
	open := root.start() + 1
	tail := open // where copying goes on from
	idNode, meta := root.member("id"), root.member("meta")
	if !idNode.Exists() {
		// The id goes straight after the resourceType, wherever that stands.
		t := root.member("resourceType")
		end := t.cellEnd()
		out = append(out, r.src[:end]...)
		out = append(out, `,"id":"`...)
		out = append(out, id...)
		out = append(out, '"')
		tail = end
		if !meta.Exists() {
			at = splice(len(out), true)
		}
	}
	type cut struct {
		from, to int
		with     string
	}
	var cuts []cut
	if idNode.Exists() {
		cuts = append(cuts, cut{idNode.start(), idNode.cellEnd(), `"` + id + `"`})
	}
	if meta.Exists() {
		for _, name := range []string{"versionId", "lastUpdated", "_versionId", "_lastUpdated"} {
			if m := meta.member(name); m.Exists() {
				from, to := memberSpan(r.src, m)
				cuts = append(cuts, cut{from, to, ""})
			}
		}
	}
	if !idNode.Exists() && meta.Exists() && meta.start() < tail {
		// meta stands before resourceType: do it in a second pass, with an id.
		d, _ := Parse(append(out, r.src[tail:]...))
		return (&Resource{d}).Keep(id)
	}
	for i := 1; i < len(cuts); i++ { // a handful: insertion sort
		for j := i; j > 0 && cuts[j].from < cuts[j-1].from; j-- {
			cuts[j], cuts[j-1] = cuts[j-1], cuts[j]
		}
	}
	if tail == open {
		out = append(out, r.src[:open]...)
	}
	for _, c := range cuts {
		if meta.Exists() && at == 0 && c.from > meta.start() {
			out, tail, at = r.copyToMeta(out, tail, meta)
		}
		if c.from < tail { // overlapping commas of neighbouring cuts
			c.from = tail
		}
		out = append(out, r.src[tail:c.from]...)
		out = append(out, c.with...)
		tail = max(tail, c.to)
		if !meta.Exists() && c.with != "" {
			at = splice(len(out), true)
		}
	}
	if meta.Exists() && at == 0 {
		out, tail, at = r.copyToMeta(out, tail, meta)
	}
	out = append(out, r.src[tail:]...)
	return Body{Bytes: out, Splice: at}
}

func (r *Resource) copyToMeta(out []byte, tail int, meta Node) ([]byte, int, Splice) {
	to := meta.start() + 1
	out = append(out, r.src[tail:to]...)
	return out, to, splice(len(out), false)
}

func (n Node) start() int   { return int(n.cell().start) }
func (n Node) cellEnd() int { return int(n.cell().end) }

// memberSpan is a member with its name and one of the commas beside it.
func memberSpan(src []byte, m Node) (from, to int) {
	from, to = int(m.cell().key)-1, m.cellEnd()
	i := to
	for i < len(src) && isSpace(src[i]) {
		i++
	}
	if i < len(src) && src[i] == ',' {
		return from, i + 1
	}
	j := from
	for j > 0 && isSpace(src[j-1]) {
		j--
	}
	if j > 0 && src[j-1] == ',' {
		return j - 1, to
	}
	return from, to
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Instant prints a time as a FHIR instant, in milliseconds and UTC.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Present is the resource as it is shown: the kept body with its version and
// the time it was recorded in meta.
func Present(b Body, version string, updated time.Time) []byte {
	at, noMeta := int(b.Splice>>1), b.Splice&1 == 1
	out := make([]byte, 0, len(b.Bytes)+len(version)+72)
	out = append(out, b.Bytes[:at]...)
	if noMeta {
		out = append(out, `,"meta":{`...)
	}
	out = append(out, `"versionId":"`...)
	out = append(out, version...)
	out = append(out, `","lastUpdated":"`...)
	out = append(out, Instant(updated)...)
	out = append(out, '"')
	if noMeta {
		out = append(out, '}')
	} else if !emptyObjectFollows(b.Bytes[at:]) {
		out = append(out, ',')
	}
	return append(out, b.Bytes[at:]...)
}

func emptyObjectFollows(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return c == '}'
		}
	}
	return true
}
