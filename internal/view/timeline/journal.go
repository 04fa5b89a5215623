package timeline

import (
	"context"
	"slices"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
)

// Part is which part of a journal is read.
type Part struct {
	From  string          // a cursor; "" for the newest
	Most  int             // items; 50 when 0
	Types []string        // resource types, none for all
	Show  func(Line) bool // what is left out is not counted either; nil shows all
}

// ReadJournal gives a page of what happened to a patient, newest first.
func ReadJournal(ctx context.Context, p *record.Practice, patient ident.Ref, part Part) (Journal, error) {
	if patient.Type != "Patient" {
		return Journal{}, fault.New(fault.NotFound, "There is no such patient.")
	}
	if _, err := p.Read(ctx, patient); err != nil {
		return Journal{}, err
	}
	var all []Item
	for _, k := range kinds {
		if len(part.Types) > 0 && !slices.Contains(part.Types, k.typ) {
			continue
		}
		err := read.Each(ctx, p, k.typ+"?patient="+patient.String()+"&_count=500", func(v record.Version, res *fhir.Resource) error {
			l, ok := lineOf(v, res)
			if l.Date.IsZero() {
				l.Date = v.Time // when it was recorded is the best that is known
			}
			if ok && (part.Show == nil || part.Show(l)) {
				all = append(all, Item{Line: l, Kind: k.called(l)})
			}
			return nil
		})
		if err != nil {
			return Journal{}, err
		}
	}
	slices.SortFunc(all, func(a, b Item) int { return newest(a.Line, b.Line) })
	return page(all, part.From, part.Most)
}

// page cuts out a page; the cursor names its first item, so that what was
// added meanwhile moves nothing.
func page(all []Item, cursor string, max int) (Journal, error) {
	from := 0
	if cursor != "" {
		from = slices.IndexFunc(all, func(i Item) bool { return i.Ref.String() == cursor })
		if from < 0 {
			return Journal{}, fault.At(fault.Invalid, "from", "The page has moved. Please begin again at the top.")
		}
	}
	if max <= 0 {
		max = 50
	}
	to := min(from+max, len(all))
	j := Journal{Items: all[from:to], Total: len(all)}
	if to < len(all) {
		j.Next = all[to].Ref.String()
	}
	return j, nil
}
