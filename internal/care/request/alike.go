package request

import (
	"context"
	"strings"

	"heartwood/internal/care/search"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// alike refuses to match what somebody sent without being signed in to a
// patient of another date of birth or NHS number than they gave, unless a
// person says how they know that it is them: two people of one name are easily
// taken for each other.
func alike(ctx context.Context, p *record.Practice, r View, m Match) error {
	if clean(m.Reason) != "" {
		return nil
	}
	if err := written(ctx, p, &r); err != nil || r.Claimed == nil {
		return err
	}
	res, _, err := search.Get(ctx, p, refTo(m.Patient))
	if err != nil || res == nil {
		return err // that there is no such patient is said elsewhere
	}
	if b := res.Get("birthDate").Str(); r.Claimed.Birth != "" && b != "" && b != r.Claimed.Birth {
		return fault.At(fault.Invalid, "reason", "They gave another date of birth than this patient has. If it is them all the same, say how you know.")
	}
	said, err := ident.ParseNHSNumber(r.Claimed.NHSNumber)
	if err != nil {
		return nil // they gave none
	}
	for x := range res.Get("identifier").Items() {
		if strings.HasSuffix(x.Get("system").Str(), "nhs-number") && x.Get("value").Str() != said.String() {
			return fault.At(fault.Invalid, "reason", "They gave another NHS number than this patient has. If it is them all the same, say how you know.")
		}
	}
	return nil
}
