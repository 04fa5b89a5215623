package desk

import (
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/task"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
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

	PlannedHref string // messages that go later, for who may write to patients
}

type jobRow struct {
	ID, Version, Key  string
	What, From, Owner string
	Patient, Href     string
	By, ByClass       string
}

var jobsTemplate = page.New[jobsPage](files, "jobs.html", "parts.html")

func (d *Desk) jobsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	return d.showJobs(w, r, v, noticeOf(r), http.StatusOK)
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
	mine, err := d.jobs.For(r.Context(), v.ods, v.Ref)
	if err != nil {
		return err
	}
	ours, err := d.jobs.For(r.Context(), v.ods, teams...)
	if err != nil {
		return err
	}
	show := r.URL.Query().Get("show")
	p := jobsPage{Desk: v.desk(), Notice: n, Note: plural(len(mine), "with you", "with you"), Filters: []filterLink{
		{Label: "Mine", Href: v.base() + "jobs", Count: len(mine), Current: show != "team"},
		{Label: "Teams", Href: v.base() + "jobs?show=team", Count: len(ours), Current: show == "team"},
	}}
	if v.may(access.Message, "") {
		p.PlannedHref = v.base() + "planned"
	}
	p.Empty = "No jobs are waiting for you."
	jobs := mine
	if show == "team" {
		jobs, p.Empty = ours, "No jobs are waiting for a team."
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
	if v.may(access.Consult, "") && show != "team" {
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
	row.By, row.ByClass = clock(j.By, 0, v.now)
	return row
}

// jobDone ends a job with what was done.
func (d *Desk) jobDone(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	done := form.Text("done", 2000)
	if done == "" {
		return d.showJobs(w, r, v, &notice{Class: "problem", Title: "Say what was done before you end a job."}, http.StatusBadRequest)
	}
	_, err = d.jobs.Complete(r.Context(), v.ods, v.Author(""), r.PathValue("id"), form.Value("version"), done)
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Precondition, fault.Refused:
		if err != nil {
			return d.showJobs(w, r, v, &notice{Class: "problem", Title: fault.From(err).Message, Text: "You typed: " + done}, http.StatusConflict)
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"jobs?done=done", http.StatusSeeOther)
	return nil
}
