package load

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// unit is what stands or falls together: the entries of a transaction, or one
// resource. A unit without items only has something to say.
type unit struct {
	file    string
	atomic  bool // a transaction
	items   []item
	refused []Refusal
	read    []string // the types of what was read, refused or not
	passed  int      // entries with nothing to load
}

// item is one resource on its way into the record.
type item struct {
	entry       int
	where       string // "Bundle.entry[3].resource" or ""
	write       record.Write
	conditional *fhir.Resource // set when it has conditional references still
}

// prepare does the costly part for some documents: it parses, checks and
// works out what each resource is found by.
func prepare(docs []document) []unit {
	var units []unit
	for _, d := range docs {
		switch {
		case d.refusal != nil:
			units = append(units, unit{file: d.file, refused: []Refusal{*d.refusal}})
		case d.passed:
			units = append(units, unit{file: d.file, passed: 1})
		default:
			units = append(units, open(d)...)
		}
	}
	return units
}

// open makes units of one document.
func open(d document) []unit {
	res, err := fhir.ParseResource(d.body)
	if err != nil {
		return []unit{{file: d.file, read: []string{""}, refused: []Refusal{*refusedAt(d.file, d.number, err)}}}
	}
	if res.Type() == "Bundle" {
		switch typ := res.Get("type").Str(); typ {
		case "transaction", "batch", "collection", "searchset":
			return bundle(d, res, typ == "transaction")
		}
	}
	u := unit{file: d.file, read: []string{res.Type()}}
	id := res.ID()
	if id == "" {
		id = contentID(d.body)
	}
	if it, err := check(res, ident.Ref{Type: res.Type(), ID: id}); err != nil {
		u.refused = append(u.refused, *refusedAt(d.file, d.number, err))
	} else {
		it.entry = d.number
		u.items = append(u.items, it)
	}
	return []unit{u}
}

// check validates a resource and prepares its write.
func check(res *fhir.Resource, ref ident.Ref) (item, error) {
	if err := fhir.Refusal(fhir.Validate(res)); err != nil {
		return item{}, err
	}
	it := item{}
	if hasConditional(res.Root()) {
		it.conditional = res
	}
	var err error
	it.write, err = record.PrepareParsed(ref, res)
	return it, err
}

// contentID is the id of a resource that came without one: the same for the
// same bytes, so that loading a file again changes nothing.
func contentID(body []byte) string {
	sum := sha256.Sum256(body)
	return strings.ToLower(base32.HexEncoding.EncodeToString(sum[:13]))[:20]
}

// entry is one entry of a Bundle that is to be stored.
type entry struct {
	number int       // from 1
	node   fhir.Node // the resource, as it stands in the Bundle
	ref    ident.Ref
	url    string // fullUrl
}

// bundle makes units of a Bundle's entries: one for all of a transaction, one
// for each of any other.
func bundle(d document, res *fhir.Resource, atomic bool) []unit {
	whole := unit{file: d.file, atomic: atomic}
	var entries []entry
	if list := res.Get("entry"); list.Exists() && list.Kind() != fhir.Array {
		err := fault.At(fault.Invalid, "Bundle.entry", "entry must be an array, not %s.", list.Kind())
		return []unit{{file: d.file, read: []string{"Bundle"}, refused: []Refusal{*refusedAt(d.file, d.number, err)}}}
	}
	number := 0
	for node := range res.Get("entry").Children() {
		number++
		e, pass, err := readEntry(node, number)
		typ := node.Get("resource", "resourceType").Str()
		switch {
		case err != nil:
			whole.read = append(whole.read, typ)
			whole.refuse(d, number, err)
		case pass:
			whole.passed++
		default:
			whole.read = append(whole.read, typ)
			entries = append(entries, e)
		}
	}
	names := map[string]ident.Ref{}
	for _, e := range entries {
		if strings.HasPrefix(e.url, "urn:") {
			names[e.url] = e.ref
		}
	}
	seen := map[ident.Ref]bool{}
	for _, e := range entries {
		it, err := e.item(names)
		if err == nil && atomic && seen[e.ref] {
			err = fault.At(fault.Invalid, "", "Another entry of the transaction writes the same resource.")
		}
		if err != nil {
			whole.refuse(d, e.number, err)
			continue
		}
		seen[e.ref] = true
		whole.items = append(whole.items, it)
	}
	return whole.split(d, number)
}

