package access

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Config is what Accounts and Sessions need.
type Config struct {
	Store  *record.Store
	Keys   *Keys
	Origin string           // what people type: "https://care.example"; no path
	Now    func() time.Time // the wall clock; time.Now when nil
}

// Accounts keeps who can sign in, and proves that somebody is who they say.
type Accounts struct {
	c         Config
	byAccount *throttle // an account, from one network address
	anywhere  *throttle // an account, from all of them together
	byAddress *throttle
	byLink    *throttle
	hashing   chan struct{}      // bounds how many passwords are hashed at once
	web       *webauthn.WebAuthn // nil when the origin cannot have passkeys
	answered  *once              // passkey challenges that have been answered
	practices sync.Map           // the practices that are known to have a record
}

// Keys are those of the installation.
func (s *Accounts) Keys() *Keys { return s.c.Keys }

// NewAccounts keeps accounts in the practices of a store.
func NewAccounts(c Config) (*Accounts, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	web, err := relyingParty(c.Origin)
	if err != nil {
		return nil, err
	}
	return &Accounts{
		c:         c,
		byAccount: newThrottle(5, 5*time.Second, 15*time.Minute, c.Now),
		// A stranger who guesses must not keep the owner out: it takes many
		// addresses to slow an account for everybody, and then not for long.
		anywhere: newThrottle(100, time.Second, time.Minute, c.Now),
		// Many people may share an address: a surgery, a mobile network.
		byAddress: newThrottle(100, time.Second, time.Minute, c.Now),
		byLink:    newThrottle(3, time.Minute, 15*time.Minute, c.Now),
		hashing:   make(chan struct{}, 2),
		web:       web,
		answered:  &once{now: c.Now, till: map[string]time.Time{}},
	}, nil
}

// Add makes an account that cannot sign in until it has a link, a password or
// a passkey. ID and Created are filled in when empty; so is the Ref of a member
// of staff or of a proxy, with a new Practitioner or RelatedPerson made in the
// same change.
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
	var also []record.Write
	if a.Ref == "" && (a.Role.Staff() || a.Role == Commissioner) {
		w, err := newPractitioner(&a)
		if err != nil {
			return Account{}, err
		}
		also = append(also, w)
	}
	if a.Ref == "" && a.Role == Proxy && len(a.Charges) > 0 {
		w, err := newRelatedPerson(&a)
		if err != nil {
			return Account{}, err
		}
		also = append(also, w)
	}
	if err := a.check(); err != nil {
		return Account{}, err
	}
	for try := 0; ; try++ {
		err := s.commit(ctx, p, by, "account: added", &a, also, record.Expect{Ref: a.ref()})
		if try < 5 && fault.Is(err, fault.Conflict) && fault.From(err).Where != "email" {
			continue // somebody else of the same address was added meanwhile
		}
		return a, err
	}
}

func newPractitioner(a *Account) (record.Write, error) {
	ref := ident.Ref{Type: "Practitioner", ID: ident.NewID()}
	a.Ref = ref.String()
	o := map[string]any{
		"resourceType": ref.Type, "id": ref.ID, "active": true,
		"name": []any{map[string]string{"text": a.Name}},
	}
	if a.Email != "" { // where alarms are sent
		o["telecom"] = []any{map[string]string{"system": "email", "value": a.Email, "use": "work"}}
	}
	return prepare(ref, o)
}

// commit keeps an account, and notes it under its address when it is new.
func (s *Accounts) commit(ctx context.Context, p *record.Practice, by record.Author, why string, a *Account, also []record.Write, expect ...record.Expect) error {
	w, err := a.write()
	if err != nil {
		return err
	}
	c := record.Change{Author: by, Reason: why, Expect: expect, Writes: append([]record.Write{w}, also...)}
	if a.version == "" && a.Email != "" {
		w, e, err := s.noteEmail(ctx, p, *a)
		if err != nil {
			return err
		}
		c.Writes, c.Expect = append(c.Writes, w), append(c.Expect, e)
	}
	r, err := p.Commit(ctx, c)
	if err != nil {
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
	for next := ""; ; {
		page, err := p.Find(ctx, accountType+"?_count=500&_cursor="+url.QueryEscape(next))
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
		if next = page.Next; next == "" {
			return out, nil
		}
	}
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
		err = s.commit(ctx, p, by, why, &a, nil, a.expect())
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
	return s.change(ctx, practice, id, by, why, func(a *Account) error {
		a.Disabled, a.Since = disabled, s.c.Now().UTC()
		return nil
	})
}

// SetRole changes what somebody is to the practice. They must sign in again.
func (s *Accounts) SetRole(ctx context.Context, by record.Author, practice ident.ODS, id string, role Role) (Account, error) {
	return s.change(ctx, practice, id, by, "account: role changed to "+string(role), func(a *Account) error {
		a.Role, a.Since = role, s.c.Now().UTC()
		return a.check()
	})
}

// Invite makes a one-time link with which an account's owner sets a password
// and a code, or a passkey. What they had before goes on working until they do.
func (s *Accounts) Invite(ctx context.Context, by record.Author, practice ident.ODS, id string) (link string, err error) {
	a, err := s.Get(ctx, practice, id)
	if err != nil {
		return "", err
	}
	value, err := s.newLink(ctx, by, a, forInvite, InviteFor)
	if err != nil {
		return "", err
	}
	return s.c.Origin + "/sign-in/invite/" + value, nil
}

// SignOutEverywhere ends every session of an account.
func (s *Accounts) SignOutEverywhere(ctx context.Context, by record.Author, practice ident.ODS, id string) error {
	_, err := s.change(ctx, practice, id, by, "account: signed out everywhere", func(a *Account) error {
		a.Since = s.c.Now().UTC()
		return nil
	})
	return err
}
