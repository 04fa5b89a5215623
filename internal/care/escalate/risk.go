package escalate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"heartwood/internal/care/opening"
	"heartwood/internal/care/search"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Risk is how many of the open requests will run out of time as the queue now
// is, and have not yet.
type Risk struct {
	Open, Short int
	First       time.Time // when the first of them runs out
}

const (
	manyShort = 5  // requests
	partShort = 10 // one in so many of those open
)

// Many tells whether it is more than a person at the desk can set right.
func (r Risk) Many() bool { return r.Short >= manyShort && r.Short*partShort >= r.Open }

// riskName keeps the place of the alarm of one core-hours period: the day.
func riskName(h opening.Hours, now time.Time) string {
	return "risk-" + h.Next(now).From.In(words.London).Format(time.DateOnly)
}

// Warn tells the manager before many clocks run out, not after: once for each
// core-hours period, and on until somebody has taken it. What an earlier
// period warned of is over.
func Warn(ctx context.Context, p *record.Practice, h opening.Hours, r Risk) error {
	now := p.Now()
	name := riskName(h, now)
	all, err := List(ctx, p)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Kind == AtRisk && a.ID != alarmOf(name).ID {
			if err := Settle(ctx, p, strings.TrimPrefix(a.ID, alarmOf("").ID)); err != nil {
				return err
			}
		}
	}
	if !r.Many() {
		return nil
	}
	return raise(ctx, p, AtRisk, name, fmt.Sprintf(
		"As the queue is now, %d of %d open requests will run out of time, the first %s. There is still time to bring in more people, or to hand some to the network.",
		r.Short, r.Open, words.By(r.First, now)))
}

// rulesName keeps the place of the alarm about rules that do not work.
const rulesName = "red-flag-rules"

// WarnOfRules rings while a red-flag rule of the practice's own does not work;
// about says which, and "" that all do, which ends it. Once taken it rings
// again only when another rule breaks.
func WarnOfRules(ctx context.Context, p *record.Practice, about string) error {
	if about == "" {
		return Settle(ctx, p, rulesName)
	}
	return raise(ctx, p, Ruleless, rulesName, about)
}

// unbegunName keeps the place of the alarm about workflows that did not begin.
const unbegunName = "workflows-not-begun"

// WarnOfUnbegun rings for the manager because workflows did not begin for
// people whom programs registered; about says on which day, and how many did.
func WarnOfUnbegun(ctx context.Context, p *record.Practice, about string) error {
	return raise(ctx, p, Unbegun, unbegunName, about)
}

// UnbegunOver ends that alarm once the day is over, if somebody has taken it.
func UnbegunOver(ctx context.Context, p *record.Practice) error {
	t, v, err := search.Get(ctx, p, alarmOf(unbegunName))
	if err != nil || t == nil || fromTask(v, t).Rings() {
		return err
	}
	return Settle(ctx, p, unbegunName)
}
