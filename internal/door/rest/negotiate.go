package rest

// Content types and encoding: http://hl7.org/fhir/R4/http.html#mime-type.
// Prefer: http://hl7.org/fhir/R4/http.html#ops.

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"heartwood/internal/fault"
)

const fhirJSON = "application/fhir+json"

// prefer is what the caller would like (RFC 7240).
type prefer struct {
	give    string // "minimal", "representation", "OperationOutcome" or ""
	lenient bool
}

// negotiate settles how the answer is written, and refuses what cannot be.
func negotiate(r *http.Request, t target) (prefer, error) {
	if err := acceptable(r, t); err != nil {
		return prefer{}, err
	}
	return parsePrefer(r.Header["Prefer"])
}

func acceptable(r *http.Request, t target) error {
	if strings.Contains(t.query, "_format=") {
		if q, err := url.ParseQuery(t.query); err == nil && q.Get("_format") != "" {
			if f := q.Get("_format"); f == "json" || isJSON(strings.ReplaceAll(f, " ", "+")) {
				return nil
			}
			return notAcceptable("_format")
		}
	}
	accept := r.Header["Accept"]
	if len(accept) == 0 {
		return nil
	}
	for _, line := range accept {
		if line == fhirJSON || line == "" {
			return nil
		}
		for one := range strings.SplitSeq(line, ",") {
			if acceptsJSON(one) {
				return nil
			}
		}
	}
	return notAcceptable("Accept")
}

func acceptsJSON(one string) bool {
	typ, params, err := mime.ParseMediaType(one)
	if err != nil || params["q"] == "0" || params["q"] == "0.0" {
		return false
	}
	return typ == "*/*" || typ == "application/*" || isJSON(one)
}

// isJSON tells whether a media type is JSON that this server reads and
// writes: R4, in UTF-8.
func isJSON(s string) bool {
	if s == fhirJSON {
		return true
	}
	typ, params, err := mime.ParseMediaType(s)
	if err != nil || typ != fhirJSON && typ != "application/json" {
		return false
	}
	if v := params["fhirversion"]; v != "" && v != "4.0" && v != "4.0.1" {
		return false
	}
	cs := params["charset"]
	return cs == "" || strings.EqualFold(cs, "utf-8") || strings.EqualFold(cs, "utf8")
}

func notAcceptable(where string) error {
	e := fault.At(fault.Unsupported, where, "This server answers in application/fhir+json (UTF-8, R4) only.")
	e.Status = http.StatusNotAcceptable
	return e
}

func unsupportedMedia(where, format string, args ...any) error {
	e := fault.At(fault.Unsupported, where, format, args...)
	e.Status = http.StatusUnsupportedMediaType
	return e
}

func parsePrefer(lines []string) (p prefer, err error) {
	for _, line := range lines {
		for one := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
			value = strings.Trim(value, `"`)
			switch strings.ToLower(name) {
			case "return":
				if value != "minimal" && value != "representation" && value != "OperationOutcome" {
					return p, fault.At(fault.Invalid, "Prefer", "Prefer: return is minimal, representation or OperationOutcome.")
				}
				p.give = value
			case "handling":
				if value != "lenient" && value != "strict" {
					return p, fault.At(fault.Invalid, "Prefer", "Prefer: handling is strict or lenient.")
				}
				p.lenient = value == "lenient"
			}
		}
	}
	return p, nil
}
