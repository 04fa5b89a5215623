package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/task"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// jobPage is one job, or the form of a new one.
type jobPage struct {
	Desk              desk
	Notice            *notice
	Form              *page.Form
	New, Open         bool
	Action, Version   string
	Key, Title        string
	Patient, About    string // its id, and who it is
	Row               jobRow
	State, Ended      string
	Owners, Urgencies []page.Option
	History           []seenRow
}

var jobTemplate = page.New[jobPage](files, "job.html", "parts.html")

var jobUrgencies = []page.Option{
	{Value: "routine", Text: "Routine"},
	{Value: "urgent", Text: "Urgent: today"},
	{Value: "asap", Text: "Very urgent"},
	{Value: "stat", Text: "Now"},
}

func jobUrgency(priority string) string {
	for _, o := range jobUrgencies {
		if o.Value == priority {
			return o.Text
		}
	}
	return ""
}

func (d *Desk) jobNew(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	form := page.NewForm(map[string]string{"patient": r.FormValue("patient"), "owner": v.Ref, "priority": "routine", "key": ident.NewID()})
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	return d.showNewJob(w, r, v, who, form, http.StatusOK)
}

func (d *Desk) jobNewDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	a := jobFields(v, who, form)
	n := task.New{What: a.What, Owner: a.Owner, Name: a.Name, Priority: a.Priority, By: a.By}
	if id := form.Value("patient"); id != "" {
		if _, err := d.patient(r.Context(), v, id); err != nil {
			return err
		}
		n.Patient = "Patient/" + id
	}
	if form.OK() {
		if _, err = d.jobs.Create(r.Context(), v.ods, v.Author(n.Patient), n, form.Value("key")); err == nil {
			http.Redirect(w, r, v.base()+"jobs?show=all&done=job", http.StatusSeeOther)
			return nil
		}
	}
	status, err := jobRefused(form, err)
	if err != nil {
		return err
	}
	return d.showNewJob(w, r, v, who, form, status)
}

func (d *Desk) showNewJob(w http.ResponseWriter, r *http.Request, v visit, who colleagues, form *page.Form, status int) error {
	p := jobPage{Desk: v.desk(), Form: form, New: true, Title: "New job", Action: v.base() + "jobs", Patient: form.Value("patient"), Key: form.Value("key")}
	ref := ""
	if p.Patient != "" {
		ref = "Patient/" + p.Patient
	}
	return d.showJob(w, r, v, who, p, ref, status)
}

// jobFields reads what a form says of a job. A date that is none is noted in
// the form.
func jobFields(v visit, who colleagues, form *page.Form) task.Amend {
	a := task.Amend{What: form.Value("what"), Owner: form.Value("owner"), Priority: form.Value("priority")}
	if s := form.Value("by"); s != "" {
		t, err := time.ParseInLocation(time.DateOnly, s, words.London)
		if err != nil {
			form.Fail("by", "The date must be a real date.")
		} else {
			a.By = t.Add(18*time.Hour + 30*time.Minute) // the end of the working day
		}
	}
	for _, o := range append(append([]colleague(nil), who.teams...), who.people...) {
		if o.Ref == a.Owner {
			a.Name = o.Name
		}
	}
	if a.Name == "" && a.Owner == v.Ref {
		a.Name = v.Name
	}
	return a
}

// jobRefused puts what is wrong on the form. An error that is not the
// sender's to mend comes back.
func jobRefused(form *page.Form, err error) (int, error) {
	switch {
	case !form.Refuse(err, "what"):
		return 0, err
	case slices.ContainsFunc(care.Fields(err), func(f *fault.Error) bool { return f.Kind != fault.Invalid }):
		return http.StatusConflict, nil
	}
	return http.StatusBadRequest, nil
}

func (d *Desk) jobPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.AssignJob, "")
	if err != nil {
		return err
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	return d.showOld(w, r, v, who, nil, http.StatusOK)
}

// showOld shows a job that exists; form is what was typed, nil for what it is.
func (d *Desk) showOld(w http.ResponseWriter, r *http.Request, v visit, who colleagues, form *page.Form, status int) error {
	j, err := d.jobs.Load(r.Context(), v.ods, r.PathValue("id"))
	if err != nil {
		return err
	}
	if form == nil {
		form = page.NewForm(map[string]string{"what": j.What, "owner": j.Owner, "priority": j.Priority})
		if !j.By.IsZero() {
			form.Set("by", j.By.In(words.London).Format(time.DateOnly))
		}
	}
	p := jobPage{
		Desk: v.desk(), Notice: noticeOf(r), Form: form, Title: "Job", Action: v.base() + "jobs/" + j.ID, Version: j.Version,
		Open: j.State == task.Open, Row: v.job(j, who), State: string(j.State), Patient: strings.TrimPrefix(j.Patient, "Patient/"),
	}
	if !p.Open {
		p.Ended = moment(j.Ended, v.now)
	}
	past, err := d.jobs.History(r.Context(), v.ods, j.ID)
	if err != nil {
		return err
	}
	for _, e := range past {
		p.History = append(p.History, seenRow{When: moment(e.At, v.now), Who: who.name(e.Who), What: capital(e.Why)})
	}
	return d.showJob(w, r, v, who, p, j.Patient, status)
}

// showJob logs the sight of the patient, and shows the page.
func (d *Desk) showJob(w http.ResponseWriter, r *http.Request, v visit, who colleagues, p jobPage, patient string, status int) error {
	for _, o := range who.owners("") {
		p.Owners = append(p.Owners, page.Option{Value: o.Value, Text: o.Label})
	}
	p.Urgencies = jobUrgencies
	if patient != "" {
		about, err := d.patient(r.Context(), v, p.Patient)
		if err != nil {
			return err
		}
		p.About = join(about.Name, bornWords(about.Born))
		if err := v.looked(r.Context(), access.Sight{Patient: patient, What: "job"}); err != nil {
			return err
		}
	}
	f := v.frame(r, p.Title, "jobs")
	f.Form, f.Back = p.Form, &page.Link{Text: "Jobs", Href: v.base() + "jobs"}
	return jobTemplate.Render(w, r, status, f, p)
}

// jobDo carries out a decision about a job. What was typed stays on the page
// when it is refused.
func (d *Desk) jobDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	c, done := jobCommand(v, who, form)
	id := r.PathValue("id")
	if form.OK() {
		if _, err = d.jobs.Do(r.Context(), v.ods, v.Author(""), id, form.Value("version"), c); err == nil {
			to := v.base() + "jobs/" + id + "?done=" + done
			if done == "done" {
				to = v.base() + "jobs?done=done"
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
	}
	status, err := jobRefused(form, err)
	if err != nil {
		return err
	}
	return d.showOld(w, r, v, who, form, status)
}

func jobCommand(v visit, who colleagues, form *page.Form) (c task.Command, done string) {
	switch form.Value("do") {
	case "amend":
		return jobFields(v, who, form), "job-amend"
	case "cancel":
		return task.Cancel{Reason: form.Value("reason")}, "job-cancel"
	case "reopen":
		return task.Reopen{Reason: form.Value("reason")}, "job-reopen"
	}
	return task.Complete{Result: form.Value("done")}, "done"
}
