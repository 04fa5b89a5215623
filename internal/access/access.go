// Package access knows who is asking and what they may do.
//
// What comes in: passwords, codes, passkeys, links, session cookies and bearer
// tokens. What goes out: a Person (or a program's Claims), and a yes or a
// plain refusal to each Action. Accounts and sessions are entries in the
// practice's own log whose types begin with an underscore, so they are as
// durable and as tamper-evident as the record and are never seen by the FHIR
// doors. It must never keep a password, a cookie, a link or a recovery code in
// a form that could be used again, never say whether an address is known, and
// never let a person of one practice act in another.
package access

import (
	"context"
	"slices"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Role is what a person is to the practice. It decides what they may do.
type Role string

// The roles.
const (
	Patient      Role = "patient"      // asks for themselves, and for those they are proxy of
	Proxy        Role = "proxy"        // asks only for others: a parent, a carer
	Navigator    Role = "navigator"    // works the queue
	Clinician    Role = "clinician"    // works the queue and consults
	Manager      Role = "manager"      // runs the practice
	Commissioner Role = "commissioner" // sees numbers across practices, and no patient
)

// Roles lists every role.
func Roles() []Role {
	return []Role{Patient, Proxy, Navigator, Clinician, Manager, Commissioner}
}

// Staff tells whether the role is one of the practice's staff.
func (r Role) Staff() bool { return r == Navigator || r == Clinician || r == Manager }

// Known tells whether r is one of the roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Charge is a patient that somebody else may act for.
type Charge struct {
	Patient      string    `json:"patient"`         // "Patient/…"
	Relationship string    `json:"relationship"`    // in words: "mother"
	Until        time.Time `json:"until,omitzero"`  // zero: until it is withdrawn
	Given        string    `json:"given,omitempty"` // on what ground, in words: "parental responsibility"
	By           string    `json:"by,omitempty"`    // who gave it: "Practitioner/…"
	Since        time.Time `json:"since,omitzero"`  // when it was given
	Scope        []Part    `json:"scope,omitempty"` // what they may do; none listed: everything
}

// Person is somebody who has signed in.
type Person struct {
	AccountID string
	Name      string
	Role      Role
	Practice  ident.ODS
	Ref       string   // "Practitioner/…", "Patient/…" or "RelatedPerson/…"
	Patients  []string // who they may act for today: themselves first
	Charges   []Charge // those of Patients who are somebody else
	Method    string   // how they signed in: "passkey", "password", "link", "demo"
	Session   string   // the session's id (not its cookie)
}

// Self is the person's own "Patient/…", "" when they are not a patient.
func (p Person) Self() string {
	if len(p.Patients) > 0 && p.Patients[0] == p.Ref {
		return p.Ref
	}
	return ""
}

// ActsFor tells whether the person may act for this patient ("Patient/…").
func (p Person) ActsFor(patient string) bool {
	return patient != "" && slices.Contains(p.Patients, patient)
}

// Relationship is what the person is to a patient they are proxy for, "" for
// themselves and for everyone else.
func (p Person) Relationship(patient string) string {
	for _, c := range p.Charges {
		if c.Patient == patient {
			return c.Relationship
		}
	}
	return ""
}

// Author is the person as the record knows them, acting for a patient ("" for
// nobody in particular). A patient who acts for somebody else is a proxy.
func (p Person) Author(forPatient string) record.Author {
	a := record.Author{Ref: p.Ref, Role: string(p.Role)}
	if forPatient != p.Ref {
		a.For = forPatient
		if p.Role == Patient && forPatient != "" {
			a.Role = string(Proxy)
		}
	}
	return a
}

type personKey struct{}

// With puts the person into the request's context.
func With(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey{}, p)
}

// From takes the person out of the context; ok is false when nobody has
// signed in.
func From(ctx context.Context) (p Person, ok bool) {
	p, ok = ctx.Value(personKey{}).(Person)
	return p, ok
}
