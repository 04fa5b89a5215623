package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

// casesPage is the workflows under way, and, for a patient, the form that
// begins one.
type casesPage struct {
	Desk           desk
	Notice         *notice
	Form           *page.Form
	Action, Key    string
	Patient, About string // its id, and who it is, where one is to begin
	Rows           []caseRow
	Workflows      []page.Option
	Late           int
}

type caseRow struct {
	Title, Who, Href, Stands, Since string
	Late                            bool
}

type casePage struct {
	Desk                    desk
	Notice                  *notice
	Form                    *page.Form
	Title, About, Action    string
	Version, State, Request string
	Open                    bool
	Steps                   []caseStep
}

type caseStep struct {
	N                        int
	Title, Stands, Who, Href string
	Late                     bool
}

var (
	casesTemplate = page.New[casesPage](files, "cases.html", "parts.html")
	caseTemplate  = page.New[casePage](files, "case.html", "parts.html")
)

func (d *Desk) casesPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	return d.showCases(w, r, v, page.NewForm(map[string]string{"patient": r.FormValue("patient"), "key": ident.NewID()}), http.StatusOK)
}

// caseStart begins a case. The same form again gives the same case.
func (d *Desk) caseStart(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	if _, err := d.patient(r.Context(), v, form.Value("patient")); err != nil {
		return err
	}
	patient := "Patient/" + form.Value("patient")
	if form.Value("workflow") == "" {
		form.Fail("workflow", "Choose a workflow.")
	}
	if form.OK() {
		c, e := workflow.Start(r.Context(), v.practice, v.Author(patient), form.Value("workflow"), patient, "", "hand:"+v.Ref+":"+cmp.Or(form.Value("key"), ident.NewID()))
		if err = e; err == nil {
			http.Redirect(w, r, v.base()+"cases/"+c.ID, http.StatusSeeOther)
			return nil
		}
	}
	status, err := jobRefused(form, err)
	if err != nil {
		return err
	}
	return d.showCases(w, r, v, form, status)
}

func (d *Desk) showCases(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	ctx := r.Context()
	p := casesPage{Desk: v.desk(), Notice: noticeOf(r), Form: form, Action: v.base() + "cases", Key: form.Value("key"), Patient: form.Value("patient")}
	var sights []access.Sight
	if p.Patient != "" {
		about, err := d.patient(ctx, v, p.Patient)
		if err != nil {
			return err
		}
		p.About = join(about.Name, bornWords(about.Born))
		sights = append(sights, access.Sight{Patient: "Patient/" + p.Patient, What: "cases"})
	}
	all, err := workflow.All(ctx, v.practice)
	if err != nil {
		return err
	}
	p.Workflows = []page.Option{{Text: "Choose"}}
	for _, one := range all {
		if !one.Retired {
			p.Workflows = append(p.Workflows, page.Option{Value: one.ID, Text: one.Title})
		}
	}
	cases, err := workflow.Cases(ctx, v.practice, workflow.Active)
	if err != nil {
		return err
	}
	if p.Patient != "" {
		cases = slices.DeleteFunc(cases, func(c workflow.Case) bool { return c.Patient != "Patient/"+p.Patient })
	}
	steps, err := workflow.JobsOf(ctx, v.practice, cases)
	if err != nil {
		return err
	}
	for _, c := range cases {
		id, jobs := strings.TrimPrefix(c.Patient, "Patient/"), steps[c.ID]
		row := caseRow{Title: c.Definition.Title, Href: v.base() + "cases/" + c.ID, Since: moment(c.Since, v.now), Late: workflow.Late(jobs, v.now)}
		for _, s := range c.Definition.Steps {
			if j, ok := jobs[s.ID]; ok && j.State == task.Open {
				row.Stands = orElse(row.Stands, s.Title+", with "+j.Name)
			}
		}
		if about, err := d.patient(ctx, v, id); err == nil {
			row.Who = join(about.Name, bornWords(about.Born))
			sights = append(sights, access.Sight{Patient: c.Patient, What: "cases"})
		}
		if row.Late {
			p.Late++
		}
		p.Rows = append(p.Rows, row)
	}
	if len(sights) > 0 {
		if err := v.looked(ctx, sights...); err != nil {
			return err
		}
	}
	f := v.frame(r, "Workflows", "jobs")
	f.Form, f.Back = form, &page.Link{Text: "Jobs", Href: v.base() + "jobs"}
	return casesTemplate.Render(w, r, status, f, p)
}

func (d *Desk) casePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	return d.showCase(w, r, v, page.NewForm(map[string]string{}), http.StatusOK)
}

// caseCancel ends a case with its open jobs.
func (d *Desk) caseCancel(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err = workflow.Cancel(r.Context(), v.practice, v.Author(""), id, form.Value("version"), form.Value("reason")); err == nil {
		http.Redirect(w, r, v.base()+"cases/"+id, http.StatusSeeOther)
		return nil
	}
	status, err := jobRefused(form, err)
	if err != nil {
		return err
	}
	return d.showCase(w, r, v, form, status)
}

func (d *Desk) showCase(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	ctx := r.Context()
	c, err := workflow.LoadCase(ctx, v.practice, r.PathValue("id"))
	if err != nil {
		return err
	}
	about, err := d.patient(ctx, v, strings.TrimPrefix(c.Patient, "Patient/"))
	if err != nil {
		return err
	}
	jobs, err := workflow.Jobs(ctx, v.practice, c)
	if err != nil {
		return err
	}
	p := casePage{
		Desk: v.desk(), Notice: noticeOf(r), Form: form, Title: c.Definition.Title, About: join(about.Name, bornWords(about.Born)),
		Action: v.base() + "cases/" + c.ID, Version: c.Version, Open: c.State == workflow.Active,
		State: map[workflow.State]string{workflow.Active: "Under way since " + moment(c.Since, v.now), workflow.Done: "Finished " + moment(c.Ended, v.now), workflow.Cancelled: "Cancelled: " + c.Reason}[c.State],
	}
	if c.Request != "" {
		p.Request = v.base() + "request/" + c.Request
	}
	for i, s := range c.Definition.Steps {
		row := caseStep{N: i + 1, Title: s.Title, Who: s.Name, Stands: "Not begun"}
		if j, ok := jobs[s.ID]; ok {
			row.Href, row.Who, row.Late = v.base()+"jobs/"+j.ID, j.Name, j.Late(v.now)
			row.Stands = map[task.State]string{task.Open: "Open", task.Done: "Done: " + j.Result, task.Cancelled: "Cancelled: " + j.Reason}[j.State]
		}
		p.Steps = append(p.Steps, row)
	}
	if err := v.looked(ctx, access.Sight{Patient: c.Patient, What: "cases"}); err != nil {
		return err
	}
	f := v.frame(r, p.Title, "jobs")
	f.Form, f.Back = form, &page.Link{Text: "Workflows", Href: v.base() + "cases"}
	return caseTemplate.Render(w, r, status, f, p)
}
