// Package search goes through every match of a search, however many pages it
// has.
//
// What comes in: a query as FHIR writes it. What goes out: each version and
// its resource, in the order of the search. It must never stop early in
// silence: a list that a person relies on is whole, or it is an error.
package search

import (
	"context"
	"net/url"

	"heartwood/internal/fhir"
	"heartwood/internal/record"
)

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
