package rest

// http://hl7.org/fhir/R4/auditevent.html
//
// Who looked is kept in the practice's access log. Asked for by patient, it is
// shown as AuditEvents, together with those that programs have stored.

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

const (
	sightPrefix = "sight-"
	sightCount  = 50   // on a page unless told
	sightsMost  = 1000 // stored AuditEvents of one patient that are merged in
)

// sight is one AuditEvent, made from the access log or stored.
type sight struct {
	id   string
	at   time.Time
	json []byte
}

// sightQuery is what may be asked of the access log.
type sightQuery struct {
	patient string
	count   int
	before  time.Time // events of this time and earlier
	skip    int       // of exactly that time: the page before showed them
}

// searchSights answers a search of AuditEvents by patient; ok is false when it
// is another search, for the record alone.
func (c *call) searchSights(q searchQuery) (rep reply, ok bool, err error) {
	s, ok, err := parseSights(q)
	if !ok || err != nil {
		return reply{}, ok, err
	}
	if c.caller.Patient != "" && c.caller.Patient != s.patient {
		return reply{}, true, fault.New(fault.Forbidden, "This token is for one patient, and this is another's record.")
	}
	pos := c.practice.Position()
	all, err := c.sights(s)
	if err != nil {
		return reply{}, true, err
	}
	page, next := s.page(all)
	c.practice.Noted(record.Access{
		Author: c.caller.Author, Purpose: purposeProgram, Patient: s.patient, Type: "AuditEvent", Count: max(1, len(page)),
	})
	return reply{status: http.StatusOK, body: c.sightBundle(s, page, next), position: pos}, true, nil
}

func parseSights(q searchQuery) (s sightQuery, ok bool, err error) {
	s.count = sightCount
	var other string
	for _, part := range q.parts {
		name, value, _ := strings.Cut(part, "=")
		value, _ = url.QueryUnescape(value) // parseSearch has tried it
		switch name {
		case "patient", "entity", "patient:Patient", "entity:Patient":
			if !strings.HasPrefix(value, "Patient/") {
				if strings.HasPrefix(name, "entity") {
					other = name
					continue
				}
				value = "Patient/" + value
			}
			if s.patient != "" && s.patient != value {
				other = name
			}
			s.patient = value
		case "_count":
			s.count, _ = strconv.Atoi(value)
		case "_sort":
			if value != "-date" && value != "-_lastUpdated" {
				other = name
			}
		case cursorParam:
			if err := s.parseCursor(value); err != nil {
				return s, true, err
			}
		default:
			other = name
		}
	}
	if s.patient == "" {
		return s, false, nil
	}
	if other != "" || q.count {
		e := fault.At(fault.Invalid, other, "AuditEvents of a patient can be asked for by patient, _count and _sort=-date only.")
		e.Code = "not-supported"
		return s, true, e
	}
	return s, true, nil
}

