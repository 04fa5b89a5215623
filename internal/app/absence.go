package app

import (
	"context"

	"heartwood/internal/care/request"
	"heartwood/internal/care/rota"
	"heartwood/internal/record"
)

// handBack gives what is with people who are away, or on leave by the rota,
// back to their teams.
func handBack(ctx context.Context, p *record.Practice) error {
	s, err := rota.Load(ctx, p)
	if err != nil {
		return err
	}
	return request.HandBackAbsent(ctx, p, s.Absences())
}