// refuse notes an entry that cannot be stored.
func (u *unit) refuse(d document, number int, err error) {
	r := refusedAt(d.file, number, err)
	if r.Where = strings.TrimSuffix(fmt.Sprintf("Bundle.entry[%d].%s", number-1, r.Where), "."); d.number > 1 {
		r.Entry = d.number // of several Bundles in a file
	}
	u.refused = append(u.refused, *r)
}

// split parts a Bundle that is not a transaction into units for each entry,
// and empties a transaction of which an entry was refused.
func (u unit) split(d document, entries int) []unit {
	if !u.atomic {
		units := []unit{{file: u.file, refused: u.refused, read: u.read, passed: u.passed}}
		for _, it := range u.items {
			units = append(units, unit{file: u.file, items: []item{it}})
		}
		return units
	}
	if len(u.refused) > 0 && len(u.items) > 0 {
		u.refused = append(u.refused, Refusal{
			File: u.file, Entry: d.number, Count: len(u.items), Where: "Bundle",
			Message: fmt.Sprintf("The other %d entries of this transaction were not stored, because it is stored whole or not at all.", len(u.items)),
		})
		u.items = nil
	}
	return []unit{u}
}

// readEntry reads what an entry asks for; pass says that there is nothing to
// load in it.
func readEntry(n fhir.Node, number int) (e entry, pass bool, err error) {
	raw, method := n.Get("resource"), n.Get("request", "method").Str()
	if method != "" && method != "POST" && method != "PUT" || strings.Contains(n.Get("request", "url").Str(), "$") {
		return e, true, nil // it reads, deletes or calls an operation
	}
	if !raw.Exists() || n.Get("search", "mode").Is("outcome") {
		return e, true, nil
	}
	e = entry{number: number, url: n.Get("fullUrl").Str(), node: raw}
	e.ref = ident.Ref{Type: raw.Get("resourceType").Str(), ID: raw.Get("id").Str()}
	target := n.Get("request", "url").Str()
	path, _, query := strings.Cut(target, "?")
	if to, ok := ident.ParseRef(path); ok && method == "PUT" && !query {
		if to.Type != e.ref.Type || e.ref.ID != "" && to.ID != e.ref.ID {
			return e, false, fault.At(fault.Invalid, "request.url", "The entry's address does not fit its resource.")
		}
		e.ref = to
	} else if path = strings.Trim(path, "/"); method != "" && path != "" && path[strings.LastIndexByte(path, '/')+1:] != e.ref.Type {
		return e, false, fault.At(fault.Invalid, "request.url", "The entry's address does not fit its resource.")
	}
	if e.ref.ID == "" {
		e.ref.ID = idFromURL(e.url, e.ref.Type)
	}
	if e.ref.ID == "" {
		e.ref.ID = contentID(raw.Raw())
	}
	return e, false, nil
}

// idFromURL is the id that a fullUrl gives, "" for none.
func idFromURL(url, typ string) string {
	if id, ok := strings.CutPrefix(url, "urn:uuid:"); ok && ident.IsID(id) {
		return id
	}
	if to, ok := ident.ParseRef(url); ok && to.Type == typ {
		return to.ID
	}
	return ""
}

// item checks the entry's resource, once it refers to what the others became.
func (e entry) item(names map[string]ident.Ref) (item, error) {
	body := e.node.Raw()
	if len(names) > 0 {
		body = rewrite(e.node, func(ref string) (string, bool) {
			to, ok := names[ref]
			return to.String(), ok
		})
	}
	res, err := fhir.ParseResource(body)
	if err != nil {
		return item{}, err
	}
	it, err := check(res, e.ref)
	it.entry, it.where = e.number, fmt.Sprintf("Bundle.entry[%d].resource", e.number-1)
	return it, err
}
