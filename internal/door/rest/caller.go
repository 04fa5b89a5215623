package rest

import (
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// The verbs of SMART v2 scopes
// (http://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).
const (
	verbCreate byte = 1 << iota
	verbRead
	verbUpdate
	verbDelete
	verbSearch
)

var verbNames = map[byte]string{
	verbCreate: "create", verbRead: "read", verbUpdate: "update", verbDelete: "delete", verbSearch: "search",
}

// Caller is who is asking and what they may do.
type Caller struct {
	Author record.Author
	Scopes Scopes
	// Patient limits the caller to one patient's compartment: "Patient/…".
	Patient string
}

// Scopes says what may be done to which type; "*" stands for every type. What
// was granted for one patient only stands under "patient/" and the type, and
// counts for nothing when the caller has no patient.
type Scopes map[string]byte

// ParseScopes reads SMART scopes separated by spaces: "system/*.cruds",
// "patient/Observation.rs", and version 1's ".read", ".write", ".*". Scopes
// that are not about resources (openid, launch) and scopes narrowed by a
// query, which this server cannot hold to, grant nothing.
func ParseScopes(s string) Scopes {
	out := Scopes{}
	for scope := range strings.FieldsSeq(s) {
		level, rest, ok := strings.Cut(scope, "/")
		if !ok || level != "system" && level != "user" && level != "patient" || strings.Contains(rest, "?") {
			continue
		}
		typ, letters, ok := strings.Cut(rest, ".")
		if verbs := parseVerbs(letters); ok && verbs != 0 && (typ == "*" || visibleType(typ)) {
			if level == "patient" {
				typ = "patient/" + typ
			}
			out[typ] |= verbs
		}
	}
	return out
}

func parseVerbs(s string) (v byte) {
	switch s {
	case "read":
		return verbRead | verbSearch
	case "write":
		return verbCreate | verbUpdate | verbDelete
	case "*":
		return verbCreate | verbRead | verbUpdate | verbDelete | verbSearch
	}
	const order = "cruds"
	last := -1
	for i := range len(s) {
		at := strings.IndexByte(order, s[i])
		if at <= last { // unknown, or out of order: not a scope
			return 0
		}
		v |= 1 << at
		last = at
	}
	return v
}

// Allows tells whether the caller may do what verb ("c", "r", "u", "d" or
// "s") stands for to resources of a type.
func (c Caller) Allows(typ, verb string) bool { return c.may(typ, parseVerbs(verb)) }

func (c Caller) may(typ string, verbs byte) bool {
	has := c.Scopes["*"] | c.Scopes[typ]
	if c.Patient != "" {
		has |= c.Scopes["patient/*"] | c.Scopes["patient/"+typ]
	}
	return verbs != 0 && has&verbs == verbs
}

// check refuses what the caller's scopes do not grant.
func (c Caller) check(typ string, verb byte) error {
	if c.may(typ, verb) {
		return nil
	}
	return fault.New(fault.Forbidden, "This token does not let you %s %s resources.", verbNames[verb], typ)
}
