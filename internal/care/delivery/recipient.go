package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Recipient is who a message is about to go to, for whoever sends it to check.
type Recipient struct {
	Person
	Way      Medium   // the first way; "" when there is none
	Masked   string   // the address as far as it may be shown: "the number ending 001"
	Why      string   // why there is no way
	Warnings []string // what must be looked at before anything is sent
}

// Seal is the same while the check says the same: a sender gives it back, and
// what has changed meanwhile is shown before anything goes.
func (r Recipient) Seal() string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{r.Ref, r.Name, r.Born, string(r.Way), r.Masked, r.Why}, r.Warnings...), "\n")))
	return hex.EncodeToString(sum[:12])
}

// What counts as a new and as an old contact detail.
const (
	newFor   = 14 * 24 * time.Hour
	oldAfter = 2 * 365 * 24 * time.Hour
)

// Check finds who a message to a patient would reach now, and what is wrong
// with that.
func Check(ctx context.Context, p *record.Practice, patient string, can func(Medium) bool) (Recipient, error) {
	person, err := Load(ctx, p, patient)
	if err != nil {
		return Recipient{}, err
	}
	out := Recipient{Person: person}
	if s := person.Contact.Heed(); s.Any() {
		out.Warnings = append(out.Warnings, person.Contact.SafeWords()...)
	}
	for _, k := range person.Contact.Stale {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%s: nothing has arrived at %s since %s. Confirm it.", k.Medium.Label(), mask(Target{k.Medium, k.Address}), words.Date(k.Since)))
	}
	route, err := Choose(person, can, nil)
	if fault.Is(err, fault.Refused) {
		out.Why = fault.From(err).Message
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Way, out.Masked = route.Medium, mask(route.Target)
	if err := out.age(ctx, p, route.Target); err != nil {
		return out, err
	}
	return out, out.shared(ctx, p, route.Target)
}

// mask shows an address as far as it helps to know it again.
func mask(t Target) string {
	switch t.Medium {
	case SMS:
		s := Plain(t.Address)
		return "the number ending " + s[max(0, len(s)-3):]
	case Email:
		name, domain, _ := strings.Cut(t.Address, "@")
		r := []rune(name)
		return string(r[:min(1, len(r))]) + "…@" + domain
	case Letter:
		lines := strings.Split(t.Address, "\n")
		return "the home address, " + lines[len(lines)-1]
	}
	return "their NHS account"
}

// shared warns when another patient has the same address.
func (r *Recipient) shared(ctx context.Context, p *record.Practice, t Target) error {
	if t.Medium != SMS && t.Medium != Email {
		return nil
	}
	who, err := Candidates(ctx, p, t.Address)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range who {
		if c.Ref.String() != r.Ref {
			n++
		}
	}
	if n > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d other patients of this practice have this %s. Somebody else may read the message.", n, map[Medium]string{SMS: "number", Email: "email address"}[t.Medium]))
	}
	return nil
}

// age warns when an address is new, or when nobody has changed it for long.
func (r *Recipient) age(ctx context.Context, p *record.Practice, t Target) error {
	ref, _ := ident.ParseRef(r.Ref)
	all, err := p.History(ctx, ref, "", 30)
	if err != nil {
		return err
	}
	since, before := time.Time{}, false
	for _, v := range all { // the newest first
		if v.Deleted {
			break
		}
		res, err := v.Resource()
		if err != nil {
			return err
		}
		was := PersonOf(res)
		had := slices.ContainsFunc(was.addresses(t.Medium), func(a string) bool { return sameLines(a, t.Address, t.Medium) })
		if !had {
			before = true
			break
		}
		since = v.Time
	}
	switch age := p.Now().Sub(since); {
	case since.IsZero(), t.Medium == App:
	case before && age < newFor:
		r.Warnings = append(r.Warnings, "This "+addressWord[t.Medium]+" was changed on "+words.Date(since)+". Make sure that it is theirs.")
	case age > oldAfter:
		r.Warnings = append(r.Warnings, "This "+addressWord[t.Medium]+" has been the same since "+words.Date(since)+" or longer. Ask whether it still is theirs.")
	}
	return nil
}

var addressWord = map[Medium]string{SMS: "number", Email: "email address", Letter: "address"}

// sameLines compares addresses; of a letter without the name on its first
// line, which can change by itself.
func sameLines(a, b string, m Medium) bool {
	if m == Letter {
		_, a, _ = strings.Cut(a, "\n")
		_, b, _ = strings.Cut(b, "\n")
		return a == b
	}
	return SameAddress(a, b)
}
