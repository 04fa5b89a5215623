// Package write builds one change of the record out of FHIR resources.
//
// What comes in: resources as members and values, and edits of resources that
// exist. What goes out: a record.Change with its expectations. It must never
// touch a member that an edit does not name, and never write anything itself.
package write

import (
	"encoding/json"
	"maps"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Obj is a JSON object to write.
type Obj = map[string]any

// List is a JSON array to write.
type List = []any

// Builder gathers the expectations and writes of one change; the first
// failure is kept and returned by Change.
type Builder struct {
	change record.Change
	err    error
}

// New begins a change.
func New(by record.Author, why, key string) *Builder {
	return &Builder{change: record.Change{Author: by, Reason: why, Key: key}}
}

// Change is what was gathered.
func (b *Builder) Change() (record.Change, error) { return b.change, b.err }

// Expect adds what must still be true at the commit, each resource once.
func (b *Builder) Expect(es ...record.Expect) {
	for _, e := range es {
		known := false
		for _, k := range b.change.Expect {
			known = known || k == e
		}
		if !known {
			b.change.Expect = append(b.change.Expect, e)
		}
	}
}

// Create writes a resource that must not exist yet; a member that is nil is
// left out.
func (b *Builder) Create(ref ident.Ref, o Obj) {
	b.Expect(record.Expect{Ref: ref})
	b.put(ref, o)
}

// Replace writes a whole new version over the one that was read.
func (b *Builder) Replace(old record.Version, o Obj) {
	b.Expect(old.Expect())
	b.put(old.Ref, o)
}

func (b *Builder) put(ref ident.Ref, o Obj) {
	o["resourceType"], o["id"] = ref.Type, ref.ID
	maps.DeleteFunc(o, func(_ string, v any) bool { return v == nil })
	raw, err := json.Marshal(o)
	b.add(ref, raw, err)
}

// Edit replaces some members of the version that was read; nil removes one.
// All else stays as it was.
func (b *Builder) Edit(old record.Version, res *fhir.Resource, set Obj) {
	b.Expect(old.Expect())
	raw, err := Edit(res, set)
	b.add(old.Ref, raw, err)
}

func (b *Builder) add(ref ident.Ref, raw []byte, err error) {
	var w record.Write
	if err == nil {
		w, err = record.Prepare(ref, raw)
	}
	if err != nil && b.err == nil {
		b.err = fault.From(err)
	}
	b.change.Writes = append(b.change.Writes, w)
}

// Edit is a resource with some members replaced; nil removes one. All else
// stays byte for byte, and the same edit gives the same bytes.
func Edit(res *fhir.Resource, set Obj) ([]byte, error) {
	out := []byte{'{'}
	seen := map[string]bool{}
	for n := range res.Root().Children() {
		name, raw := n.Key(), n.Raw()
		seen[name] = true
		if v, changed := set[name]; changed {
			if v == nil {
				continue
			}
			var err error
			if raw, err = json.Marshal(v); err != nil {
				return nil, err
			}
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(comma(out), key...), ':'), raw...)
	}
	rest := Obj{}
	for k, v := range set {
		if !seen[k] && v != nil {
			rest[k] = v
		}
	}
	if len(rest) == 0 {
		return append(out, '}'), nil
	}
	raw, err := json.Marshal(rest) // in order of name
	if err != nil {
		return nil, err
	}
	return append(comma(out), raw[1:]...), nil
}

func comma(out []byte) []byte {
	if len(out) > 1 {
		return append(out, ',')
	}
	return out
}

// Extended is a resource's extensions, those of one url taken out and others
// put at the end, for an edit of the member: nil, which takes the member out,
// where none are left. What is nil among with is passed over.
func Extended(res *fhir.Resource, url string, with ...Obj) any {
	var out List
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(url) {
			out = append(out, json.RawMessage(e.Raw()))
		}
	}
	for _, o := range with {
		if o != nil {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// Ref is a Reference.
func Ref(r ident.Ref) Obj { return Obj{"reference": r.String()} }

// Named is a Reference with what the target is called, where that is known.
func Named(r ident.Ref, name string) Obj {
	o := Ref(r)
	if name != "" {
		o["display"] = name
	}
	return o
}

// Coded is a CodeableConcept of one code; display may be "".
func Coded(system, code, display string) Obj {
	c := Obj{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return Obj{"coding": List{c}}
}

// Instant prints a time with the offset that London has then.
func Instant(t time.Time) string { return t.In(words.London).Format(time.RFC3339) }

// Target is the literal target of a Reference, zero when it has none.
func Target(n fhir.Node) ident.Ref {
	r, _ := ident.ParseRef(n.Get("reference").Str())
	return r
}

// When reads an instant or a dateTime with a time; anything else is zero.
func When(n fhir.Node) time.Time {
	t, err := time.Parse(time.RFC3339, n.Str())
	if err != nil {
		return time.Time{}
	}
	return t.In(words.London)
}
