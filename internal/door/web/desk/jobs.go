package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/task"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

type jobsPage struct {
	Desk    desk
	Note    string
	Notice  *notice
	Filters []filterLink
	Rows    []jobRow
	Drafts  []earlier // notes that are not signed yet
	Empty   string

	NewHref     string
	PlannedHref string // messages that go later, for who may write to patients
	FilingHref  string // threads to be filed, for who may file
}

type jobRow struct {
	ID, Version, Key  string
	What, From, Owner string
	Patient, Href     string
	By, ByClass       string
	Open, Late        bool
	Urgency, Result   string
	See               string // the job's own page
	Case              string // the workflow that it is a step of
}

var jobsTemplate = page.New[jobsPage](files, "jobs.html", "parts.html")

func (d *Desk) jobsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	return d.showJobs(w, r, v, noticeOf(r), http.StatusOK)
}

// jobViews are whose jobs a page lists: one's own, one's teams', everybody's,
// and those that ended in the last two weeks.
var jobViews = []struct{ show, label, empty string }{
	{"", "Mine", "No jobs are waiting for you."},
	{"team", "Teams", "No jobs are waiting for a team."},
	{"all", "Everybody", "No jobs are waiting."},
	{"late", "Overdue", "No job is overdue."},
	{"done", "Done", "No job was done in the last two weeks."},
	{"cancelled", "Cancelled", "No job was cancelled in the last two weeks."},
}

const endedFor = 14 * 24 * time.Hour // how long ago a job ended that a page lists

// jobsOf are the jobs of a view.
func (d *Desk) jobsOf(ctx context.Context, v visit, show string, teams []string) ([]task.Job, error) {
	switch show {
	case "":
		return d.jobs.For(ctx, v.ods, v.Ref)
	case "team":
		return d.jobs.For(ctx, v.ods, teams...)
	case string(task.Done), string(task.Cancelled):
		return d.jobs.All(ctx, v.ods, task.State(show), v.now.Add(-endedFor))
	}
	all, err := d.jobs.All(ctx, v.ods, task.Open, time.Time{})
	if show == "late" {
		all = slices.DeleteFunc(all, func(j task.Job) bool { return !j.Late(v.now) })
	}
	return all, err
}

func (d *Desk) showJobs(w http.ResponseWriter, r *http.Request, v visit, n *notice, status int) error {
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	teams := make([]string, len(who.teams))
	for i, t := range who.teams {
		teams[i] = t.Ref
	}
	show := r.URL.Query().Get("show")
	p := jobsPage{Desk: v.desk(), Notice: n, NewHref: v.base() + "jobs/new"}
	var jobs []task.Job
	late := 0
	for _, view := range jobViews {
		of, err := d.jobsOf(r.Context(), v, view.show, teams)
		if err != nil {
			return err
		}
		if view.show == "" {
			p.Note = plural(len(of), "with you", "with you")
		}
		if view.show == "late" {
			late = len(of)
		}
		if view.show == show {
			jobs, p.Empty = of, view.empty
		}
		p.Filters = append(p.Filters, filterLink{Label: view.label, Href: v.base() + "jobs" + query("show", view.show), Count: len(of), Current: view.show == show})
	}
	if late > 0 {
		p.Note += fmt.Sprintf(", %d overdue in the practice", late)
	}
	if v.may(access.Message, "") {
		p.PlannedHref = v.base() + "planned"
	}
	if v.may(access.Close, "") {
		p.FilingHref = v.base() + "filing"
	}
	var sights []access.Sight
	for _, j := range jobs {
		row := v.job(j, who)
		if j.Patient != "" {
			id := strings.TrimPrefix(j.Patient, "Patient/")
			if about, err := d.patient(r.Context(), v, id); err == nil {
				row.Patient = join(about.Name, bornWords(about.Born)) + ","
			}
			sights = append(sights, access.Sight{Patient: j.Patient, What: "job"})
		}
		p.Rows = append(p.Rows, row)
	}
	if v.may(access.Consult, "") && show == "" {
		drafts, err := d.consult.Drafts(r.Context(), v.practice, v.ref())
		if err != nil {
			return err
		}
		for _, n := range drafts {
			about, err := d.patient(r.Context(), v, n.Patient.ID)
			if err != nil {
				return err
			}
			p.Drafts = append(p.Drafts, earlier{Href: v.base() + "consult/" + n.Composition.ID, Text: join(about.Name, bornWords(about.Born)), Note: "begun " + moment(n.Date, v.now)})
			sights = append(sights, access.Sight{Patient: n.Patient.String(), What: "draft note"})
		}
	}
	if len(sights) > 0 {
		if err := v.looked(r.Context(), sights...); err != nil {
			return err
		}
	}
	return jobsTemplate.Render(w, r, status, v.frame(r, "Jobs", "jobs"), p)
}

func (v visit) job(j task.Job, who colleagues) jobRow {
	row := jobRow{
		ID: j.ID, Version: j.Version, Key: ident.NewID(), What: j.What,
		From: who.name(j.From), Owner: orElse(j.Name, who.name(j.Owner)),
	}
	if j.Owner == v.Ref {
		row.Owner = "you"
	}
	if j.Request != "" {
		row.Href = v.base() + "request/" + j.Request
	}
	if j.Plan != "" {
		row.Case = v.base() + "cases/" + j.Plan
	}
	row.Open, row.Late, row.See = j.State == task.Open, j.Late(v.now), v.base()+"jobs/"+j.ID
	if j.Priority != "routine" {
		row.Urgency = jobUrgency(j.Priority)
	}
	row.Result = orElse(j.Result, j.Reason)
	if row.Open {
		row.By, row.ByClass = clock(j.By, 0, v.now)
	}
	return row
}
