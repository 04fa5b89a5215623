// Package fair looks once a week whether some people fare worse than others
// when they ask the practice for help.
//
// What comes in: the practice's figures of the last four whole weeks. What goes
// out: a MeasureReport that says what was looked at and found, and a job for
// the manager for each group that fares worse, beyond chance. It must never
// name a person, and never decide what is to be done about it.
package fair

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/task"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

// Look is one week's look.
type Look struct {
	Span   measure.Span
	Tests  int
	Drifts []measure.Drift
}

// Owner is who is given the jobs.
type Owner struct{ Ref, Name string }

// Weeks is the span that a look at a moment is about: four weeks that ended
// with a Sunday.
func Weeks(now time.Time) measure.Span {
	return measure.Days(measure.Week(now).From.Add(-time.Minute), measure.DriftDays)
}

// At looks, and writes nothing.
func At(b *measure.Book, now time.Time) Look {
	l := Look{Span: Weeks(now)}
	l.Drifts, l.Tests = b.Drifts(l.Span, now)
	return l
}

func refOf(s measure.Span) ident.Ref {
	return ident.Ref{Type: "MeasureReport", ID: "fair-" + s.To.AddDate(0, 0, -1).Format(time.DateOnly)}
}

// Done tells whether the look at a moment has been taken.
func Done(ctx context.Context, p *record.Practice, now time.Time) (bool, error) {
	_, err := p.Read(ctx, refOf(Weeks(now)))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil || fault.Is(err, fault.Gone), errUnlessGone(err)
}

func errUnlessGone(err error) error {
	if fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// Take takes the look of the week, once: what was found is recorded, and each
// drift becomes a job, the same one at most every four weeks. Done again, it
// changes nothing.
func Take(ctx context.Context, store *record.Store, p *record.Practice, b *measure.Book, to Owner, now time.Time) error {
	if done, err := Done(ctx, p, now); done || err != nil {
		return err
	}
	l := At(b, now)
	jobs := task.NewService(store)
	block := l.Span.To.Unix() / int64((4 * 7 * 24 * time.Hour).Seconds())
	for _, d := range l.Drifts {
		key := fmt.Sprintf("fair:%s:%s:%s:%d", d.Dimension.Code, d.Group, d.What, block)
		if _, err := jobs.Create(ctx, p.ODS(), record.System, task.New{What: Says(d, l.Span) + " See Reports, Fair for everyone.", Owner: to.Ref, Name: to.Name, Priority: "routine"}, key); err != nil {
			return err
		}
	}
	w := write.New(record.System, "who fares worse was looked at", "")
	w.Create(refOf(l.Span), l.resource(now))
	change, err := w.Change()
	if err != nil {
		return err
	}
	if _, err := p.Commit(ctx, change); err != nil && !fault.Is(err, fault.Conflict) {
		return err // a conflict: another process has just taken it
	}
	return nil
}

// resource is what was looked at and found.
func (l Look) resource(now time.Time) write.Obj {
	var found write.List
	for _, d := range l.Drifts {
		found = append(found, write.Obj{"code": write.Obj{
			"text":   Says(d, l.Span),
			"coding": write.List{write.Obj{"system": care.Base + "drift", "code": d.What, "display": d.Dimension.Name + ": " + nameOf(d)}},
		}, "measureScore": write.Obj{"value": round(d.P)}})
	}
	o := write.Obj{
		"status": "complete", "type": "summary", "measure": care.Base + "Measure/fair", "date": write.Instant(now),
		"period": write.Obj{"start": l.Span.From.Format(time.DateOnly), "end": l.Span.To.AddDate(0, 0, -1).Format(time.DateOnly)},
	}
	if len(found) > 0 {
		o["group"] = found
	}
	return o
}

// round keeps a chance readable: six decimal places.
func round(p float64) float64 { return float64(int(p*1e6+.5)) / 1e6 }

// channels are groups that a page has other words for.
var channels = map[string]string{"web": "Online", "phone": "By phone", "desk": "At the desk"}

func nameOf(d measure.Drift) string {
	if n := channels[d.Group]; n != "" {
		return n
	}
	return d.Group
}

// Says is a drift in words for a manager.
func Says(d measure.Drift, s measure.Span) string {
	who := fmt.Sprintf("%s, “%s” (%d people), four weeks to %s: ", d.Dimension.Name, nameOf(d), d.N, words.Date(s.To.AddDate(0, 0, -1)))
	switch d.What {
	case "wait":
		return who + fmt.Sprintf("they wait longer than others for an answer to the same kind of request. Half were answered within %s of opening time, of the others within %s.", words.Span(d.Median), words.Span(d.Others))
	case "late":
		return who + fmt.Sprintf("more of the promises made to them were broken: %.0f%%, of the others %.0f%%.", 100*d.Share, 100*d.OthersSh)
	}
	return who + fmt.Sprintf("more of their requests ended without help (not reached, withdrawn, opened again): %.0f%%, of the others %.0f%%.", 100*d.Share, 100*d.OthersSh)
}
