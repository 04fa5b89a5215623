package index

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// Query is one parsed search (http://hl7.org/fhir/R4/search.html).
type Query struct {
	Type     string
	IDs      []string // _id, when it was given
	Clauses  []Clause // all must match
	Sort     []Sort
	Count    int
	Counted  bool // _count was given
	Cursor   string
	Total    bool
	Includes []Include
}

// Clause is one parameter with alternatives, of which one must match.
type Clause struct {
	Param    *fhir.SearchParam
	Modifier string
	Terms    []Term
}

// Term is one value of a clause, as written and as read.
type Term struct {
	Prefix    string // eq, ne, gt …; "" where the kind has none
	System    string
	HasSystem bool // a | was written
	Code      string
	Low, High int64   // dates
	Num, Half float64 // numbers: the value and half its last digit
}

// Sort is one sort key.
type Sort struct {
	Param *fhir.SearchParam
	Down  bool
}

// Include is one _include or _revinclude.
type Include struct {
	Rev    bool
	Type   string // the type the parameter is on
	Param  *fhir.SearchParam
	Target string // "" for any
}

// ParseQuery reads "Type?name=value&…".
func ParseQuery(s string) (Query, error) {
	typ, raw, _ := strings.Cut(s, "?")
	q := Query{Type: typ}
	if strings.HasPrefix(typ, "_") && ident.IsID(typ[1:]) {
		// The system's own types have no parameters but these.
	} else if !fhir.IsType(typ) {
		return q, fault.New(fault.Invalid, "There is no such resource type.")
	}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return q, fault.New(fault.Invalid, "A parameter's name is not correctly escaped.")
		}
		value, err = url.QueryUnescape(value)
		if err != nil {
			return q, fault.At(fault.Invalid, name, "The value is not correctly escaped.")
		}
		if err := q.add(name, value); err != nil {
			return q, err
		}
	}
	return q, nil
}

// Known tells whether a search on typ would accept a parameter of this name
// (modifiers included).
func Known(typ, name string) bool {
	base, _, _ := strings.Cut(name, ":")
	switch base {
	case "_id", "_count", "_cursor", "_sort", "_total", "_include", "_revinclude", "_summary", "_elements", updatedParam:
		return true
	}
	p := fhir.Param(typ, base)
	return p != nil && p.Why == ""
}

func (q *Query) add(name, value string) error {
	base, modifier, _ := strings.Cut(name, ":")
	switch base {
	case "_id":
		ids, before := strings.Split(value, ","), q.IDs
		if before != nil { // asked for twice: both must hold
			ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(before, id) })
		}
		q.IDs = ids // none is not nil: nothing matches
		return nil
	case "_count":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return fault.At(fault.Invalid, name, "_count must be a whole number.")
		}
		q.Count, q.Counted = n, true
		return nil
	case "_cursor":
		q.Cursor = value
		return nil
	case "_total":
		q.Total = value == "accurate" || value == "estimate"
		if !q.Total && value != "none" {
			return fault.At(fault.Invalid, name, "_total must be none, estimate or accurate.")
		}
		return nil
	case "_sort":
		return q.addSort(value)
	case "_include", "_revinclude":
		return q.addInclude(base == "_revinclude", value)
	}
	return q.addClause(name, base, modifier, value)
}

func (q *Query) addSort(value string) error {
	for s := range strings.SplitSeq(value, ",") {
		name, down := strings.CutPrefix(s, "-")
		p := param(q.Type, name)
		if p == nil {
			return fault.At(fault.Invalid, "_sort", "%s cannot be sorted by %q.", q.Type, name)
		}
		q.Sort = append(q.Sort, Sort{p, down})
	}
	return nil
}

func (q *Query) addInclude(rev bool, value string) error {
	parts := strings.Split(value, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return fault.At(fault.Invalid, "_include", "An include looks like Type:parameter.")
	}
	p := fhir.Param(parts[0], parts[1])
	if p == nil || p.Kind != fhir.ParamReference {
		return fault.At(fault.Invalid, "_include", "%s has no reference parameter of that name.", q.Type)
	}
	in := Include{Rev: rev, Type: parts[0], Param: p}
	if len(parts) == 3 {
		in.Target = parts[2]
	}
	q.Includes = append(q.Includes, in)
	return nil
}

var updated = &fhir.SearchParam{Name: updatedParam, Kind: fhir.ParamDate}

