package access

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// The system's own types in a practice's log.
const (
	accountType = "_Account"
	emailType   = "_AccountEmail" // id: hash of an address; says whose it is, and keeps it unique
	sessionType = "_Session"      // id: hash of the cookie
	linkType    = "_Link"         // id: hash of what the link carries; deleted when used
)

// Account is somebody who can sign in to a practice.
type Account struct {
	ID       string
	Practice ident.ODS
	Name     string
	Role     Role
	Ref      string   // "Practitioner/…", "Patient/…" or "RelatedPerson/…"
	Email    string   // lower case
	Charges  []Charge // patients they are proxy for
	Disabled bool
	Password string   // argon2id, in PHC form; "" when they have none
	TOTP     string   // sealed secret; "" when they have none
	TOTPStep int64    // the last time step whose code was used
	Recovery []string // hashes of the recovery codes not yet used
	Passkeys []webauthn.Credential
	About    string // in a demonstration: what makes this person worth being
	Created  time.Time
	Since    time.Time // sessions begun before are over
	Checked  string    // how a patient's identity was checked, in words
	By       string    // who gave a patient the account: "Practitioner/…"

	version string
}

// accountBody is an account as it is kept.
type accountBody struct {
	ResourceType string                `json:"resourceType"`
	ID           string                `json:"id"`
	Name         string                `json:"name"`
	Role         Role                  `json:"role"`
	Ref          string                `json:"ref"`
	Email        string                `json:"email,omitempty"`
	Charges      []Charge              `json:"charges,omitempty"`
	Disabled     bool                  `json:"disabled,omitempty"`
	Password     string                `json:"password,omitempty"`
	TOTP         string                `json:"totp,omitempty"`
	TOTPStep     int64                 `json:"totpStep,omitempty"`
	Recovery     []string              `json:"recovery,omitempty"`
	Passkeys     []webauthn.Credential `json:"passkeys,omitempty"`
	About        string                `json:"about,omitempty"`
	Created      time.Time             `json:"created"`
	Since        time.Time             `json:"since,omitzero"`
	Checked      string                `json:"checked,omitempty"`
	By           string                `json:"by,omitempty"`
}

func (a Account) expect() record.Expect { return record.Expect{Ref: a.ref(), Version: a.version} }

func (a Account) ref() ident.Ref { return ident.Ref{Type: accountType, ID: a.ID} }

func (a Account) write() (record.Write, error) {
	return prepare(a.ref(), accountBody{
		accountType, a.ID, a.Name, a.Role, a.Ref, a.Email, a.Charges, a.Disabled,
		a.Password, a.TOTP, a.TOTPStep, a.Recovery, a.Passkeys, a.About, a.Created, a.Since,
		a.Checked, a.By,
	})
}

func readAccount(practice ident.ODS, v record.Version) (Account, error) {
	var b accountBody
	if err := json.Unmarshal(v.Body.Bytes, &b); err != nil {
		return Account{}, fault.Wrap(err, fault.Internal, "An account cannot be read.")
	}
	return Account{
		b.ID, practice, b.Name, b.Role, b.Ref, b.Email, b.Charges, b.Disabled,
		b.Password, b.TOTP, b.TOTPStep, b.Recovery, b.Passkeys, b.About, b.Created, b.Since,
		b.Checked, b.By, v.ID,
	}, nil
}

// Person is the account's owner, as somebody who has signed in by this method.
func (a Account) Person(method string, now time.Time) Person {
	p := Person{
		AccountID: a.ID, Name: a.Name, Role: a.Role, Practice: a.Practice,
		Ref: a.Ref, Method: method,
	}
	if a.Role == Patient {
		p.Patients = append(p.Patients, a.Ref)
	}
	for _, c := range a.Charges {
		if c.Until.IsZero() || now.Before(c.Until) {
			p.Patients = append(p.Patients, c.Patient)
			p.Charges = append(p.Charges, c)
		}
	}
	return p
}

// refTypes says what each role's Ref must point at.
var refTypes = map[Role][]string{
	Patient: {"Patient"}, Proxy: {"RelatedPerson"},
	Navigator: {"Practitioner"}, Clinician: {"Practitioner"}, Manager: {"Practitioner"},
	Commissioner: {"Practitioner"},
}

func (a Account) check() error {
	ref, ok := ident.ParseRef(a.Ref)
	switch {
	case strings.TrimSpace(a.Name) == "" || len(a.Name) > 200:
		return fault.At(fault.Invalid, "name", "Enter a name of at most 200 characters.")
	case !a.Role.Known():
		return fault.At(fault.Invalid, "role", "Choose a role.")
	case !ok || ref.String() != a.Ref || !slices.Contains(refTypes[a.Role], ref.Type):
		return fault.At(fault.Invalid, "ref", "A %s's account belongs to a %s.", a.Role, refTypes[a.Role][0])
	case a.Email != "" && !emailForm(a.Email):
		return fault.At(fault.Invalid, "email", "Enter an e-mail address like name@example.com.")
	}
	for _, c := range a.Charges {
		if r, ok := ident.ParseRef(c.Patient); !ok || r.Type != "Patient" || r.String() != c.Patient || c.Patient == a.Ref {
			return fault.At(fault.Invalid, "charges", "A proxy acts for another patient.")
		}
	}
	if len(a.Charges) > maxCharges {
		return fault.At(fault.Refused, "charges", "One person can act for at most %d others.", maxCharges)
	}
	return nil
}

func prepare(ref ident.Ref, body any) (record.Write, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return record.Write{}, fault.Wrap(err, fault.Internal, "An account could not be kept.")
	}
	return record.Prepare(ref, b)
}
