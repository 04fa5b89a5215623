package manage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care/team"
	"heartwood/internal/care/workflow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type workflowsPage struct {
	New, Saved string
	Rows       []workflowRow
}

type workflowRow struct{ Title, Href, About, State string }

// workflowPage is a workflow as it is being written. What is not saved is in
// the form itself, so that nothing is lost between one page and the next.
type workflowPage struct {
	Title, Action, Version, Key string
	New, Retired                bool
	Form                        *page.Form
	Triggers                    []page.Option
	Steps                       []stepRow
	Earlier                     int // the number of the version that the form was filled from, 0 for what is kept now
	Versions                    []workflowVersion
}

// workflowVersion is how a workflow was from a moment on.
type workflowVersion struct {
	Number           int
	Since, By, Bring string   // Bring is where it is put into the form; "" for the one that is kept now
	Changes          []string // from the version before
}

// stepRow is the fields of one step; At is what their names begin with.
type stepRow struct {
	At, ID                 string
	N                      int
	First, Last            bool
	Owners, Escalate, Wait []page.Option
}

var (
	workflowsTemplate = page.New[workflowsPage](files, "workflows.html")
	workflowTemplate  = page.New[workflowPage](files, "workflow.html")
)

func (m *Manage) workflows(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	all, err := workflow.All(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := workflowsPage{New: v.base() + "workflows/new"}
	if r.FormValue("done") == "saved" {
		p.Saved = "Saved. Cases that are under way go on as they began."
	}
	for _, d := range all {
		row := workflowRow{Title: d.Title, Href: v.base() + "workflows/" + d.ID, State: fmt.Sprintf("Version %d", d.Number)}
		row.About = page.Plural(len(d.Steps), "step", "steps") + ", begun " + d.Trigger.Say()
		if d.Retired {
			row.State = "Not used any more"
		}
		p.Rows = append(p.Rows, row)
	}
	return workflowsTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Workflows", "workflows"), p)
}

func (m *Manage) workflow(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Manage)
	if err != nil {
		return err
	}
	d, err := theWorkflow(r, v)
	if err != nil {
		return err
	}
	if n, _ := strconv.Atoi(r.FormValue("from")); n > 0 && d.ID != "" {
		if d, err = asItWas(r, v, d, n); err != nil {
			return err
		}
	}
	return m.showWorkflow(w, r, v, d, formOf(d, ident.NewID()), http.StatusOK)
}

// asItWas is an earlier version of a workflow, to be saved over what is kept
// now: its name, what begins it, and its steps.
func asItWas(r *http.Request, v visit, d workflow.Definition, number int) (workflow.Definition, error) {
	all, err := workflow.Versions(r.Context(), v.practice, d.ID)
	for _, k := range all {
		if k.Number == number {
			d.Title, d.Trigger, d.Steps = k.Title, k.Trigger, k.Steps
			return d, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "There is no such version.")
	}
	return d, err
}

func theWorkflow(r *http.Request, v visit) (workflow.Definition, error) {
	if id := r.PathValue("id"); id != "new" {
		return workflow.Load(r.Context(), v.practice, id)
	}
	return workflow.Definition{Steps: []workflow.Step{{ID: "s1", Days: 1}}}, nil
}

// workflowDo changes the steps that the page carries, or saves them.
func (m *Manage) workflowDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := m.posted(w, r, access.Manage, 0)
	if err != nil {
		return err
	}
	was, err := theWorkflow(r, v)
	if err != nil {
		return err
	}
	d := typedWorkflow(form)
	d.ID, d.Retired, d.Version = was.ID, was.Retired, form.Value("version")
	do, at, _ := strings.Cut(form.Value("do"), ":")
	n, _ := strconv.Atoi(at)
	switch do {
	case "add", "up", "down", "remove":
		d.Steps = moveStep(d.Steps, do, n-1)
		return m.showWorkflow(w, r, v, d, formOf(d, form.Value("key")), http.StatusOK)
	case "retire", "use":
		was.Retired, was.Version = do == "retire", form.Value("version")
		d = was
	case "save":
	default:
		return fault.New(fault.NotFound, "There is no such form.")
	}
	if form.OK() {
		if _, err = workflow.Save(r.Context(), v.practice, v.Author(""), d, form.Value("key")); err == nil {
			http.Redirect(w, r, v.base()+"workflows?done=saved", http.StatusSeeOther)
			return nil
		}
	}
	status, err := refused(form, err, "title")
	if err != nil {
		return err
	}
	return m.showWorkflow(w, r, v, d, form, status)
}

func typedWorkflow(form *page.Form) workflow.Definition {
	d := workflow.Definition{Title: form.Text("title", 400), Trigger: workflow.Trigger(form.Value("trigger"))}
	for i := range workflow.MostSteps {
		at := fmt.Sprintf("s%d-", i)
		if form.Value(at+"id") == "" {
			break
		}
		s := workflow.Step{
			ID: form.Value(at + "id"), Title: form.Text(at+"title", 400), What: form.Text(at+"what", 2000),
			Owner: form.Value(at + "owner"), After: form.Value(at + "after"), Escalate: form.Value(at + "escalate"),
		}
		s.Days, _ = strconv.Atoi(form.Value(at + "days"))
		d.Steps = append(d.Steps, s)
	}
	return d
}