// param is fhir.Param and _lastUpdated.
func param(typ, name string) *fhir.SearchParam {
	if name == updatedParam {
		return updated
	}
	return fhir.Param(typ, name)
}

func (q *Query) addClause(name, base, modifier, value string) error {
	p := param(q.Type, base)
	if p == nil || p.Why != "" {
		return &fault.Error{
			Kind: fault.Invalid, Code: "not-supported", Where: name,
			Message: q.Type + " has no search parameter of this name.",
		}
	}
	c := Clause{Param: p, Modifier: modifier}
	if !allowed(p.Kind, modifier, p.Targets) {
		return fault.At(fault.Invalid, name, "The modifier is not offered for this parameter.")
	}
	if modifier == "missing" {
		if value != "true" && value != "false" {
			return fault.At(fault.Invalid, name, ":missing must be true or false.")
		}
		c.Terms = []Term{{Code: value}}
		q.Clauses = append(q.Clauses, c)
		return nil
	}
	for _, s := range splitEscaped(value, ',') {
		t, err := term(p.Kind, s)
		if err != nil {
			return fault.At(fault.Invalid, name, "%s", fault.From(err).Message)
		}
		if p.Kind == fhir.ParamToken && t.HasSystem && slices.Contains(p.Implied, t.System) {
			t.HasSystem = false // code elements leave their system out
		}
		c.Terms = append(c.Terms, t)
	}
	q.Clauses = append(q.Clauses, c)
	return nil
}

func allowed(k fhir.ParamKind, modifier string, targets []string) bool {
	if modifier == "" || modifier == "missing" {
		return true
	}
	switch k {
	case fhir.ParamString:
		return modifier == "exact" || modifier == "contains"
	case fhir.ParamToken:
		return modifier == "not"
	case fhir.ParamReference:
		return modifier == "identifier" || fhir.IsType(modifier)
	}
	return false
}

func term(k fhir.ParamKind, s string) (Term, error) {
	if s == "" {
		return Term{}, fault.New(fault.Invalid, "The value is empty.")
	}
	switch k {
	case fhir.ParamToken, fhir.ParamReference:
		t := Term{Code: unescape(s)}
		if parts := splitEscaped(s, '|'); len(parts) == 2 {
			t = Term{HasSystem: true, System: unescape(parts[0]), Code: unescape(parts[1])}
		}
		return t, nil
	case fhir.ParamDate:
		prefix, rest := cutPrefix(s)
		low, high, err := fhir.ParseDate(rest)
		return Term{Prefix: prefix, Low: low, High: high}, err
	case fhir.ParamNumber, fhir.ParamQuantity:
		return numberTerm(s)
	}
	return Term{Code: unescape(s)}, nil
}

func numberTerm(s string) (Term, error) {
	prefix, rest := cutPrefix(s)
	parts := splitEscaped(rest, '|')
	t := Term{Prefix: prefix}
	var err error
	if t.Num, err = strconv.ParseFloat(parts[0], 64); err != nil {
		return t, fault.New(fault.Invalid, "The value is not a number.")
	}
	t.Half = halfDigit(parts[0])
	switch len(parts) {
	case 1:
	case 3:
		t.HasSystem, t.System, t.Code = true, unescape(parts[1]), unescape(parts[2])
	default:
		return t, fault.New(fault.Invalid, "A quantity looks like 5.4|system|code.")
	}
	return t, nil
}

// halfDigit is half a unit of the last digit that was written: searching for
// 100 finds [99.5, 100.5).
func halfDigit(s string) float64 {
	mantissa, exp, _ := strings.Cut(strings.ToLower(s), "e")
	e, _ := strconv.Atoi(exp)
	_, frac, _ := strings.Cut(mantissa, ".")
	half := 0.5
	for range min(len(frac), 30) {
		half /= 10
	}
	for range min(max(e, 0), 300) {
		half *= 10
	}
	for range min(max(-e, 0), 300) {
		half /= 10
	}
	return half
}

func cutPrefix(s string) (prefix, rest string) {
	if len(s) > 2 && s[0] >= 'a' && s[0] <= 'z' {
		switch s[:2] {
		case "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap":
			return s[:2], s[2:]
		}
	}
	return "eq", s
}

// splitEscaped splits on sep where it is not escaped with a backslash.
func splitEscaped(s string, sep byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
