package rest

// http://hl7.org/fhir/R4/http.html#search and http://hl7.org/fhir/R4/search.html

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

// cursorParam carries where the next page begins.
const cursorParam = "_cursor"

// maxQuery is the longest query that is searched for, in bytes.
const maxQuery = 64 << 10

// resultParams say how results are shown, not which they are.
var resultParams = map[string]bool{
	"_count": true, "_sort": true, "_include": true, "_revinclude": true, "_total": true,
	"_summary": true, "_elements": true, "_format": true, "_pretty": true, cursorParam: true,
	"_include:iterate": true, "_revinclude:iterate": true, "_contained": true,
}

// searchQuery is a query as it will be asked of the record.
type searchQuery struct {
	parts   []string // name=value, still encoded, in the order they came
	count   bool     // only the number of matches is wanted
	ignored []string // parameters that a lenient caller lets us ignore
}

func (c *call) search() (reply, error) { return c.searchFor(c.target.query) }

// searchForm is a search by POST: the form's parameters and the address's.
func (c *call) searchForm() (reply, error) {
	raw := string(c.body)
	if c.target.query != "" {
		raw = c.target.query + "&" + raw
	}
	return c.searchFor(raw)
}

func (c *call) searchFor(raw string) (reply, error) {
	if err := c.caller.check(c.target.typ, access.Search); err != nil {
		return reply{}, err
	}
	q, err := parseSearch(c.target.typ, raw, c.prefer.lenient)
	if err != nil {
		return reply{}, err
	}
	if c.target.typ == "AuditEvent" {
		if rep, ok, err := c.searchSights(q); ok || err != nil {
			return rep, err
		}
	}
	ask := q.encode()
	if c.caller.Patient != "" {
		if ask, err = c.caller.narrow(c.target.typ, ask); err != nil {
			return reply{}, err
		}
	}
	if q.count {
		ask = join(ask, "_total=accurate&_count=0")
	}
	page, err := c.practice.Find(c.ctx, withQuery(c.target.typ, ask))
	if err != nil {
		return reply{}, err
	}
	c.keepVisible(&page)
	if c.caller.Patient != "" && page.Total >= 0 {
		if page.Total, err = c.recount(q); err != nil {
			return reply{}, err
		}
	}
	c.note(page.Matches, page.Included)
	return reply{status: http.StatusOK, body: c.searchset(q, page), position: page.Position}, nil
}

// parseSearch checks the query's form and takes out what is not for the
// record. Names that the type has no parameter for are refused, by name,
// unless the caller is lenient.
func parseSearch(typ, raw string, lenient bool) (q searchQuery, err error) {
	if len(raw) > maxQuery {
		e := fault.New(fault.TooLarge, "The search is longer than %d bytes.", maxQuery)
		e.Status = http.StatusRequestURITooLong
		return q, e
	}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			return q, fault.New(fault.Invalid, "The query is not well formed: a %% is not followed by two hexadecimal digits.")
		}
		text, err := url.QueryUnescape(value)
		if err != nil {
			return q, fault.At(fault.Invalid, clip(plain), "The value is not well formed: a %% is not followed by two hexadecimal digits.")
		}
		keep, err := q.take(typ, plain, text, lenient)
		if err != nil {
			return q, err
		}
		if keep {
			q.parts = append(q.parts, part)
		}
	}
	return q, nil
}

// take decides about one parameter: whether the record is asked about it.
func (q *searchQuery) take(typ, name, value string, lenient bool) (keep bool, err error) {
	switch name {
	case "_format", "_pretty":
		return false, nil
	case "_summary":
		switch value {
		case "count":
			q.count = true
			return false, nil
		case "false":
			return false, nil
		}
	case "_count":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return false, fault.At(fault.Invalid, "_count", "_count is a number from 0.")
		}
		if n == 0 {
			q.count = true
			return false, nil
		}
		if n > maxCount {
			q.parts = append(q.parts, "_count="+strconv.Itoa(maxCount))
			return false, nil
		}
		return true, nil
	case "_id", "_lastUpdated", "_sort", "_include", "_revinclude", "_total", cursorParam:
		return true, nil
	default:
		base, _, _ := strings.Cut(name, ":")
		if base == "_lastUpdated" || searchable(fhir.Param(typ, base)) {
			return true, nil
		}
	}
	if lenient {
		q.ignored = append(q.ignored, clip(name))
		return false, nil
	}
	e := fault.At(fault.Invalid, clip(name), "%s has no search parameter %q here.", typ, clip(name))
	e.Code = "not-supported"
	return false, e
}