// moveStep adds, moves or takes away a step. What would then wait for a step
// that is gone or stands below waits for the one above it.
func moveStep(steps []workflow.Step, do string, i int) []workflow.Step {
	in := i >= 0 && i < len(steps)
	switch {
	case do == "add" && len(steps) < workflow.MostSteps:
		s := workflow.Step{ID: workflow.FreeID(steps), Days: 1}
		if n := len(steps); n > 0 {
			s.After = steps[n-1].ID
		}
		steps = append(steps, s)
	case do == "remove" && in:
		steps = slices.Delete(steps, i, i+1)
	case do == "up" && in && i > 0:
		steps[i-1], steps[i] = steps[i], steps[i-1]
	case do == "down" && in && i+1 < len(steps):
		steps[i], steps[i+1] = steps[i+1], steps[i]
	}
	before := map[string]bool{"": true}
	for i := range steps {
		if !before[steps[i].After] {
			steps[i].After = ""
			if i > 0 {
				steps[i].After = steps[i-1].ID
			}
		}
		before[steps[i].ID] = true
	}
	return steps
}

func formOf(d workflow.Definition, key string) *page.Form {
	f := page.NewForm(map[string]string{"title": d.Title, "trigger": string(d.Trigger), "version": d.Version, "key": key})
	for i, s := range d.Steps {
		at := fmt.Sprintf("s%d-", i)
		for name, value := range map[string]string{
			"id": s.ID, "title": s.Title, "what": s.What, "owner": s.Owner, "after": s.After,
			"escalate": s.Escalate, "days": strconv.Itoa(s.Days),
		} {
			f.Set(at+name, value)
		}
	}
	return f
}

func (m *Manage) showWorkflow(w http.ResponseWriter, r *http.Request, v visit, d workflow.Definition, form *page.Form, status int) error {
	h, err := house(r.Context(), v)
	if err != nil {
		return err
	}
	p := workflowPage{
		Title: cmp.Or(d.Title, "A new workflow"), Action: v.base() + "workflows/" + cmp.Or(d.ID, "new"), Version: form.Value("version"),
		Key: form.Value("key"), New: d.ID == "", Retired: d.Retired, Form: form,
	}
	for _, t := range workflow.Triggers() {
		say := t.Say()
		p.Triggers = append(p.Triggers, page.Option{Value: string(t), Text: strings.ToUpper(say[:1]) + say[1:]})
	}
	owners := []page.Option{{Text: "Choose"}}
	for _, t := range h.Teams {
		owners = append(owners, page.Option{Value: t.Ref, Text: t.Name})
	}
	for _, x := range h.People {
		owners = append(owners, page.Option{Value: x.Ref, Text: x.Name})
	}
	nobody := slices.Clone(owners)
	nobody[0].Text = "Nobody else"
	wait := []page.Option{{Text: "Begins at once"}}
	for i, s := range d.Steps {
		row := stepRow{At: fmt.Sprintf("s%d-", i), ID: s.ID, N: i + 1, First: i == 0, Last: i == len(d.Steps)-1, Owners: owners, Escalate: nobody, Wait: slices.Clone(wait)}
		p.Steps = append(p.Steps, row)
		wait = append(wait, page.Option{Value: s.ID, Text: fmt.Sprintf("Step %d has ended", i+1)})
	}
	if d.ID != "" {
		if p.Versions, err = versionsOf(r, v, p.Action, d, h); err != nil {
			return err
		}
		p.Earlier, _ = strconv.Atoi(r.URL.Query().Get("from"))
	}
	f := m.frame(r, v, p.Title, "workflows")
	f.Form, f.Back = form, &page.Link{Text: "Workflows", Href: v.base() + "workflows"}
	return workflowTemplate.Render(w, r, status, f, p)
}

// versionsOf are how a workflow has been, newest first, each with what it
// changed.
func versionsOf(r *http.Request, v visit, at string, d workflow.Definition, h team.House) ([]workflowVersion, error) {
	all, err := workflow.Versions(r.Context(), v.practice, d.ID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, x := range h.Teams {
		names[x.Ref] = x.Name
	}
	for _, x := range h.People {
		names[x.Ref] = x.Name
	}
	var out []workflowVersion
	for i, k := range all {
		row := workflowVersion{Number: k.Number, Since: day(k.From), By: cmp.Or(names[k.By], "Heartwood")}
		if i > 0 {
			row.Bring = fmt.Sprintf("%s?from=%d", at, k.Number)
		}
		if i+1 < len(all) {
			row.Changes = workflow.Differ(all[i+1].Definition, k.Definition, func(ref string) string { return cmp.Or(names[ref], "somebody who is not here any more") })
		}
		out = append(out, row)
	}
	return out, nil
}
