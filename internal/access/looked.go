package access

import (
	"context"

	"heartwood/internal/record"
)

// Sight is one thing a page is about to show.
type Sight struct {
	Patient string // "Patient/…"
	What    string // a resource type, or a page's name: "summary"
	Count   int    // how many of them; 0 is taken as 1
}

// Looked records that the person is about to see these and returns when that
// is durable: a page calls it before it shows anything, and shows nothing when
// it fails.
func Looked(ctx context.Context, practice *record.Practice, p Person, sights ...Sight) error {
	all := make([]record.Access, len(sights))
	for i, s := range sights {
		purpose := "direct care"
		switch {
		case p.ActsFor(s.Patient) && s.Patient == p.Self():
			purpose = "self access"
		case p.ActsFor(s.Patient):
			purpose = "proxy access"
		case p.Role == Manager:
			purpose = "administration"
		}
		all[i] = record.Access{
			Author: p.Author(s.Patient), Purpose: purpose, Patient: s.Patient,
			Type: s.What, Count: max(1, s.Count), Time: practice.Now(),
		}
	}
	return practice.Saw(ctx, all...)
}
