package access

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	tidyEvery = time.Hour
	tidyBatch = 200
)

// Run takes sessions and links that have expired off the list of what is
// current, every hour until the context ends. Their history stays in the log.
// Several processes may run it at once.
func (s *Sessions) Run(ctx context.Context) error {
	for {
		if all, err := s.c.Store.Practices(ctx); err == nil {
			for _, practice := range all {
				_ = s.Tidy(ctx, practice) // what is left is found again in an hour
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tidyEvery):
		}
	}
}

// Tidy does what Run does for one practice, once.
func (s *Sessions) Tidy(ctx context.Context, practice ident.ODS) error {
	p, err := s.accounts.known(ctx, practice)
	if err != nil {
		return err
	}
	for _, typ := range []string{sessionType, linkType} {
		old, err := s.expired(ctx, p, typ)
		if err != nil {
			return err
		}
		for len(old) > 0 {
			n := min(len(old), tidyBatch)
			c := record.Change{Author: record.System, Reason: "expired"}
			for _, v := range old[:n] {
				c.Expect = append(c.Expect, v.Expect())
				c.Writes = append(c.Writes, record.Remove(v.Ref))
			}
			if _, err := p.Commit(ctx, c); err != nil && !fault.Is(err, fault.Conflict) {
				return err // at a conflict somebody else is tidying
			}
			old = old[n:]
		}
	}
	return nil
}

func (s *Sessions) expired(ctx context.Context, p *record.Practice, typ string) ([]record.Version, error) {
	var old []record.Version
	now := s.c.Now()
	for cursor := ""; ; {
		page, err := p.Find(ctx, typ+"?_count=500&_cursor="+url.QueryEscape(cursor))
		if err != nil {
			return nil, err
		}
		for _, v := range page.Matches {
			var b struct{ Expires time.Time }
			if err := json.Unmarshal(v.Body.Bytes, &b); err == nil && !now.Before(b.Expires) {
				old = append(old, v)
			}
		}
		if cursor = page.Next; cursor == "" {
			return old, nil
		}
	}
}
