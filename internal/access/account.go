package access

import (
	"context"
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
	Created  time.Time

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
	Created      time.Time             `json:"created"`
}

func (a Account) ref() ident.Ref { return ident.Ref{Type: accountType, ID: a.ID} }

func (a Account) write() (record.Write, error) {
	return prepare(a.ref(), accountBody{
		accountType, a.ID, a.Name, a.Role, a.Ref, a.Email, a.Charges, a.Disabled,
		a.Password, a.TOTP, a.TOTPStep, a.Recovery, a.Passkeys, a.Created,
	})
}

func readAccount(practice ident.ODS, v record.Version) (Account, error) {
	var b accountBody
	if err := json.Unmarshal(v.Body.Bytes, &b); err != nil {
		return Account{}, fault.Wrap(err, fault.Internal, "An account cannot be read.")
	}
	return Account{
		b.ID, practice, b.Name, b.Role, b.Ref, b.Email, b.Charges, b.Disabled,
		b.Password, b.TOTP, b.TOTPStep, b.Recovery, b.Passkeys, b.Created, v.ID,
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
	return nil
}

func emailForm(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= 254 && !strings.ContainsAny(s, " \t\r\n<>\",;:\\") &&
		strings.Count(s, "@") == 1 && isPrintable(s)
}

func isPrintable(s string) bool {
	for _, r := range s {
		if r < 0x21 || r == 0x7f {
			return false
		}
	}
	return true
}

// cleanEmail is an address as it is kept and compared.
func cleanEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func prepare(ref ident.Ref, body any) (record.Write, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return record.Write{}, fault.Wrap(err, fault.Internal, "An account could not be kept.")
	}
	return record.Prepare(ref, b)
}

// Config is what Accounts and Sessions need.
type Config struct {
	Store  *record.Store
	Keys   *Keys
	Origin string           // what people type: "https://care.example"; no path
	Now    func() time.Time // the wall clock; time.Now when nil
}

// Accounts keeps who can sign in, and proves that somebody is who they say.
type Accounts struct {
	c        Config
	throttle *throttle
	hashing  chan struct{} // bounds how many passwords are hashed at once
	web      *webauthn.WebAuthn
	used     *once // passkey challenges that have been answered
}

// Add makes an account that cannot sign in until it has a link, a password or
// a passkey. ID and Created are filled in when empty.
func (s *Accounts) Add(ctx context.Context, by record.Author, a Account) (Account, error) {
	p, err := s.c.Store.Practice(a.Practice)
	if err != nil {
		return Account{}, err
	}
	if a.ID == "" {
		a.ID = ident.NewID()
	}
	if a.Created.IsZero() {
		a.Created = s.c.Now().UTC()
	}
	a.Email = cleanEmail(a.Email)
	if err := a.check(); err != nil {
		return Account{}, err
	}
	return a, s.commit(ctx, p, by, "account: added", &a, record.Expect{Ref: a.ref()})
}

// commit keeps an account, and its address as its own when it is new.
func (s *Accounts) commit(ctx context.Context, p *record.Practice, by record.Author, why string, a *Account, expect ...record.Expect) error {
	w, err := a.write()
	if err != nil {
		return err
	}
	c := record.Change{Author: by, Reason: why, Expect: expect, Writes: []record.Write{w}}
	if a.version == "" && a.Email != "" {
		ref := ident.Ref{Type: emailType, ID: emailID(a.Email)}
		w, err := prepare(ref, map[string]string{"resourceType": emailType, "id": ref.ID, "account": a.ID})
		if err != nil {
			return err
		}
		c.Writes = append(c.Writes, w)
		c.Expect = append(c.Expect, record.Expect{Ref: ref})
	}
	r, err := p.Commit(ctx, c)
	switch {
	case fault.Is(err, fault.Conflict) && a.version == "":
		return fault.At(fault.Conflict, "email", "There is an account with this e-mail address already.")
	case err != nil:
		return err
	}
	if len(r.Versions) > 0 {
		a.version = r.Versions[0].ID
	}
	return nil
}

// Get reads one account.
func (s *Accounts) Get(ctx context.Context, practice ident.ODS, id string) (Account, error) {
	p, err := s.c.Store.Practice(practice)
	if err != nil {
		return Account{}, err
	}
	v, err := p.Read(ctx, ident.Ref{Type: accountType, ID: id})
	if err != nil {
		return Account{}, err
	}
	return readAccount(practice, v)
}

// List gives a practice's accounts in these roles (all when none is named).
func (s *Accounts) List(ctx context.Context, practice ident.ODS, roles ...Role) ([]Account, error) {
	p, err := s.c.Store.Practice(practice)
	if err != nil {
		return nil, err
	}
	var out []Account
	page, err := p.Find(ctx, accountType)
	if err != nil {
		return nil, err
	}
	for _, v := range page.Matches {
		a, err := readAccount(practice, v)
		if err != nil {
			return nil, err
		}
		if len(roles) == 0 || slices.Contains(roles, a.Role) {
			out = append(out, a)
		}
	}
	return out, nil
}

// change reads an account, lets fn change it and keeps it; when somebody else
// changed it meanwhile it tries again with what they left.
func (s *Accounts) change(ctx context.Context, practice ident.ODS, id string, by record.Author, why string, fn func(*Account) error) (Account, error) {
	p, err := s.c.Store.Practice(practice)
	if err != nil {
		return Account{}, err
	}
	for try := 0; ; try++ {
		a, err := s.Get(ctx, practice, id)
		if err != nil {
			return Account{}, err
		}
		if err := fn(&a); err != nil {
			return Account{}, err
		}
		err = s.commit(ctx, p, by, why, &a, record.Expect{Ref: a.ref(), Version: a.version})
		if try < 5 && fault.Is(err, fault.Conflict) {
			continue
		}
		return a, err
	}
}

// Disable stops an account from signing in, or lets it again. Its sessions end
// at their next request.
func (s *Accounts) Disable(ctx context.Context, by record.Author, practice ident.ODS, id string, disabled bool) (Account, error) {
	why := "account: enabled"
	if disabled {
		why = "account: disabled"
	}
	return s.change(ctx, practice, id, by, why, func(a *Account) error { a.Disabled = disabled; return nil })
}
