// Package search finds resources of a record: one that may not be there, and
// every match of a search, however many pages it has.
//
// What comes in: a reference, or a query as FHIR writes it. What goes out:
// each version and its resource, in the order of the search. It must never
// stop early in silence: a list that a person relies on is whole, or it is an
// error.
package search

import (
	"context"
	"net/url"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Get reads and parses a resource; nil when there is none.
func Get(ctx context.Context, p *record.Practice, ref ident.Ref) (*fhir.Resource, record.Version, error) {
	v, err := p.Read(ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil, v, nil
	}
	if err != nil {
		return nil, v, err
	}
	res, err := v.Resource()
	return res, v, err
}

// page is how many matches are read at a time.
const page = "&_count=200"

// Each calls fn with every match of a query that has at least one parameter;
// the first error ends it.
func Each(ctx context.Context, p *record.Practice, query string, fn func(record.Version, *fhir.Resource) error) error {
	for cursor := ""; ; {
		q := query + page
		if cursor != "" {
			q += "&_cursor=" + url.QueryEscape(cursor)
		}
		found, err := p.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, v := range found.Matches {
			res, err := v.Resource()
			if err == nil {
				err = fn(v, res)
			}
			if err != nil {
				return err
			}
		}
		if cursor = found.Next; cursor == "" {
			return nil
		}
	}
}
