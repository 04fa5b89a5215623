package rest

import (
	"heartwood/internal/access"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// Caller is who is asking and what they may do.
type Caller struct {
	Author record.Author
	Scopes access.Scopes
	// Patient limits the caller to one patient's compartment: "Patient/…".
	// What was granted for one patient only counts for nothing without it.
	Patient string
}

var verbNames = map[access.Verb]string{
	access.Create: "create", access.Read: "read", access.Update: "update", access.Delete: "delete", access.Search: "search",
}

// Allows tells whether the caller may do this to resources of a type.
func (c Caller) Allows(typ string, verb access.Verb) bool {
	if c.Patient != "" {
		return c.Scopes.AllowsPatient(typ, verb)
	}
	return c.Scopes.Allows(typ, verb)
}

// check refuses what the caller's scopes do not grant.
func (c Caller) check(typ string, verb access.Verb) error {
	if c.Allows(typ, verb) {
		return nil
	}
	return fault.New(fault.Forbidden, "This token does not let you %s %s resources.", verbNames[verb], typ)
}
