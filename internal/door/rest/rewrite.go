package rest

// http://hl7.org/fhir/R4/bundle.html#references
// Conditional references: http://hl7.org/fhir/R4/http.html#trules

import (
	"bytes"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// links turns what a transaction's resources call each other into what they
// are kept as.
type links struct {
	byURL     map[string]ident.Ref // by fullUrl
	byID      map[string]ident.Ref // by "Patient?identifier=system|value", for resources in the Bundle
	condition map[string]ident.Ref // conditional references already found
	urns      bool                 // some fullUrl is a urn:
}

func (l *links) gather(entries []entry) error {
	l.byURL = make(map[string]ident.Ref, len(entries))
	l.condition = map[string]ident.Ref{}
	for i := range entries {
		e := &entries[i]
		if e.fullURL == "" || e.ref.IsZero() {
			continue
		}
		if _, twice := l.byURL[e.fullURL]; twice {
			return fault.At(fault.Invalid, e.where+".fullUrl", "Two entries have this fullUrl.")
		}
		l.byURL[e.fullURL] = e.ref
		l.urns = l.urns || strings.HasPrefix(e.fullURL, "urn:")
	}
	return nil
}

// identified finds a resource of this Bundle by an identifier.
func (l *links) identified(entries []entry, query string) (ident.Ref, bool) {
	if l.byID == nil {
		l.byID = map[string]ident.Ref{}
		for i := range entries {
			e := &entries[i]
			for id := range e.resource.Get("identifier").Items() {
				if e.writes() && id.Get("value").Exists() {
					l.byID[e.ref.Type+"?identifier="+id.Get("system").Str()+"|"+id.Get("value").Str()] = e.ref
				}
			}
		}
	}
	ref, ok := l.byID[query]
	return ref, ok
}

// edit replaces one string of a resource's bytes.
type edit struct {
	from, to int
	with     string
}

// rewriter walks one entry's resource.
type rewriter struct {
	c     *call
	p     *plan
	e     *entry
	root  string // the server part of the entry's own fullUrl: "http://example.org/fhir/"
	edits []edit
	err   error
}

// rewrite is the entry's resource with its links to other entries replaced;
// every other byte stays as it was.
func (c *call) rewrite(p *plan, e *entry) ([]byte, error) {
	w := rewriter{c: c, p: p, e: e, root: restRoot(e.fullURL)}
	w.walk(e.resource)
	if w.err != nil {
		return nil, w.err
	}
	raw := e.resource.Raw()
	if len(w.edits) == 0 {
		return raw, nil
	}
	start, _ := e.resource.Span()
	out := make([]byte, 0, len(raw)+16*len(w.edits))
	at := 0
	for _, x := range w.edits {
		out = append(out, raw[at:x.from-start]...)
		out = append(out, x.with...)
		at = x.to - start
	}
	return append(out, raw[at:]...), nil
}

// restRoot is what stands before Type/id in a literal RESTful address.
func restRoot(fullURL string) string {
	if !strings.HasPrefix(fullURL, "http://") && !strings.HasPrefix(fullURL, "https://") {
		return ""
	}
	ref, ok := ident.ParseRef(fullURL)
	if !ok {
		return ""
	}
	root, _ := strings.CutSuffix(fullURL, ref.String())
	return root
}

func (w *rewriter) walk(n fhir.Node) {
	for child := range n.Children() {
		if w.err != nil {
			return
		}
		switch child.Kind() {
		case fhir.Object, fhir.Array:
			if n == w.e.resource && child.KeyIs("entry") && n.Get("resourceType").Is("Bundle") {
				continue // a Bundle's own entries mean each other, not ours
			}
			w.walk(child)
		case fhir.String:
			w.str(child)
		}
	}
}

func (w *rewriter) str(n fhir.Node) {
	raw := n.Raw()
	switch {
	case n.KeyIs("reference"):
		w.reference(n)
	case !w.p.links.urns:
	case n.KeyIs("div"):
		w.narrative(n)
	case bytes.HasPrefix(raw, []byte(`"urn:`)) && !n.KeyIs("value") && !n.KeyIs("system") && !n.KeyIs("id"):
		if ref, ok := w.p.links.byURL[n.Str()]; ok {
			w.replace(n, ref.String())
		}
	}
}

func (w *rewriter) replace(n fhir.Node, with string) {
	from, to := n.Span()
	w.edits = append(w.edits, edit{from, to, `"` + with + `"`})
}

// reference replaces a Reference's literal where it points into the Bundle.
func (w *rewriter) reference(n fhir.Node) {
	s := n.Str()
	if s == "" || s[0] == '#' {
		return
	}
	if ref, ok := w.p.links.byURL[s]; ok {
		w.replace(n, ref.String())
		return
	}
	if strings.HasPrefix(s, "urn:uuid:") || strings.HasPrefix(s, "urn:oid:") {
		w.err = fault.At(fault.Invalid, n.Path(), "The reference %s is not the fullUrl of any entry.", clip(s))
		return
	}
	if typ, _, ok := strings.Cut(s, "?"); ok && visibleType(typ) {
		w.conditional(n, s)
		return
	}
	full := s
	if i := strings.Index(full, "/_history/"); i >= 0 {
		full = full[:i]
	}
	if !strings.Contains(full, "://") {
		full = w.root + full
	}
	if ref, ok := w.p.links.byURL[full]; ok && w.root+ref.String() != full {
		w.replace(n, ref.String())
	}
}

// conditional replaces a reference by search with what it finds, in the
// record or in the Bundle. One that finds nothing, or too much, is refused.
func (w *rewriter) conditional(n fhir.Node, s string) {
	ref, ok := w.p.links.condition[s]
	if !ok {
		if ref, w.err = w.search(s, n); w.err != nil {
			return
		}
		w.p.links.condition[s] = ref
	}
	w.replace(n, ref.String())
}

func (w *rewriter) search(s string, n fhir.Node) (ident.Ref, error) {
	if ref, ok := w.p.links.identified(w.p.entries, s); ok {
		return ref, nil
	}
	typ, query, _ := strings.Cut(s, "?")
	ask, err := w.c.condition(typ, query)
	if err != nil {
		return ident.Ref{}, within(err, n.Path())
	}
	v, count, err := w.c.match(ask)
	switch {
	case err != nil:
		return ident.Ref{}, within(err, n.Path())
	case count > 1:
		return ident.Ref{}, manyMatch(n.Path())
	case count == 0:
		e := fault.At(fault.Precondition, n.Path(), "No %s matches this conditional reference.", typ)
		e.Code = "not-found"
		return ident.Ref{}, e
	}
	return v.Ref, nil
}

// narrative replaces links in XHTML: href="urn:uuid:…" and src="urn:uuid:…".
func (w *rewriter) narrative(n fhir.Node) {
	raw := n.Raw()
	from, _ := n.Span()
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte("urn:"))
		if i < 0 {
			return
		}
		at += i
		end := at + bytes.IndexAny(raw[at:], `"'\ <>`) // the closing quote at the latest
		quoted := bytes.HasSuffix(raw[:at], []byte(`=\"`)) || bytes.HasSuffix(raw[:at], []byte(`='`))
		if ref, ok := w.p.links.byURL[string(raw[at:end])]; ok && quoted {
			w.edits = append(w.edits, edit{from + at, from + end, ref.String()})
		}
		at = end
	}
}
