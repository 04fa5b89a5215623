package access

import (
	"context"
	"encoding/json"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// emailBody says whose an address is. A household may share one, and staff may
// be patients of their own practice; but no two staff accounts have the same.
type emailBody struct {
	ResourceType string   `json:"resourceType"`
	ID           string   `json:"id"`
	Accounts     []string `json:"accounts"`
}

// cleanEmail is an address as it is kept and compared.
func cleanEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

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

// maxSharing bounds how many accounts one address may have in a practice.
const maxSharing = 20

// byEmail reads whose an address is, with what must still be true when that is
// changed.
func byEmail(ctx context.Context, p *record.Practice, email string) (emailBody, record.Expect, error) {
	ref := ident.Ref{Type: emailType, ID: emailID(cleanEmail(email))}
	v, err := p.Read(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		return emailBody{ResourceType: emailType, ID: ref.ID}, record.Expect{Ref: ref}, nil
	case err != nil:
		return emailBody{}, record.Expect{}, err
	}
	var b emailBody
	if err := json.Unmarshal(v.Body.Bytes, &b); err != nil {
		return b, v.Expect(), fault.Wrap(err, fault.Internal, "An account cannot be read.")
	}
	return b, v.Expect(), nil
}

// ByEmail reads the accounts that have an address in one practice.
func (s *Accounts) ByEmail(ctx context.Context, practice ident.ODS, email string) ([]Account, error) {
	p, err := s.c.Store.Practice(practice)
	if err != nil {
		return nil, err
	}
	b, _, err := byEmail(ctx, p, email)
	if err != nil {
		return nil, err
	}
	out := make([]Account, 0, len(b.Accounts))
	for _, id := range b.Accounts {
		a, err := s.Get(ctx, practice, id)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// noteEmail makes the write that puts a new account under its address.
func (s *Accounts) noteEmail(ctx context.Context, p *record.Practice, a Account) (record.Write, record.Expect, error) {
	b, expect, err := byEmail(ctx, p, a.Email)
	if err != nil {
		return record.Write{}, expect, err
	}
	others, err := s.ByEmail(ctx, a.Practice, a.Email)
	if err != nil {
		return record.Write{}, expect, err
	}
	for _, o := range others {
		if o.Ref == a.Ref || needsTwo(o.Role) && needsTwo(a.Role) {
			return record.Write{}, expect, fault.At(fault.Conflict, "email", "There is an account with this e-mail address already.")
		}
	}
	if len(others) >= maxSharing {
		return record.Write{}, expect, fault.At(fault.Refused, "email", "Too many people use this e-mail address.")
	}
	b.Accounts = append(b.Accounts, a.ID)
	w, err := prepare(expect.Ref, b)
	return w, expect, err
}

// needsTwo tells whether a role must prove itself in two ways.
func needsTwo(r Role) bool { return r.Staff() || r == Commissioner }

// find gives the accounts, in every practice here, that have this address.
func (s *Accounts) find(ctx context.Context, email string) ([]Account, error) {
	email = cleanEmail(email)
	if !emailForm(email) {
		return nil, nil
	}
	practices, err := s.c.Store.Practices(ctx)
	if err != nil {
		return nil, err
	}
	var out []Account
	for _, practice := range practices {
		some, err := s.ByEmail(ctx, practice, email)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
