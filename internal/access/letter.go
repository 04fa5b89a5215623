package access

import (
	"context"
	"net/url"

	"heartwood/internal/record"
)

// Letter is an e-mail for this package's owner to have sent.
type Letter struct {
	Key, To, Subject, Text string
}

// Letters makes the e-mails with a sign-in link for an address, one for each
// account that has it, none when nobody has. The page that asks says the same
// either way, and does not wait for this. next is a path to go to afterwards.
func (s *Accounts) Letters(ctx context.Context, email, next string) ([]Letter, error) {
	accounts, err := s.find(ctx, email)
	if err != nil {
		return nil, err
	}
	var out []Letter
	for _, a := range accounts {
		if a.Disabled || needsTwo(a.Role) {
			continue // staff need two factors
		}
		value, err := s.newLink(ctx, record.System, a, forSignIn, SignInLinkFor)
		if err != nil {
			return nil, err
		}
		link := s.c.Origin + "/sign-in/link/" + value
		if next != "" && next != "/" {
			link += "?next=" + url.QueryEscape(next)
		}
		out = append(out, Letter{
			Key: secretID(value)[:32], To: a.Email, Subject: "Your link to sign in",
			Text: "Open this link to sign in to your GP practice online, as " + a.Name + ":\n\n" + link +
				"\n\nIt works once, for 15 minutes.\n\nIf you did not ask for it, you can ignore this e-mail. Nobody can sign in without the link.\n",
		})
	}
	return out, nil
}

// AskForLink counts a request for a link, so that nobody can be sent many.
func (s *Accounts) AskForLink(email, address string) error {
	if err := s.byAddress.take(Network(address)); err != nil {
		return err
	}
	return s.byLink.take("link " + emailID(cleanEmail(email)))
}

// OpenLink tells whether a sign-in link works, without using it up: programs
// that look for viruses open links too.
func (s *Accounts) OpenLink(ctx context.Context, value string) (Account, error) {
	_, _, a, err := s.link(ctx, value, forSignIn)
	return a, err
}

// UseLink signs in by a link, once.
func (s *Accounts) UseLink(ctx context.Context, value string) (Account, error) {
	p, v, a, err := s.link(ctx, value, forSignIn)
	if err != nil {
		return Account{}, err
	}
	by := record.Author{Ref: a.Ref, Role: string(a.Role)}
	return a, useLink(ctx, p, v, by, "account: link used", nil)
}
