package read

import (
	"context"
	"net/url"

	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Each runs a search to its end and hands over every match, parsed.
func Each(ctx context.Context, p *record.Practice, query string, fn func(record.Version, *fhir.Resource) error) error {
	for next := ""; ; {
		q := query
		if next != "" {
			q += "&_cursor=" + url.QueryEscape(next)
		}
		page, err := p.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, v := range page.Matches {
			res, err := v.Resource()
			if err != nil {
				return err
			}
			if err := fn(v, res); err != nil {
				return err
			}
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
}

// Get reads and parses a resource; nil when there is none.
func Get(ctx context.Context, p *record.Practice, ref ident.Ref) (*fhir.Resource, record.Version, error) {
	return search.Get(ctx, p, ref)
}