// searchable tells whether the record can be searched by a parameter.
func searchable(p *fhir.SearchParam) bool {
	return p != nil && p.Why == "" && p.Kind != fhir.ParamComposite && p.Kind != fhir.ParamSpecial
}

func (q *searchQuery) encode() string { return strings.Join(q.parts, "&") }

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "&" + b
}

// searchset is the Bundle of one page.
func (c *call) searchset(q searchQuery, page record.Page) []byte {
	size := 1024
	for _, v := range page.Matches {
		size += len(v.Body.Bytes) + 256
	}
	for _, v := range page.Included {
		size += len(v.Body.Bytes) + 256
	}
	self := c.base + "/" + c.target.typ
	ask := q.encode()
	b := append(make([]byte, 0, size), `{"resourceType":"Bundle","type":"searchset"`...)
	if page.Total < 0 && page.Next == "" && !strings.Contains(ask, cursorParam+"=") {
		page.Total = len(page.Matches) // the one page has them all
	}
	if page.Total >= 0 {
		b = append(b, `,"total":`...)
		b = strconv.AppendInt(b, int64(page.Total), 10)
	}
	b = append(b, `,"link":[`...)
	if q.count {
		b = appendLink(b, "self", withQuery(self, join(ask, "_summary=count")))
		return append(b, `]}`...)
	}
	b = appendLink(b, "self", withQuery(self, ask))
	if page.Next != "" {
		b = appendLink(append(b, ','), "next", withQuery(self, nextQuery(q, page.Next)))
	}
	b = append(b, ']')
	n := 0
	for _, v := range page.Matches {
		b = c.appendFound(b, v, "match", n)
		n++
	}
	for _, v := range page.Included {
		b = c.appendFound(b, v, "include", n)
		n++
	}
	if len(q.ignored) > 0 {
		b = appendEntryStart(b, n)
		b = append(b, `{"resource":`...)
		b = append(b, ignoredOutcome(q.ignored)...)
		b = append(b, `,"search":{"mode":"outcome"}}`...)
		n++
	}
	if n > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

// nextQuery is the query with the cursor in place of any earlier one.
func nextQuery(q searchQuery, cursor string) string {
	parts := make([]string, 0, len(q.parts)+1)
	for _, p := range q.parts {
		if !strings.HasPrefix(p, cursorParam+"=") {
			parts = append(parts, p)
		}
	}
	return strings.Join(append(parts, cursorParam+"="+url.QueryEscape(cursor)), "&")
}

func appendEntryStart(b []byte, n int) []byte {
	if n == 0 {
		return append(b, `,"entry":[`...)
	}
	return append(b, ',')
}

func (c *call) appendFound(b []byte, v record.Version, mode string, n int) []byte {
	b = append(appendEntryStart(b, n), '{')
	b = appendFullURL(b, c.base, v)
	b = append(b, `,"resource":`...)
	b = append(b, v.JSON()...)
	b = append(b, `,"search":{"mode":"`...)
	b = append(b, mode...)
	return append(b, `"}}`...)
}

func ignoredOutcome(names []string) []byte {
	b := []byte(`{"resourceType":"OperationOutcome","issue":[`)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"severity":"warning","code":"not-supported","diagnostics":`...)
		b = appendString(b, "The search parameter "+name+" was ignored.")
		b = append(b, '}')
	}
	return append(b, `]}`...)
}
