package hidden

import (
	"context"

	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Set is what may not be seen online of one patient: the entries that are
// hidden, and what belongs to them.
type Set map[ident.Ref]bool

// Has tells whether an entry may not be seen online.
func (s Set) Has(item ident.Ref) bool { return s[item] }

// belongs are the searches for what goes with an entry: with a request its
// messages and photos, with a consultation all that was recorded in it.
var belongs = map[string][]string{
	"Task": {"Communication?based-on=", "DocumentReference?related=", "Appointment?based-on="},
	"Encounter": {
		"Composition?encounter=", "Condition?encounter=", "Observation?encounter=", "MedicationRequest?encounter=",
		"DocumentReference?encounter=", "DiagnosticReport?encounter=", "Procedure?encounter=", "ServiceRequest?encounter=",
		"Communication?encounter=",
	},
}

// Of gives the set of a patient. An error is an error: who cannot read what is
// hidden shows nothing.
func Of(ctx context.Context, p *record.Practice, patient ident.Ref) (Set, error) {
	marks, err := List(ctx, p, patient)
	if err != nil {
		return nil, err
	}
	s := Set{}
	for _, m := range marks {
		if err := s.add(ctx, p, m.Item); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s Set) add(ctx context.Context, p *record.Practice, item ident.Ref) error {
	if s[item] {
		return nil
	}
	s[item] = true
	if item.Type == "Composition" {
		// A note is the consultation it was written in.
		res, _, err := search.Get(ctx, p, item)
		if err != nil || res == nil {
			return err
		}
		if e, ok := ident.ParseRef(res.Get("encounter", "reference").Str()); ok {
			return s.add(ctx, p, e)
		}
	}
	for _, q := range belongs[item.Type] {
		err := search.Each(ctx, p, q+item.String(), func(v record.Version, _ *fhir.Resource) error {
			s[v.Ref] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
