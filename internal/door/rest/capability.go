package rest

// http://hl7.org/fhir/R4/http.html#capabilities

import (
	"net/http"
	"sync"

	"heartwood/internal/fhir"
)

// resourcesPart is the same for every practice: what each type offers.
var resourcesPart = sync.OnceValue(func() []byte {
	b := make([]byte, 0, 256<<10)
	n := 0
	for _, typ := range fhir.Types() {
		if !visibleType(typ) {
			continue
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = appendTypeOffer(b, typ)
	}
	return b
})

const typeOffer = `","interaction":[{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"delete"},` +
	`{"code":"history-instance"},{"code":"create"},{"code":"search-type"}],"versioning":"versioned-update",` +
	`"readHistory":true,"updateCreate":true,"conditionalCreate":true,"conditionalRead":"full-support",` +
	`"conditionalUpdate":true,"conditionalDelete":"single"`

var kindNames = map[fhir.ParamKind]string{
	fhir.ParamToken: "token", fhir.ParamReference: "reference", fhir.ParamString: "string", fhir.ParamDate: "date",
	fhir.ParamNumber: "number", fhir.ParamQuantity: "quantity", fhir.ParamURI: "uri",
}

func appendTypeOffer(b []byte, typ string) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, typ...)
	b = append(b, typeOffer...)
	b = appendIncludes(b, typ)
	b = append(b, `,"searchParam":[{"name":"_id","type":"token"},{"name":"_lastUpdated","type":"date"}`...)
	for _, p := range fhir.Params(typ) {
		if !searchable(p) || p.Name == "_id" || p.Name == "_lastUpdated" {
			continue
		}
		b = append(b, `,{"name":"`...)
		b = append(b, p.Name...)
		b = append(b, `","type":"`...)
		b = append(b, kindNames[p.Kind]...)
		b = append(b, `"}`...)
	}
	return append(b, `]}`...)
}

func appendIncludes(b []byte, typ string) []byte {
	n := 0
	for _, p := range fhir.Params(typ) {
		if !searchable(p) || p.Kind != fhir.ParamReference {
			continue
		}
		if n++; n == 1 {
			b = append(b, `,"searchInclude":["`...)
		} else {
			b = append(b, `,"`...)
		}
		b = append(b, typ...)
		b = append(b, ':')
		b = append(b, p.Name...)
		b = append(b, '"')
	}
	if n > 0 {
		b = append(b, ']')
	}
	return b
}

// capabilities is what the server says of itself, to anyone who asks.
func (d *door) capabilities(base string) (reply, error) {
	part := resourcesPart()
	b := append(make([]byte, 0, len(part)+1024), `{"resourceType":"CapabilityStatement","status":"active","date":"`...)
	b = append(b, fhir.Instant(d.started)...)
	b = append(b, `","kind":"instance","software":{"name":"Heartwood","version":`...)
	b = appendString(b, d.Version)
	b = append(b, `},"implementation":{"description":"The record of one practice","url":`...)
	b = appendString(b, base)
	b = append(b, `},"fhirVersion":"4.0.1","format":["application/fhir+json","json"],"rest":[{"mode":"server","security":{`+
		`"cors":false,"description":"Send a bearer token of this installation, whose scopes are written as SMART App Launch 2 `+
		`writes them. There is no authorization server: tokens are minted by whoever runs the installation."},"resource":[`...)
	b = append(b, part...)
	b = append(b, `],"interaction":[{"code":"transaction"},{"code":"batch"}]}]}`...)
	return reply{status: http.StatusOK, body: b}, nil
}
