package record

import (
	"context"
	"encoding/binary"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record/index"
)

// DefaultCount is how many matches a page has when a search does not say.
const DefaultCount = 50

// maxIncluded bounds what _include adds to one page.
const maxIncluded = 5_000

// Find searches, with a query as FHIR writes it:
// "Task?status=requested&patient=Patient/1&_sort=-authored-on&_count=50".
// Unknown parameters and bad values are Invalid faults that name them. With
// _count=0 only the total is worked out.
func (p *Practice) Find(ctx context.Context, query string) (Page, error) {
	q, err := index.ParseQuery(query)
	if err != nil {
		return Page{}, err
	}
	if !q.Counted {
		q.Count = DefaultCount
	}
	if err := p.open(); err != nil {
		return Page{}, err
	}
	pos := p.Position()
	r, err := p.ix.Search(q, func(h index.Head, sort []index.Sort) (string, error) {
		return p.sortKey(ctx, q.Type, h, sort)
	})
	if err != nil {
		return Page{}, err
	}
	page := Page{Next: r.Next, Total: r.Total, Position: pos, Matches: make([]Version, 0, len(r.Matches))}
	for _, m := range r.Matches {
		v, err := p.version(ctx, m.Ref, m.Head)
		if err != nil {
			return Page{}, err
		}
		page.Matches = append(page.Matches, v)
	}
	if len(q.Includes) > 0 {
		err = p.include(ctx, q, &page)
	}
	return page, err
}

// include adds what the page's matches point at, or are pointed at by.
func (p *Practice) include(ctx context.Context, q index.Query, page *Page) error {
	have := map[ident.Ref]bool{}
	for _, m := range page.Matches {
		have[m.Ref] = true
	}
	for _, in := range q.Includes {
		for _, m := range page.Matches {
			refs, err := p.linked(ctx, in, m)
			if err != nil {
				return err
			}
			for _, v := range refs {
				if have[v.Ref] {
					continue
				}
				if len(page.Included) == maxIncluded {
					return fault.At(fault.TooLarge, "_include", "The page would include more than %d resources: ask for fewer at a time.", maxIncluded)
				}
				have[v.Ref] = true
				page.Included = append(page.Included, v)
			}
		}
	}
	return nil
}

func (p *Practice) linked(ctx context.Context, in index.Include, m Version) ([]Version, error) {
	if in.Rev {
		q := index.Query{Type: in.Type, Count: maxIncluded, Clauses: []index.Clause{{
			Param: in.Param, Terms: []index.Term{{Code: m.Ref.String()}},
		}}}
		r, err := p.ix.Search(q, nil)
		if err != nil {
			return nil, err
		}
		out := make([]Version, 0, len(r.Matches))
		for _, x := range r.Matches {
			v, err := p.version(ctx, x.Ref, x.Head)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
	if in.Type != m.Ref.Type {
		return nil, nil
	}
	res, err := fhir.ParseResource(m.Body.Bytes)
	if err != nil {
		return nil, err
	}
	var out []Version
	for _, v := range fhir.Extract(res) {
		if v.Param != in.Param {
			continue
		}
		ref, ok := ident.ParseRef(v.Code)
		if !ok || in.Target != "" && ref.Type != in.Target {
			continue
		}
		t, err := p.Read(ctx, ref)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// sortKey puts a version's sort values into a form that compares as bytes.
// A key that sorts the other way round from the first is inverted.
func (p *Practice) sortKey(ctx context.Context, typ string, h index.Head, sort []index.Sort) (string, error) {
	var values []fhir.Value
	var out []byte
	for i, s := range sort {
		from := len(out)
		if s.Param.Name == "_lastUpdated" {
			out = binary.BigEndian.AppendUint64(out, h.Time)
		} else {
			if values == nil {
				var err error
				if values, err = p.valuesOf(ctx, typ, h); err != nil {
					return "", err
				}
			}
			out = appendSort(out, values, s)
		}
		if i > 0 && s.Down != sort[0].Down {
			for j := from; j < len(out); j++ {
				out[j] = ^out[j]
			}
		}
	}
	return string(out), nil
}

// appendSort adds the least value of a parameter, or the greatest when it
// sorts downwards; a missing value comes last either way.
func appendSort(out []byte, values []fhir.Value, s index.Sort) []byte {
	best, found := "", false
	for i := range values {
		v := &values[i]
		if v.Param != s.Param {
			continue
		}
		k := index.Sortable(v, s.Down)
		if !found || (k < best) != s.Down {
			best, found = k, true
		}
	}
	mark := byte(0) // upwards, present (0) comes before missing (1)
	if found == s.Down {
		mark = 1 // downwards the order is turned round
	}
	out = append(out, mark)
	return append(append(out, best...), 0)
}
