package fhir

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// reader adds the values that a parameter finds in one element.
type reader func(x *extractor, n Node, p *SearchParam)

type readAs struct {
	kind ParamKind
	typ  string
}

var readers = map[readAs]reader{
	{ParamToken, "code"}:            readCode,
	{ParamToken, "id"}:              readCode,
	{ParamToken, "string"}:          readCode,
	{ParamToken, "uri"}:             readCode,
	{ParamToken, "canonical"}:       readCode,
	{ParamToken, "boolean"}:         readBoolean,
	{ParamToken, "Coding"}:          readCoding,
	{ParamToken, "CodeableConcept"}: readConcept,
	{ParamToken, "Identifier"}:      readIdentifier,
	{ParamToken, "ContactPoint"}:    readContact,

	{ParamString, "string"}:          readCode,
	{ParamString, "markdown"}:        readCode,
	{ParamString, "code"}:            readCode,
	{ParamString, "HumanName"}:       parts("text", "family", "given", "prefix", "suffix"),
	{ParamString, "Address"}:         parts("text", "line", "city", "district", "state", "postalCode", "country"),
	{ParamString, "CodeableConcept"}: parts("text"),

	{ParamReference, "Reference"}: readReference,
	{ParamReference, "canonical"}: readCanonical,
	{ParamReference, "uri"}:       readCode,
	{ParamReference, "Resource"}:  readInline,

	{ParamURI, "uri"}:       readCode,
	{ParamURI, "url"}:       readCode,
	{ParamURI, "canonical"}: readCanonical,
	{ParamURI, "oid"}:       readCode,
	{ParamURI, "uuid"}:      readCode,

	{ParamDate, "date"}:     readDate,
	{ParamDate, "dateTime"}: readDate,
	{ParamDate, "instant"}:  readDate,
	{ParamDate, "Period"}:   readPeriod,
	{ParamDate, "Timing"}:   readTiming,

	{ParamNumber, "integer"}:     readNumber,
	{ParamNumber, "positiveInt"}: readNumber,
	{ParamNumber, "unsignedInt"}: readNumber,
	{ParamNumber, "decimal"}:     readNumber,

	{ParamQuantity, "Quantity"}: readQuantity,
	{ParamQuantity, "Age"}:      readQuantity,
	{ParamQuantity, "Duration"}: readQuantity,
	{ParamQuantity, "Count"}:    readQuantity,
	{ParamQuantity, "Distance"}: readQuantity,
	{ParamQuantity, "Money"}:    readMoney,
	{ParamQuantity, "Range"}:    readRange,
}

func readCode(x *extractor, n Node, p *SearchParam) {
	if s := x.str(n); s != "" {
		x.add(Value{Param: p, Code: s})
	}
}

func readBoolean(x *extractor, n Node, p *SearchParam) {
	switch {
	case n.True():
		x.add(Value{Param: p, Code: "true"})
	case n.Kind() == Bool:
		x.add(Value{Param: p, Code: "false"})
	}
}

func readCoding(x *extractor, n Node, p *SearchParam) {
	if code := x.str(n.member("code")); code != "" {
		x.add(Value{Param: p, System: x.str(n.member("system")), Code: code})
	}
}

func readConcept(x *extractor, n Node, p *SearchParam) {
	for c := range n.member("coding").Children() {
		readCoding(x, c, p)
	}
}

func readIdentifier(x *extractor, n Node, p *SearchParam) {
	if v := x.str(n.member("value")); v != "" {
		x.add(Value{Param: p, System: x.str(n.member("system")), Code: v})
	}
}

func readContact(x *extractor, n Node, p *SearchParam) { readCode(x, n.member("value"), p) }

// parts reads each named member as a string of its own.
func parts(names ...string) reader {
	return func(x *extractor, n Node, p *SearchParam) {
		for _, name := range names {
			x.texts(n.member(name), p)
		}
	}
}

// readReference gives "Type/id" without a version, any other URL as written,
// and the identifier of a logical reference. A reference to a contained
// resource is not searched.
func readReference(x *extractor, n Node, p *SearchParam) {
	if s := x.str(n.member("reference")); s != "" && s[0] != '#' {
		if i := strings.Index(s, "/_history/"); i >= 0 {
			s = s[:i]
		}
		x.add(Value{Param: p, Code: s})
	}
	if id := n.member("identifier"); id.Exists() {
		if v := x.str(id.member("value")); v != "" {
			x.add(Value{Param: p, System: x.str(id.member("system")), Code: v, Logical: true})
		}
	}
}

// readCanonical gives the URL as written and, where it names a version, also
// without it: a search may use either.
func readCanonical(x *extractor, n Node, p *SearchParam) {
	s := x.str(n)
	if s == "" || s[0] == '#' {
		return
	}
	x.add(Value{Param: p, Code: s})
	if bare, _, ok := strings.Cut(s, "|"); ok {
		x.add(Value{Param: p, Code: bare})
	}
}

// readInline gives a whole resource inside a Bundle as its "Type/id".
func readInline(x *extractor, n Node, p *SearchParam) {
	typ, id := x.str(n.member("resourceType")), x.str(n.member("id"))
	if id != "" && slices.Contains(p.Targets, typ) {
		x.add(Value{Param: p, Code: typ + "/" + id})
	}
}

func readDate(x *extractor, n Node, p *SearchParam) {
	if low, high, err := ParseDate(x.str(n)); err == nil {
		x.add(Value{Param: p, Low: low, High: high})
	}
}

func readPeriod(x *extractor, n Node, p *SearchParam) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	var err error
	start, end := n.member("start"), n.member("end")
	if !start.Exists() && !end.Exists() {
		return
	}
	if start.Exists() {
		if low, _, err = ParseDate(x.str(start)); err != nil {
			return
		}
	}
	if end.Exists() {
		if _, high, err = ParseDate(x.str(end)); err != nil {
			return
		}
	}
	x.add(Value{Param: p, Low: low, High: high})
}

func readTiming(x *extractor, n Node, p *SearchParam) {
	for e := range n.member("event").Children() {
		readDate(x, e, p)
	}
	if b := n.member("repeat").member("boundsPeriod"); b.Exists() {
		readPeriod(x, b, p)
	}
}

func (x *extractor) number(n Node) (float64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	c := n.cell()
	f, err := strconv.ParseFloat(string(x.reading[c.start:c.end]), 64)
	return f, err == nil
}

func readNumber(x *extractor, n Node, p *SearchParam) {
	if f, ok := x.number(n); ok {
		x.add(Value{Param: p, Num: f})
	}
}

func readQuantity(x *extractor, n Node, p *SearchParam) {
	f, ok := x.number(n.member("value"))
	if !ok {
		return
	}
	v := Value{Param: p, System: x.str(n.member("system")), Code: x.str(n.member("code")), Num: f}
	if v.Code == "" {
		v.Code = x.str(n.member("unit"))
	}
	x.add(v)
}

func readMoney(x *extractor, n Node, p *SearchParam) {
	if f, ok := x.number(n.member("value")); ok {
		x.add(Value{Param: p, System: "urn:iso:std:iso:4217", Code: x.str(n.member("currency")), Num: f})
	}
}

func readRange(x *extractor, n Node, p *SearchParam) {
	readQuantity(x, n.member("low"), p)
	readQuantity(x, n.member("high"), p)
}
