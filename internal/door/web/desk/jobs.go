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
	Left    string // how many of the list the filter shows
	narrow

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
	a, n, err := d.askedJobs(r, v)
	if err != nil {
		return err
	}
	return d.showJobs(w, r, v, a, n, http.StatusOK)
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

// listed is which jobs a page is asked to show.
type listed struct {
	filter  task.Filter
	view    task.View // the kept view that is open; without an ID for none
	name    string    // typed for a view
	problem string
}

func (d *Desk) showJobs(w http.ResponseWriter, r *http.Request, v visit, a listed, n *notice, status int) error {
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	p := jobsPage{Desk: v.desk(), Notice: n, NewHref: v.base() + "jobs/new"}
	jobs, err := d.jobLists(r.Context(), v, &p, a, who)
	if err != nil {
		return err
	}
	if err := d.narrow(r.Context(), v, &p, a, who); err != nil {
		return err
	}
	if v.may(access.Message, "") {
		p.PlannedHref = v.base() + "planned"
	}
	if v.may(access.Close, "") {
		p.FilingHref = v.base() + "filing"
	}
	sights := d.jobRows(r.Context(), v, &p, jobs, who)
	if v.may(access.Consult, "") && a.filter == (task.Filter{}) {
		more, err := d.draftNotes(r.Context(), v, &p)
		if err != nil {
			return err
		}
		sights = append(sights, more...)
	}
	if len(sights) > 0 {
		if err := v.looked(r.Context(), sights...); err != nil {
			return err
		}
	}
	return jobsTemplate.Render(w, r, status, v.frame(r, "Jobs", "jobs"), p)
}

// jobLists fills in the lists with their counts, and gives the jobs of the one
// that is asked for.
func (d *Desk) jobLists(ctx context.Context, v visit, p *jobsPage, a listed, who colleagues) (jobs []task.Job, err error) {
	teams := make([]string, len(who.teams))
	for i, t := range who.teams {
		teams[i] = t.Ref
	}
	late := 0
	for _, view := range jobViews {
		of, err := d.jobsOf(ctx, v, view.show, teams)
		if err != nil {
			return nil, err
		}
		if view.show == "" {
			p.Note = plural(len(of), "with you", "with you")
		}
		if view.show == "late" {
			late = len(of)
		}
		here := view.show == a.filter.Show
		if here {
			jobs, p.Empty = a.filter.Of(of, v.now), view.empty
		}
		if here && len(of) > len(jobs) {
			p.Left = fmt.Sprintf("%d of %s shown.", len(jobs), plural(len(of), "job", "jobs"))
			p.Empty = "No job is like this."
		}
		p.Filters = append(p.Filters, filterLink{Label: view.label, Href: v.base() + "jobs" + query("show", view.show), Count: len(of), Current: here && a.view.ID == ""})
	}
	if late > 0 {
		p.Note += fmt.Sprintf(", %d overdue in the practice", late)
	}
	return jobs, nil
}

// jobRows fills in the jobs, and gives the sights of their patients.
func (d *Desk) jobRows(ctx context.Context, v visit, p *jobsPage, jobs []task.Job, who colleagues) (sights []access.Sight) {
	for _, j := range jobs {
		row := v.job(j, who)
		if j.Patient != "" {
			id := strings.TrimPrefix(j.Patient, "Patient/")
			if about, err := d.patient(ctx, v, id); err == nil {
				row.Patient = join(about.Name, bornWords(about.Born)) + ","
			}
			sights = append(sights, access.Sight{Patient: j.Patient, What: "job"})
		}
		p.Rows = append(p.Rows, row)
	}
	return sights
}

// draftNotes fills in the visitor's notes that are not signed yet.
func (d *Desk) draftNotes(ctx context.Context, v visit, p *jobsPage) (sights []access.Sight, err error) {
	drafts, err := d.consult.Drafts(ctx, v.practice, v.ref())
	if err != nil {
		return nil, err
	}
	for _, n := range drafts {
		about, err := d.patient(ctx, v, n.Patient.ID)
		if err != nil {
			return nil, err
		}
		p.Drafts = append(p.Drafts, earlier{Href: v.base() + "consult/" + n.Composition.ID, Text: join(about.Name, bornWords(about.Born)), Note: "begun " + moment(n.Date, v.now)})
		sights = append(sights, access.Sight{Patient: n.Patient.String(), What: "draft note"})
	}
	return sights, nil
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
