package desk

import (
	"context"

	"heartwood/internal/care/request"
	"heartwood/internal/words"
)

// promised says what the person was told and when the request will be
// answered as the queue now stands, so that it can be said on the phone.
func (d *Desk) promised(ctx context.Context, v visit, p *requestPage, view request.View) {
	if view.Routed != "" {
		p.Promise = append(p.Promise, "Why they have it: "+view.Routed)
	}
	if view.Open() {
		p.Promise = append(p.Promise, "Due "+words.By(view.AnswerBy, v.now)+" because "+view.Because())
	}
	if !view.Open() || view.Urgency == request.Stat {
		return
	}
	if !view.Promised.IsZero() {
		p.Promise = append(p.Promise, "Told: "+view.Promised.Say(v.now))
	}
	now := d.outlook.Request(ctx, v.ods, view.ID, v.now)
	if now.IsZero() || view.State == request.WithPatient {
		return
	}
	p.Short = now.Short
	switch {
	case !now.Latest.After(v.now):
	case now.Short:
		p.Promise = append(p.Promise, "At risk: what stands before it will take longer than its time")
	default:
		p.Promise = append(p.Promise, "As the queue is now: "+now.Say(v.now))
	}
}
