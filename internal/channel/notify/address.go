package notify

import (
	"context"
	"strings"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// AddressOf reads where to send from the recipient's own resource: the first
// telecom of the right kind that is not an old one. A Communication to more
// than one person is refused: each must have their own, so that what became of
// it can be told apart.
func AddressOf(ctx context.Context, p *record.Practice, c *fhir.Resource, m Medium) (string, error) {
	to := c.Get("recipient")
	if to.Len() != 1 {
		return "", fault.New(fault.Refused, "A message needs one recipient.")
	}
	ref, ok := ident.ParseRef(to.Get("reference").Str())
	if !ok {
		return "", fault.New(fault.Refused, "The recipient is not in this record.")
	}
	v, err := p.Read(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Gone):
		return "", fault.New(fault.Refused, "The recipient is not in this record.")
	case err != nil:
		return "", err
	}
	r, err := v.Resource()
	if err != nil {
		return "", err
	}
	if a := telecom(r, m); a != "" {
		return a, nil
	}
	if m == SMS {
		return "", fault.New(fault.Refused, "The recipient has no mobile number.")
	}
	return "", fault.New(fault.Refused, "The recipient has no e-mail address.")
}

// telecom picks a person's address: what they rank first, then in the order
// that they stand.
func telecom(r *fhir.Resource, m Medium) string {
	best, bestRank := "", "9"
	for t := range r.Get("telecom").Items() {
		value := strings.TrimSpace(t.Get("value").Str())
		if value == "" || t.Get("use").Is("old") || t.Get("period", "end").Exists() || !fits(t, value, m) {
			continue
		}
		rank := t.Get("rank").Str()
		if rank == "" || len(rank) > 1 {
			rank = "8"
		}
		if rank < bestRank {
			best, bestRank = value, rank
		}
	}
	return best
}

func fits(t fhir.Node, value string, m Medium) bool {
	if m == Email {
		return t.Get("system").Is("email")
	}
	// Ofcom: mobile numbers begin 07 (071 to 075, 077 to 079), or +44 7.
	digits := strings.NewReplacer(" ", "", "-", "", "(0)", "", "+44", "0", "0044", "0").Replace(value)
	return (t.Get("system").Is("sms") || t.Get("system").Is("phone")) && strings.HasPrefix(digits, "07")
}
