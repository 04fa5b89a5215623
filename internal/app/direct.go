package app

import (
	"context"
	"errors"

	"heartwood/internal/care"
	"heartwood/internal/care/direct"
	"heartwood/internal/care/task"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// lookAgain gives staff a job for each patient whose messages are switched off
// and whose day to look again has come. They stay off until somebody decides.
func (a *App) lookAgain(ctx context.Context, p *record.Practice) error {
	due, err := direct.Due(ctx, p, p.Now())
	errs := []error{err}
	for _, m := range due {
		_, err := task.NewService(a.Store).Create(ctx, p.ODS(), record.System, task.New{
			What:  "This patient’s messages have been switched off since " + words.Date(m.Since) + ". Look whether that is still right: under How to reach them.",
			Owner: care.Triage, Name: care.TriageName, Patient: m.Patient,
		}, "direct-look:"+m.Patient+":"+m.Version)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
