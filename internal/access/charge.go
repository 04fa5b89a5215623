package access

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// maxCharges bounds how many others one person may act for: more is a mistake
// or a care home, which needs an agreement of another kind.
const maxCharges = 20

// GiveCharge lets an account's owner act for another patient, at once. What
// was given for the same patient before is replaced.
func (s *Accounts) GiveCharge(ctx context.Context, by record.Author, practice ident.ODS, id string, c Charge) (Account, error) {
	now := s.c.Now().UTC()
	c.Relationship, c.Given = strings.TrimSpace(c.Relationship), strings.TrimSpace(c.Given)
	c.By, c.Since = by.Ref, now
	if err := c.check(now); err != nil {
		return Account{}, err
	}
	return s.change(ctx, practice, id, by, "account: may act for a patient: "+c.Given, func(a *Account) error {
		a.Charges = append(without(a.Charges, c.Patient), c)
		return a.check()
	})
}

// LimitCharge has it end at a moment that an account's owner may act for a
// patient, where it would go on longer; nothing else of it changes. It never
// lets it go on longer than it does. changed is false where there was nothing
// to do.
func (s *Accounts) LimitCharge(ctx context.Context, by record.Author, practice ident.ODS, id, patient string, until time.Time) (changed bool, err error) {
	a, err := s.Get(ctx, practice, id)
	if err != nil || !slices.ContainsFunc(a.Charges, func(c Charge) bool { return c.Patient == patient && c.beyond(until) }) {
		return false, err
	}
	_, err = s.change(ctx, practice, id, by, "account: may act for a patient until their birthday", func(a *Account) error {
		a.Charges = slices.Clone(a.Charges)
		for i, c := range a.Charges {
			if c.Patient == patient && c.beyond(until) {
				a.Charges[i].Until = until.UTC()
			}
		}
		return nil
	})
	return err == nil, err
}

// beyond tells whether a charge goes on after a moment.
func (c Charge) beyond(t time.Time) bool { return c.Until.IsZero() || c.Until.After(t) }

// TakeCharge ends that an account's owner may act for a patient, at once.
func (s *Accounts) TakeCharge(ctx context.Context, by record.Author, practice ident.ODS, id, patient string) (Account, error) {
	return s.change(ctx, practice, id, by, "account: may no longer act for a patient", func(a *Account) error {
		left := without(a.Charges, patient)
		if len(left) == len(a.Charges) {
			return fault.New(fault.NotFound, "They do not act for this patient.")
		}
		a.Charges = left
		return nil
	})
}

func without(charges []Charge, patient string) []Charge {
	return slices.DeleteFunc(slices.Clone(charges), func(c Charge) bool { return c.Patient == patient })
}

func (c Charge) check(now time.Time) error {
	switch {
	case c.Relationship == "" || utf8.RuneCountInString(c.Relationship) > 100:
		return fault.At(fault.Invalid, "relationship", "Say who they are to the patient, in a few words.")
	case c.Given == "" || utf8.RuneCountInString(c.Given) > 500:
		return fault.At(fault.Invalid, "given", "Say why they may act for the patient.")
	case slices.ContainsFunc(c.Scope, func(p Part) bool { return !slices.Contains(Parts(), p) }):
		return fault.At(fault.Invalid, "scope", "Choose what they may do.")
	case !c.Until.IsZero() && !c.Until.After(now):
		return fault.At(fault.Invalid, "until", "The last day must be today or later.")
	}
	return nil
}

// Acts tells whether an account's owner may act for a patient now, as
// themselves or as a proxy.
func (a Account) Acts(patient string, now time.Time) bool {
	return !a.Disabled && slices.Contains(a.Person("", now).Patients, patient)
}

// For gives the accounts that are a patient's own, or that have been given
// charge of them, stopped ones included.
func (s *Accounts) For(ctx context.Context, practice ident.ODS, patient string) ([]Account, error) {
	all, err := s.List(ctx, practice, Patient, Proxy)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a Account) bool {
		return a.Ref != patient && !slices.ContainsFunc(a.Charges, func(c Charge) bool { return c.Patient == patient })
	}), nil
}

// Welcome makes the e-mail for somebody who has been given access: a link that
// signs them in, and how to get another.
func (s *Accounts) Welcome(ctx context.Context, by record.Author, a Account) (Letter, error) {
	if a.Email == "" || a.Disabled || needsTwo(a.Role) {
		return Letter{}, fault.New(fault.Refused, "There is nobody to send a link to.")
	}
	value, err := s.newLink(ctx, by, a, forSignIn, SignInLinkFor)
	if err != nil {
		return Letter{}, err
	}
	return Letter{
		Key: secretID(value)[:32], To: a.Email, Subject: "You can now use your GP practice online",
		Text: "Your GP practice has set up online access for you. Open this link to sign in:\n\n" + s.c.Origin + "/sign-in/link/" + value +
			"\n\nIt works once, for 15 minutes. To sign in later, go to " + s.c.Origin + "/sign-in" +
			" and enter this e-mail address: we will send you a new link.\n\nIf you did not ask for this, tell your practice.\n",
	}, nil
}

func newRelatedPerson(a *Account) (record.Write, error) {
	ref := ident.Ref{Type: "RelatedPerson", ID: ident.NewID()}
	a.Ref = ref.String()
	return prepare(ref, map[string]any{
		"resourceType": ref.Type, "id": ref.ID, "active": true,
		"patient":      map[string]string{"reference": a.Charges[0].Patient},
		"relationship": []any{map[string]string{"text": a.Charges[0].Relationship}},
		"name":         []any{map[string]string{"text": a.Name}},
	})
}