func (s *sightQuery) parseCursor(v string) error {
	at, skip, ok := strings.Cut(v, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if err == nil && ok {
		s.skip, err = strconv.Atoi(skip)
	}
	if err != nil || !ok || s.skip < 0 {
		return fault.At(fault.Invalid, cursorParam, "The cursor is not one of ours.")
	}
	s.before = time.UnixMilli(ms)
	return nil
}

// sights are the events of a patient, newest first, enough for the page.
func (c *call) sights(s sightQuery) ([]sight, error) {
	until := time.Time{}
	if !s.before.IsZero() {
		until = s.before.Add(time.Millisecond)
	}
	seen, err := c.practice.Accesses(c.ctx, s.patient, until, s.skip+s.count+1)
	if err != nil {
		return nil, err
	}
	all := make([]sight, 0, len(seen))
	for _, a := range seen {
		all = append(all, c.render(a))
	}
	kept, err := c.practice.Find(c.ctx, "AuditEvent?patient="+url.QueryEscape(s.patient)+"&_count="+strconv.Itoa(sightsMost))
	if err != nil {
		return nil, err
	}
	for _, v := range kept.Matches {
		if !c.sees(v) {
			continue // it names another patient too
		}
		x := sight{v.Ref.ID, v.Time, v.JSON()}
		if r, err := fhir.ParseResource(x.json); err == nil {
			if t, err := time.Parse(time.RFC3339Nano, r.Get("recorded").Str()); err == nil {
				x.at = t.Truncate(time.Millisecond)
			}
		}
		if s.before.IsZero() || !x.at.After(s.before) {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b sight) int { return b.at.Compare(a.at) })
	return all, nil
}

// page cuts a page out of all, and gives the next one's cursor.
func (s sightQuery) page(all []sight) (page []sight, next string) {
	all = all[min(s.skip, len(all)):]
	if len(all) <= s.count {
		return all, ""
	}
	page = all[:s.count]
	if len(page) == 0 {
		return page, ""
	}
	last, skip := page[len(page)-1].at, 0
	for i := len(page) - 1; i >= 0 && page[i].at.Equal(last); i-- {
		skip++
	}
	if last.Equal(s.before) {
		skip += s.skip
	}
	return page, strconv.FormatInt(last.UnixMilli(), 36) + "." + strconv.Itoa(skip)
}

func (c *call) sightBundle(s sightQuery, page []sight, next string) []byte {
	self := c.base + "/AuditEvent?patient=" + url.QueryEscape(s.patient) + "&_count=" + strconv.Itoa(s.count)
	b := append(make([]byte, 0, 512+1024*len(page)), `{"resourceType":"Bundle","type":"searchset","link":[`...)
	b = appendLink(b, "self", self)
	if next != "" {
		b = appendLink(append(b, ','), "next", self+"&"+cursorParam+"="+next)
	}
	b = append(b, ']')
	for i, x := range page {
		b = append(appendEntryStart(b, i), `{"fullUrl":`...)
		b = appendString(b, c.base+"/AuditEvent/"+x.id)
		b = append(b, `,"resource":`...)
		b = append(b, x.json...)
		b = append(b, `,"search":{"mode":"match"}}`...)
	}
	if len(page) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

// readSight reads one event of the access log by the id it was shown with.
func (c *call) readSight() (rep reply, ok bool, err error) {
	parts := strings.SplitN(c.target.id, "-", 4)
	if len(parts) != 4 || parts[0]+"-" != sightPrefix {
		return reply{}, false, nil
	}
	ms, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return reply{}, false, nil //nolint:nilerr // a stored resource may have such an id
	}
	patient := "Patient/" + parts[3]
	if c.caller.Patient != "" && c.caller.Patient != patient {
		return reply{}, true, notFound()
	}
	at := time.UnixMilli(ms)
	pos := c.practice.Position()
	seen, err := c.practice.Accesses(c.ctx, patient, at.Add(time.Millisecond), maxCount)
	if err != nil {
		return reply{}, true, err
	}
	for _, a := range seen {
		if a.Time.Before(at) {
			break
		}
		if x := c.render(a); x.id == c.target.id {
			return reply{status: http.StatusOK, version: "1", updated: x.at, body: x.json, position: pos}, true, nil
		}
	}
	return reply{}, false, nil
}

// sightID names one row of the access log. It ends with the patient, by whom
// the log is found.
func sightID(a record.Access) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%q%q%q%q%q%d", a.Author.Ref, a.Author.Role, a.Author.For, a.Purpose, a.Type, a.Count)
	id := sightPrefix + strconv.FormatInt(a.Time.UnixMilli(), 36) + "-" + fmt.Sprintf("%08x", h.Sum32())
	_, patient, _ := strings.Cut(a.Patient, "/")
	if len(id)+1+len(patient) <= 64 {
		id += "-" + patient
	}
	return id
}

// render makes an AuditEvent of one row of the access log.
func (c *call) render(a record.Access) sight {
	x := sight{id: sightID(a), at: a.Time.Truncate(time.Millisecond)}
	at := fhir.Instant(a.Time)
	b := append(make([]byte, 0, 1024), `{"resourceType":"AuditEvent","id":"`...)
	b = append(b, x.id...)
	b = append(b, `","meta":{"versionId":"1","lastUpdated":"`...)
	b = append(b, at...)
	b = append(b, `"},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},`+
		`"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read","display":"read"}],"action":"R","recorded":"`...)
	b = append(b, at...)
	b = append(b, `","outcome":"0"`...)
	if a.Purpose != "" {
		b = append(b, `,"purposeOfEvent":[{"text":`...)
		b = append(appendString(b, a.Purpose), `}]`...)
	}
	b = appendAgent(append(b, `,"agent":[`...), a.Author)
	b = append(b, `],"source":{"observer":{"display":`...)
	b = appendString(b, "Heartwood, practice "+string(c.practice.ODS()))
	b = append(b, `}},"entity":[{"what":{"reference":`...)
	b = appendString(b, a.Patient)
	b = append(b, `},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"1","display":"Person"},`+
		`"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}},{`...)
	if visibleType(a.Type) {
		b = append(b, `"type":{"system":"http://hl7.org/fhir/resource-types","code":"`...)
		b = append(append(b, a.Type...), `"},`...)
	}
	b = append(b, `"name":`...)
	b = appendString(b, sightName(a))
	b = append(b, `,"detail":[{"type":"count","valueString":"`...)
	b = strconv.AppendInt(b, int64(max(1, a.Count)), 10)
	x.json = append(b, `"}]}]}`...)
	return x
}

func sightName(a record.Access) string {
	if a.Type == "" {
		return "record"
	}
	return a.Type
}

func appendAgent(b []byte, who record.Author) []byte {
	b = append(b, '{')
	if who.Role != "" {
		b = append(b, `"role":[{"text":`...)
		b = append(appendString(b, who.Role), `}],`...)
	}
	if who.Ref == "" {
		b = append(b, `"who":{"display":"unknown"}`...)
	} else {
		b = append(b, `"who":{"reference":`...)
		b = append(appendString(b, who.Ref), '}')
	}
	b = append(b, `,"requestor":true}`...)
	if who.For != "" && who.For != who.Ref {
		b = append(b, `,{"who":{"reference":`...)
		b = append(appendString(b, who.For), `},"role":[{"text":"on behalf of"}],"requestor":false}`...)
	}
	return b
}
