package app

import (
	"context"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/rota"
	"heartwood/internal/record"
)

// layRota keeps the diary filled for the weeks ahead.
func layRota(ctx context.Context, p *record.Practice) error {
	_, err := rota.Apply(ctx, p)
	return err
}

// fillGaps offers free slots to those on the waiting list.
func fillGaps(ctx context.Context, p *record.Practice) error { return booking.New().FillGaps(ctx, p) }

// remind sends the reminders that are due.
func remind(ctx context.Context, p *record.Practice) error { return booking.New().Remind(ctx, p) }
