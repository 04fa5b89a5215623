package app

import (
	"context"

	"heartwood/internal/care/escalate"
	"heartwood/internal/care/ruleset"
	"heartwood/internal/record"
	"heartwood/internal/view/worklist"
)

// risk warns the manager when many requests will run out of time.
func (a *App) risk(ctx context.Context, p *record.Practice) error {
	queue, err := a.Queue(ctx, p.ODS())
	if err != nil {
		return err
	}
	o, err := a.Outlook(ctx, p.ODS())
	if err != nil {
		return err
	}
	look, now := o.Now(), p.Now()
	var r escalate.Risk
	for _, row := range queue.View(worklist.Filter{}).Rows {
		r.Open++
		if when, ok := look.Of(row.Task.ID, now); !ok || !when.Short || row.AnswerBy.Before(now) {
			continue
		}
		if r.Short++; r.First.IsZero() || row.AnswerBy.Before(r.First) {
			r.First = row.AnswerBy
		}
	}
	return escalate.Warn(ctx, p, look.Hours, r)
}

// ownRules rings while a red-flag rule of a practice's own does not work.
func ownRules(ctx context.Context, p *record.Practice) error {
	s, err := ruleset.Load(ctx, p)
	if err != nil {
		return err
	}
	return escalate.WarnOfRules(ctx, p, s.Alarm())
}
