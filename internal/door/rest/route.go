package rest

import (
	"net/http"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// what is the kind of place that a URL names.
type what uint8

const (
	whatSystem   what = iota + 1 // [base]
	whatMetadata                 // [base]/metadata
	whatType                     // [base]/Patient
	whatSearch                   // [base]/Patient/_search
	whatInstance                 // [base]/Patient/1
	whatHistory                  // [base]/Patient/1/_history
	whatVersion                  // [base]/Patient/1/_history/c.5
)

// target is a request line, understood.
type target struct {
	method  string
	ods     ident.ODS
	what    what
	typ     string
	id      string
	version string
	query   string // raw
}

func (t target) ref() ident.Ref { return ident.Ref{Type: t.typ, ID: t.id} }

func (t target) takesBody() bool {
	return t.method == http.MethodPost || t.method == http.MethodPut
}

// route reads a path below /fhir/. Segments are compared as they were sent:
// nothing in a FHIR path needs percent-encoding, so nothing is decoded.
func route(method, path, query string) (target, error) {
	rest, ok := strings.CutPrefix(path, "/fhir/")
	if !ok {
		return target{}, fault.New(fault.NotFound, "FHIR addresses begin with /fhir/ and the practice's ODS code.")
	}
	code, rest, _ := strings.Cut(rest, "/")
	ods, err := ident.ParseODS(code)
	if err != nil || string(ods) != code {
		return target{}, fault.New(fault.NotFound, "The address names no practice: /fhir/ is followed by an ODS code in capitals.")
	}
	t := target{method: method, ods: ods, query: query}
	err = t.place(strings.TrimSuffix(rest, "/"))
	if err == nil {
		err = t.allowed()
	}
	return t, err
}

// place reads the part of a URL after the base, as a Bundle entry has it too.
func (t *target) place(path string) error {
	if path == "" {
		t.what = whatSystem
		return nil
	}
	var seg [4]string
	n := 0
	for s := range strings.SplitSeq(path, "/") {
		if n == len(seg) {
			return notFound()
		}
		seg[n] = s
		n++
	}
	if n == 1 && seg[0] == "metadata" {
		t.what = whatMetadata
		return nil
	}
	if strings.HasPrefix(seg[0], "$") || seg[0] == "_history" || seg[0] == "_search" {
		return fault.New(fault.Unsupported, "This server does not offer operations, history or search over the whole base.")
	}
	if !visibleType(seg[0]) {
		return fault.New(fault.NotFound, "The address names no R4 resource type.")
	}
	t.typ = seg[0]
	if n == 1 {
		t.what = whatType
		return nil
	}
	if n == 2 && seg[1] == "_search" {
		t.what = whatSearch
		return nil
	}
	if strings.HasPrefix(seg[n-1], "$") || seg[1] == "_history" {
		return fault.New(fault.Unsupported, "This server does not offer this operation.")
	}
	t.id = seg[1]
	if !ident.IsID(t.id) {
		return fault.New(fault.NotFound, "The address has an id that is not one: an id is 1 to 64 letters, digits, hyphens and dots.")
	}
	switch {
	case n == 2:
		t.what = whatInstance
	case n == 3 && seg[2] == "_history":
		t.what = whatHistory
	case n == 4 && seg[2] == "_history" && ident.IsID(seg[3]):
		t.what, t.version = whatVersion, seg[3]
	default:
		return notFound()
	}
	return nil
}

func notFound() error { return fault.New(fault.NotFound, "There is nothing at this address.") }

// visibleType tells whether the FHIR doors show the type: R4's own only, so
// never the system's, which begin with an underscore. (SubscriptionStatus is
// in the definitions' package and came with R4B.)
func visibleType(name string) bool {
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' && name != "SubscriptionStatus" && fhir.IsType(name)
}

var methods = [...]string{
	whatSystem:   "POST",
	whatMetadata: "GET HEAD",
	whatType:     "GET HEAD POST PUT DELETE",
	whatSearch:   "POST",
	whatInstance: "GET HEAD PUT DELETE",
	whatHistory:  "GET HEAD",
	whatVersion:  "GET HEAD",
}

func (t target) allowed() error {
	for m := range strings.SplitSeq(methods[t.what], " ") {
		if m == t.method {
			return nil
		}
	}
	return notOffered(t)
}

// allow is the Allow header of a 405.
func (t target) allow() string { return strings.ReplaceAll(methods[t.what], " ", ", ") }
