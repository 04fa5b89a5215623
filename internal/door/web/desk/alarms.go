package desk

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
)

type alarmsPage struct {
	Desk   desk
	Note   string
	Live   string
	Notice *notice
	Rows   []alarmRow
	Taken  []alarmRow
}

type alarmRow struct {
	Href, Action   string
	Kind, What     string
	Patient        string
	Rung, SinceISO string
	With, Told     string
	By             string
	Urgency        urgency
}

var alarmsTemplate = page.New[alarmsPage](files, "alarms.html", "parts.html")

// alarmsPage shows what rings, and who has taken what rang.
func (d *Desk) alarmsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.WorkQueue, "")
	if err != nil {
		return err
	}
	return d.showAlarms(w, r, v, noticeOf(r), http.StatusOK)
}

func (d *Desk) showAlarms(w http.ResponseWriter, r *http.Request, v visit, said *notice, status int) error {
	all, err := escalate.List(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := alarmsPage{Desk: v.desk(), Live: "/live/" + string(v.ods) + "/queue", Notice: said}
	var patients []string
	for _, a := range all {
		row, patient, err := d.alarmRow(r.Context(), v, a)
		if err != nil {
			return err
		}
		patients = append(patients, patient)
		if a.Rings() {
			p.Rows = append(p.Rows, row)
		} else {
			p.Taken = append(p.Taken, row)
		}
	}
	p.Note = plural(len(p.Rows), "rings", "ring")
	if err := d.glanced(r.Context(), v, "alarms", patients); err != nil {
		return err
	}
	f := v.frame(r, "Alarms", "")
	f.Back = &page.Link{Text: "Queue", Href: v.base()}
	return alarmsTemplate.Render(w, r, status, f, p)
}

func (d *Desk) alarmRow(ctx context.Context, v visit, a escalate.Alarm) (row alarmRow, patient string, err error) {
	row = alarmRow{
		Action: v.base() + "alarms/" + a.ID, Kind: a.Kind.Label(), What: a.About,
		Rung: waited(v.now.Sub(a.Since)), SinceISO: iso(a.Since), By: a.TakenName, Told: "Nobody yet: it is on the screen",
	}
	if !a.Told.IsZero() {
		row.Told = "Last told " + moment(a.Told, v.now)
	}
	if a.Request.IsZero() {
		switch a.Kind {
		case escalate.AtRisk:
			row.Href = v.base() + "?show=due"
		case escalate.Ruleless:
			row.Href = "/manage/" + string(v.ods) + "/red-flags"
		case escalate.Unbegun:
			row.Href = v.base() + "cases"
		default:
			row.Href = "/manage/" + string(v.ods) + "/reconcile"
		}
		return row, "", nil
	}
	view, err := request.Brief(ctx, v.practice, a.Request.ID)
	if fault.Is(err, fault.NotFound) {
		return row, "", nil
	}
	row.Href, row.Urgency = v.base()+"request/"+a.Request.ID, urgencyOf(view.Urgency.Priority())
	row.Patient, row.With = view.Name, view.Owner.Name
	row.What = "Request " + view.Reference
	return row, view.Patient, err
}

// alarmTake says that the visitor deals with what rings.
func (d *Desk) alarmTake(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Triage, "")
	if err != nil {
		return err
	}
	err = escalate.Take(r.Context(), v.practice, v.Author(""), v.Name, r.PathValue("id"))
	if f := fault.From(err); err != nil && (f.Kind == fault.Conflict || f.Kind == fault.Refused) {
		return d.showAlarms(w, r, v, &notice{Class: "problem", Title: f.Message}, f.Kind.Status())
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"alarms?done=take", http.StatusSeeOther)
	return nil
}

// ringing is how many alarms nobody has taken; 0 when that cannot be read:
// the queue must be shown all the same.
func (v visit) ringing(ctx context.Context) int {
	all, err := escalate.List(ctx, v.practice)
	if err != nil {
		return 0
	}
	n := 0
	for _, a := range all {
		if a.Rings() {
			n++
		}
	}
	return n
}

// rung adds the alarms to what the whole desk is told.
func (v visit) rung(a *alarm, ringing int) *alarm {
	if ringing == 0 {
		return a
	}
	if a == nil {
		return &alarm{
			Count: ringing, Href: v.base() + "alarms", LinkText: "See the alarms",
			Text: plural(ringing, "alarm rings", "alarms ring") + " and nobody has taken " + map[bool]string{true: "it.", false: "them."}[ringing == 1],
		}
	}
	a.All, a.AllText = v.base()+"alarms", plural(ringing, "alarm", "alarms")
	return a
}
