package workflow

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// MostEntered is for how many people, whom programs register on one day without
// saying since when, workflows begin. A practice registers a few each day; who
// brings more brings people who have been here for years.
const MostEntered = 50

// tally is how many people programs have registered on a day without saying
// since when. It is kept with the place, so that reading the same entries again
// counts them once.
type tally struct {
	day    string // as 2026-11-27, in London
	number int
}

// dayOf is the day of a moment.
func dayOf(t time.Time) string { return t.In(words.London).Format(time.DateOnly) }

// entered tells whether an entry without a day of registration is somebody who
// was registered now: a new patient, whom a member of staff entered, or a
// program one by one. Of programs there is a limit each day. It is pure.
func (t *tally) entered(e *record.Entry) bool {
	switch {
	case len(e.Parents) > 0, e.Author.Role == care.RoleSystem, e.Reason == care.Imported:
		return false
	case care.IsStaff(e.Author.Role):
		return true
	case e.Author.Role != care.RoleProgram:
		return false
	}
	if day := dayOf(e.Time.Time()); day != t.day {
		t.day, t.number = day, 0
	}
	t.number++
	return t.number <= MostEntered
}

// warn rings for the manager when the limit of a day was passed, and ends what
// they have taken when that day is over.
func (t tally) warn(ctx context.Context, p *record.Practice, before tally) error {
	switch {
	case t.number <= MostEntered:
		return nil
	case t.day != dayOf(p.Now()):
		if t == before {
			return escalate.UnbegunOver(ctx, p)
		}
	case t == before:
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, t.day, words.London)
	if err != nil {
		return err
	}
	return escalate.WarnOfUnbegun(ctx, p, fmt.Sprintf(
		"On %s programs registered more than %d people without saying since when. Workflows began for the first %d alone. Begin them by hand for whoever came after.",
		words.Date(day), MostEntered, MostEntered))
}
