package rest

// http://hl7.org/fhir/R4/http.html#history

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	historyCount = 50   // versions on a page unless told
	maxCount     = 1000 // on any page
)

type historyQuery struct {
	count  int
	before string
	since  time.Time
}

func parseHistory(raw string) (q historyQuery, err error) {
	q.count = historyCount
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, fault.New(fault.Invalid, "The query is not well formed.")
	}
	for name, v := range values {
		switch name {
		case "_count":
			n, err := strconv.Atoi(v[0])
			if err != nil || n < 1 {
				return q, fault.At(fault.Invalid, "_count", "_count is a number from 1.")
			}
			q.count = min(n, maxCount)
		case "_since":
			if q.since, err = time.Parse(time.RFC3339Nano, v[0]); err != nil {
				return q, fault.At(fault.Invalid, "_since", "_since is an instant, such as 2026-01-31T09:00:00Z.")
			}
		case "_before":
			if _, _, ok := record.ParseVersionID(v[0]); !ok {
				return q, fault.At(fault.Invalid, "_before", "_before is a version id that this server gave.")
			}
			q.before = v[0]
		case "_format", "_pretty":
		default:
			return q, fault.At(fault.Unsupported, clip(name), "History does not take this parameter.")
		}
	}
	return q, nil
}

func (c *call) history() (reply, error) {
	if err := c.caller.check(c.target.typ, access.Read); err != nil {
		return reply{}, err
	}
	q, err := parseHistory(c.target.query)
	if err != nil {
		return reply{}, err
	}
	pos := c.practice.Position()
	// One more than the page tells whether there is a next, and whether the
	// page's oldest is the first of all.
	vs, err := c.practice.History(c.ctx, c.target.ref(), q.before, q.count+1)
	if err != nil {
		return reply{}, err
	}
	if len(vs) == 0 && q.before == "" || !c.seesHistory(vs) {
		return reply{}, notFound()
	}
	return reply{status: http.StatusOK, body: c.historyBundle(q, vs), position: pos}, nil
}

// seesHistory holds a patient-limited caller to resources whose every shown
// version with a body is in that patient's compartment.
func (c *call) seesHistory(vs []record.Version) bool {
	for _, v := range vs {
		if !v.Deleted && !c.sees(v) {
			return false
		}
	}
	return true
}

func (c *call) historyBundle(q historyQuery, vs []record.Version) []byte {
	shown, more := vs, false
	if len(vs) > q.count {
		shown, more = vs[:q.count], true
	}
	for i, v := range shown {
		if v.Time.Before(q.since) {
			shown, more = shown[:i], false
			break
		}
	}
	self := c.base + "/" + c.target.ref().String() + "/_history"
	b := append(make([]byte, 0, 512+2048*len(shown)), `{"resourceType":"Bundle","type":"history"`...)
	if !more && q.before == "" {
		b = append(b, `,"total":`...)
		b = strconv.AppendInt(b, int64(len(shown)), 10)
	}
	b = append(b, `,"link":[`...)
	b = appendLink(b, "self", withQuery(self, c.target.query))
	if more {
		next := url.Values{"_count": {strconv.Itoa(q.count)}, "_before": {shown[len(shown)-1].ID}}
		if !q.since.IsZero() {
			next.Set("_since", q.since.Format(time.RFC3339Nano))
		}
		b = appendLink(append(b, ','), "next", withQuery(self, next.Encode()))
	}
	b = append(b, ']')
	for i, v := range shown {
		if i == 0 {
			b = append(b, `,"entry":[`...)
		} else {
			b = append(b, ',')
		}
		var prev *record.Version
		if i+1 < len(vs) {
			prev = &vs[i+1]
		}
		b = c.appendVersion(b, v, prev)
	}
	if len(shown) > 0 {
		b = append(b, ']')
	}
	c.note(shown, nil)
	return append(b, '}')
}

// appendVersion appends one entry of a history; prev is the version before.
func (c *call) appendVersion(b []byte, v record.Version, prev *record.Version) []byte {
	b = appendFullURL(append(b, '{'), c.base, v)
	method, place, rep := "PUT", v.Ref, reply{status: http.StatusOK, version: v.ID, updated: v.Time}
	switch {
	case v.Deleted:
		method, rep.status = "DELETE", http.StatusNoContent
	case prev == nil:
		method, place, rep.status = "POST", ident.Ref{Type: v.Ref.Type}, http.StatusCreated
	case prev.Deleted:
		rep.status = http.StatusCreated
	}
	if !v.Deleted {
		b = append(b, `,"resource":`...)
		b = append(b, fhir.Present(v.Body, v.ID, v.Time)...)
	}
	b = append(b, `,"request":{"method":"`...)
	b = append(b, method...)
	b = append(b, `","url":"`...)
	b = append(b, place.Type...)
	if place.ID != "" {
		b = append(append(b, '/'), place.ID...)
	}
	b = append(b, `"},`...)
	b = appendResponse(b, rep)
	return append(b, '}')
}

func withQuery(url, query string) string {
	if query == "" {
		return url
	}
	return url + "?" + query
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "")
	}
	return s
}
