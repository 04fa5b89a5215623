package desk

import (
	"context"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/words"
)

// links is what a page shows of how a request hangs together with others, and
// of what puts it aside.
type links struct {
	Aside, AsideWhy string // until when it is put aside, and why
	HandedUp        string // that it was handed up and nobody has taken it
	Related         []earlier
	Mergeable       []radio // open requests of the same patient
	Parts           []option
	SnoozeDay       string // proposed
	Silenced        string // why the patient cannot write on it, "" while they can
	Muted           bool   // on this request alone

	theirs []request.View // all requests of the patient
}

// linked fills in the links of a request.
func (v visit) linked(p *requestPage, view request.View) {
	if view.Asleep(v.now) {
		p.Aside, p.AsideWhy = moment(view.Snoozed, v.now), view.SnoozedWhy
	}
	if !view.Escalated.IsZero() && view.Open() {
		p.HandedUp = moment(view.Escalated, v.now)
	}
	p.SnoozeDay = v.now.In(words.London).Format(time.DateOnly)
	for u := request.Stat; u >= request.Routine; u-- {
		p.Parts = append(p.Parts, option{Value: u.Priority(), Label: u.Label(), Chosen: u == view.Urgency})
	}
	for _, r := range p.theirs {
		what := firstLine(r.About(), 80)
		switch {
		case r.ID == view.ID:
			continue
		case view.PartOf == r.ID:
			p.Related = append(p.Related, earlier{v.base() + "request/" + r.ID, what, "the request that this is a part of, " + r.Reference})
		case r.PartOf == view.ID:
			p.Related = append(p.Related, earlier{v.base() + "request/" + r.ID, what, "a part of this request, " + r.Reference})
		case view.MergedInto == r.ID:
			p.Related = append(p.Related, earlier{v.base() + "request/" + r.ID, what, "goes on here, " + r.Reference})
		case r.MergedInto == view.ID:
			p.Related = append(p.Related, earlier{v.base() + "request/" + r.ID, what, "merged into this one, " + r.Reference})
		}
		if r.Open() {
			p.Mergeable = append(p.Mergeable, radio{
				Name: "into", ID: "into-" + r.ID, Value: r.ID, Label: what, Chosen: p.Typed("into") == r.ID,
				Hint: join(r.Reference, urgencyOf(r.Urgency.Priority()).Label, moment(r.Since, v.now)),
			})
		}
	}
}

// asideUntil reads a day and a time of day.
func asideUntil(day, clock string) (time.Time, error) {
	if clock == "" {
		clock = "08:00"
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, words.London)
	if err != nil {
		return t, fault.At(fault.Invalid, "until", "Choose a day and a time.")
	}
	return t, nil
}

func (d *Desk) doSnooze(ctx context.Context, a *act) (string, error) {
	until, err := asideUntil(a.form.Value("until-day"), a.form.Value("until-time"))
	if err != nil {
		return "", err
	}
	return "", d.decide(ctx, a, request.Snooze{Until: until, Reason: a.form.Text("why", 2000), Past: a.form.Has("past", "yes")})
}

func (d *Desk) doWake(ctx context.Context, a *act) (string, error) {
	return "", d.decide(ctx, a, request.Wake{})
}

func (d *Desk) doTake(ctx context.Context, a *act) (string, error) {
	return "", d.decide(ctx, a, request.Take{By: request.Owner{Ref: a.Ref, Name: a.Name}})
}

func (d *Desk) doHandUp(ctx context.Context, a *act) (string, error) {
	to, err := d.owner(ctx, a.visit, a.form.Value("to"))
	if err != nil {
		return "", err
	}
	u, _ := request.ParseUrgency(a.form.Value("raise"))
	return "", d.decide(ctx, a, request.Escalate{To: request.Owner{Ref: to.Ref, Name: to.Name}, Urgency: u, Reason: a.form.Text("because", 2000)})
}

func (d *Desk) doSplit(ctx context.Context, a *act) (string, error) {
	to, err := d.owner(ctx, a.visit, a.form.Value("part-owner"))
	if err != nil {
		return "", err
	}
	u, _ := request.ParseUrgency(a.form.Value("part-urgency"))
	return "", d.decide(ctx, a, request.Split{
		What: a.form.Text("part", 500), To: request.Owner{Ref: to.Ref, Name: to.Name},
		Urgency: u, Reason: a.form.Text("part-why", 2000),
	})
}

// doMerge goes on with the request that is left.
func (d *Desk) doMerge(ctx context.Context, a *act) (string, error) {
	into := a.form.Value("into")
	if into == "" {
		return "", fault.At(fault.Invalid, "into", "Choose the request that goes on.")
	}
	err := d.requests.Merge(ctx, a.ods, a.Author(a.view.Patient), a.view.ID, a.form.Value("version"),
		request.Merge{Into: into, Told: a.form.Text("merge-told", 5000)}, a.form.Value("key"))
	return a.base() + "request/" + into + "?done=merge", err
}
