package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// How long a link works.
const (
	SignInLinkFor = 15 * time.Minute
	InviteFor     = 72 * time.Hour
)

// What a link is for.
const (
	forSignIn = "sign-in"
	forInvite = "invite"
)

type linkBody struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Account      string    `json:"account"`
	For          string    `json:"for"`
	Expires      time.Time `json:"expires"`
}

var errLink = fault.New(fault.Unauthenticated, "This link has been used or has expired. Ask for a new one.")

// secret makes an unguessable value that says which practice it belongs to,
// and the id it is kept under: a hash, from which it cannot be made again.
func secret(practice ident.ODS) (value, id string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	value = string(practice) + "." + base64.RawURLEncoding.EncodeToString(b[:])
	return value, secretID(value)
}

func secretID(value string) string {
	h := sha256.Sum256([]byte(value))
	return hex.EncodeToString(h[:])
}

// secretOf reads what secret made.
func secretOf(value string) (practice ident.ODS, id string, ok bool) {
	code, rest, found := strings.Cut(value, ".")
	practice, err := ident.ParseODS(code)
	if !found || err != nil || string(practice) != code || len(rest) != 43 {
		return "", "", false
	}
	return practice, secretID(value), true
}

func emailID(email string) string { return secretID("email:" + email) }

// newLink keeps a link for an account and returns what it carries.
func (s *Accounts) newLink(ctx context.Context, by record.Author, a Account, purpose string, lasts time.Duration) (string, error) {
	p, err := s.c.Store.Practice(a.Practice)
	if err != nil {
		return "", err
	}
	value, id := secret(a.Practice)
	ref := ident.Ref{Type: linkType, ID: id}
	w, err := prepare(ref, linkBody{linkType, id, a.ID, purpose, s.c.Now().Add(lasts).UTC()})
	if err != nil {
		return "", err
	}
	_, err = p.Commit(ctx, record.Change{
		Author: by, Reason: "account: link for " + purpose,
		Expect: []record.Expect{{Ref: ref}}, Writes: []record.Write{w},
	})
	return value, err
}

// link reads a link that has not been used and has not expired, and the
// account it is for.
func (s *Accounts) link(ctx context.Context, value, purpose string) (*record.Practice, record.Version, Account, error) {
	fail := func(err error) (*record.Practice, record.Version, Account, error) {
		if err == nil || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			err = errLink
		}
		return nil, record.Version{}, Account{}, err
	}
	practice, id, ok := secretOf(value)
	if !ok {
		return fail(nil)
	}
	p, err := s.known(ctx, practice)
	if err != nil {
		return fail(err)
	}
	v, err := p.Read(ctx, ident.Ref{Type: linkType, ID: id})
	if err != nil {
		return fail(err)
	}
	var b linkBody
	if err := json.Unmarshal(v.Body.Bytes, &b); err != nil {
		return fail(fault.Wrap(err, fault.Internal, "This link cannot be read."))
	}
	if b.For != purpose || !s.c.Now().Before(b.Expires) {
		return fail(nil)
	}
	a, err := s.Get(ctx, practice, b.Account)
	if err != nil {
		return fail(err)
	}
	if a.Disabled {
		return fail(nil)
	}
	return p, v, a, nil
}

// useLink deletes a link, with other writes in the same change. Of two who use
// it at once, one gets errLink.
func useLink(ctx context.Context, p *record.Practice, v record.Version, by record.Author, why string, expect []record.Expect, also ...record.Write) error {
	_, err := p.Commit(ctx, record.Change{
		Author: by, Reason: why, Expect: append(expect, v.Expect()),
		Writes: append([]record.Write{record.Remove(v.Ref)}, also...),
	})
	if fault.Is(err, fault.Conflict) {
		return errLink
	}
	return err
}

// known opens a practice that has a record, and no other: what a stranger
// types must not make one. Those found are remembered, for this is asked with
// every page.
func (s *Accounts) known(ctx context.Context, practice ident.ODS) (*record.Practice, error) {
	if _, ok := s.practices.Load(practice); !ok {
		all, err := s.c.Store.Practices(ctx)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, practice) {
			return nil, fault.New(fault.NotFound, "There is no such practice here.")
		}
		s.practices.Store(practice, true)
	}
	return s.c.Store.Practice(practice)
}
