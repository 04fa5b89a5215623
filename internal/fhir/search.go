package fhir

// ParamKind is a search parameter's type (http://hl7.org/fhir/R4/search.html).
type ParamKind uint8

// The parameter types of R4.
const (
	ParamToken ParamKind = iota + 1
	ParamReference
	ParamString
	ParamDate
	ParamNumber
	ParamQuantity
	ParamURI
	ParamComposite
	ParamSpecial
)

// SearchParam is one parameter of one resource type, from the definitions.
type SearchParam struct {
	Name    string    // as written in a query: "patient"
	On      string    // the resource type: "Task"
	Kind    ParamKind //
	Targets []string  // reference parameters: the types they may point at; "*" alone: any
	ID      uint16    // stable number of (On, Name) in this build's tables: never stored
	Implied []string  // systems of the code elements among its paths: their values carry none
	Why     string    // why it is not supported; "" when Extract reads it
}

// Value is one thing that a resource can be found by.
type Value struct {
	Param *SearchParam
	// Token: system and code. Quantity: unit system and unit code (or unit).
	System string
	// Token: code. Reference: "Type/id", or the URL or urn as written.
	// String: the text as written. URI: the URI.
	Code string
	// Date: the first and the last-plus-one millisecond since 1970 that the
	// value covers, at the precision it was written with. An open end is
	// math.MinInt64 or math.MaxInt64.
	Low, High int64
	// Number and quantity. A Range gives two values, its low and its high.
	Num float64
	// Reference: by identifier, in System and Code, instead of a literal.
	Logical bool
}
