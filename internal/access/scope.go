package access

// SMART App Launch 2.2, "Scopes and Launch Context":
// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html

import (
	"strings"

	"heartwood/internal/fault"
)

// Verb is one of the five things a scope may allow.
type Verb = byte

// The verbs of SMART v2.
const (
	Create Verb = 'c'
	Read   Verb = 'r'
	Update Verb = 'u'
	Delete Verb = 'd'
	Search Verb = 's'
)

const verbs = "cruds"

// Scope is one "system/Patient.rs".
type Scope struct {
	Level string // "system", "user" or "patient"
	Type  string // a resource type, or "*"
	Verbs string // some of "cruds", in that order
}

// String is the scope as SMART v2 writes it.
func (s Scope) String() string { return s.Level + "/" + s.Type + "." + s.Verbs }

// Scopes is what a program was given.
type Scopes []Scope

const (
	maxScopeText = 4096
	maxScopes    = 200
)

// ParseScopes reads scopes as SMART v2 writes them ("system/*.cruds",
// "patient/Observation.rs") and as v1 did (".read", ".write", ".*"). A scope
// that is not about resources (openid, launch) is refused, and so is a query
// ("?category=…"): to ignore it would give more than was meant.
func ParseScopes(s string) (Scopes, error) {
	if len(s) > maxScopeText {
		return nil, fault.At(fault.Invalid, "scope", "The scope is too long.")
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		return nil, fault.At(fault.Invalid, "scope", "There is no scope: write one such as system/*.rs.")
	}
	if len(words) > maxScopes {
		return nil, fault.At(fault.Invalid, "scope", "There are too many scopes.")
	}
	out := make(Scopes, 0, len(words))
	for _, w := range words {
		one, err := parseScope(w)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func parseScope(w string) (Scope, error) {
	level, rest, ok := strings.Cut(w, "/")
	if !ok || level != "system" && level != "user" && level != "patient" {
		return Scope{}, fault.At(fault.Invalid, "scope", "A scope begins with system/, user/ or patient/.")
	}
	typ, what, ok := strings.Cut(rest, ".")
	if !ok || typ != "*" && !typeName(typ) {
		return Scope{}, fault.At(fault.Invalid, "scope", "A scope names a resource type, or *, and then what may be done: system/Patient.rs.")
	}
	if strings.Contains(what, "?") {
		return Scope{}, fault.At(fault.Unsupported, "scope", "Scopes with a search in them are not offered yet.")
	}
	v, ok := parseVerbs(what)
	if !ok {
		return Scope{}, fault.At(fault.Invalid, "scope", "After the dot come some of c, r, u, d and s, in that order.")
	}
	return Scope{level, typ, v}, nil
}

func parseVerbs(s string) (string, bool) {
	switch s { // SMART v1
	case "read":
		return "rs", true
	case "write":
		return "cud", true
	case "*":
		return verbs, true
	case "":
		return "", false
	}
	at := 0
	for i := range len(s) {
		j := strings.IndexByte(verbs[at:], s[i])
		if j < 0 {
			return "", false
		}
		at += j + 1
	}
	return s, true
}

func typeName(s string) bool {
	if s == "" || len(s) > 64 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// Allows tells whether the scopes give this verb on this type to the program
// itself, over the whole practice. Patient scopes never do: see AllowsPatient.
func (s Scopes) Allows(typ string, verb Verb) bool {
	return s.allows(typ, verb, false)
}

// AllowsPatient tells whether the scopes give this verb on this type within
// the record of the one patient in the token.
func (s Scopes) AllowsPatient(typ string, verb Verb) bool {
	return s.allows(typ, verb, true)
}

func (s Scopes) allows(typ string, verb Verb, inPatient bool) bool {
	if typ == "" || typ[0] == '_' {
		return false // the system's own entries are nobody's
	}
	for _, one := range s {
		if one.Level == "patient" && !inPatient {
			continue
		}
		if (one.Type == "*" || one.Type == typ) && strings.IndexByte(one.Verbs, verb) >= 0 {
			return true
		}
	}
	return false
}

// NeedPatient tells whether any of the scopes is about one patient.
func (s Scopes) NeedPatient() bool {
	for _, one := range s {
		if one.Level == "patient" {
			return true
		}
	}
	return false
}

// String is the scopes as SMART v2 writes them.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i, one := range s {
		words[i] = one.String()
	}
	return strings.Join(words, " ")
}
