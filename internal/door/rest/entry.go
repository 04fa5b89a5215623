package rest

// http://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request

import (
	"net/http"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// The order in which a transaction's entries count
// (http://hl7.org/fhir/R4/http.html#trules).
const (
	phaseDelete = iota
	phasePost
	phasePut
	phaseGet
	phases
)

// entry is one entry of a batch or transaction.
type entry struct {
	where    string // "Bundle.entry[3]"
	fullURL  string
	target   target
	resource fhir.Node
	phase    int
	err      error // what is wrong with the entry itself

	ifMatch, ifNoneMatch, ifNoneExist, ifModifiedSince string

	// What a transaction's plan finds out.
	ref     ident.Ref // what it will be written as, or is already
	skip    bool      // a conditional create that found its match, or nothing to delete
	created bool
	fresh   bool // its id was made for it
	write   int  // index among the writes, when it is not skipped
	reply   reply
}

// maxEntries bounds what one Bundle asks for.
const maxEntries = 20_000

func (e *entry) writes() bool { return e.phase != phaseGet }

// createNew makes the entry a new resource under a new id.
func (e *entry) createNew() {
	e.ref, e.created, e.fresh = ident.Ref{Type: e.target.typ, ID: ident.NewID()}, true, true
}

// readEntries reads every entry. What is wrong with the list itself is
// returned; what is wrong with one entry stays with it.
func readEntries(bundle fhir.Node, base string) ([]entry, error) {
	list := bundle.Get("entry")
	if list.Exists() && list.Kind() != fhir.Array {
		return nil, fault.At(fault.Invalid, "Bundle.entry", "The entries are a list, not %s.", list.Kind())
	}
	if n := list.Len(); n > maxEntries {
		return nil, fault.At(fault.TooLarge, "Bundle.entry", "A Bundle has at most %d entries here; this one has %d.", maxEntries, n)
	}
	entries := make([]entry, 0, list.Len())
	for n := range list.Children() {
		e := entry{where: entryPath(len(entries))}
		e.err = e.read(n, base)
		entries = append(entries, e)
	}
	return entries, nil
}

func (e *entry) read(n fhir.Node, base string) error {
	if n.Kind() != fhir.Object {
		return fault.At(fault.Invalid, e.where, "An entry is an object, not %s.", n.Kind())
	}
	req := n.Get("request")
	if req.Kind() != fhir.Object {
		return fault.At(fault.Invalid, e.where+".request", "The entry has no request.")
	}
	for name, to := range map[string]*string{
		"fullUrl": &e.fullURL, "request.method": &e.target.method, "request.url": &e.target.query,
		"request.ifMatch": &e.ifMatch, "request.ifNoneMatch": &e.ifNoneMatch,
		"request.ifNoneExist": &e.ifNoneExist, "request.ifModifiedSince": &e.ifModifiedSince,
	} {
		v := n.Get(strings.Split(name, ".")...)
		if v.Exists() && v.Kind() != fhir.String {
			return fault.At(fault.Invalid, e.where+"."+name, "This is a string, not %s.", v.Kind())
		}
		*to = v.Str()
	}
	url := e.target.query
	e.resource = n.Get("resource")
	if err := e.address(url, base); err != nil {
		return err
	}
	return e.content()
}

// address reads request.method and request.url.
func (e *entry) address(url, base string) error {
	e.target.query = ""
	switch e.target.method {
	case http.MethodDelete:
		e.phase = phaseDelete
	case http.MethodPost:
		e.phase = phasePost
	case http.MethodPut:
		e.phase = phasePut
	case http.MethodGet, http.MethodHead:
		e.phase = phaseGet
	case "":
		return fault.At(fault.Invalid, e.where+".request.method", "The request has no method.")
	case http.MethodPatch:
		return fault.At(fault.Unsupported, e.where+".request.method", "This server does not offer PATCH.")
	default:
		return fault.At(fault.Invalid, e.where+".request.method", "The method is GET, HEAD, POST, PUT or DELETE.")
	}
	if url == "" {
		return fault.At(fault.Invalid, e.where+".request.url", "The request has no url.")
	}
	if len(url) > maxQuery {
		return fault.At(fault.Invalid, e.where+".request.url", "The url is longer than %d bytes.", maxQuery)
	}
	url = strings.TrimPrefix(strings.TrimPrefix(url, base+"/"), "/")
	path, query, _ := strings.Cut(url, "?")
	e.target.query = query
	err := e.target.place(path)
	if err == nil {
		err = e.target.allowed()
	}
	if err == nil && (e.target.what == whatSystem || e.target.what == whatMetadata || e.target.what == whatSearch) {
		err = fault.New(fault.Invalid, "An entry cannot ask this of the base.")
	}
	if err != nil {
		f := *fault.From(err)
		f.Where = e.where + ".request.url"
		return &f
	}
	return nil
}

// content checks that the resource is there when it must be.
func (e *entry) content() error {
	takes := e.phase == phasePost || e.phase == phasePut
	switch {
	case takes && e.resource.Kind() != fhir.Object:
		return fault.At(fault.Invalid, e.where+".resource", "The entry has no resource.")
	case !takes && e.resource.Exists():
		return fault.At(fault.Invalid, e.where+".resource", "A %s has no resource.", e.target.method)
	case takes && !e.resource.Get("resourceType").Is(e.target.typ):
		return fault.At(fault.Invalid, e.where+".resource.resourceType", "The resource is of another type than the url: %s was expected.", e.target.typ)
	}
	return nil
}
