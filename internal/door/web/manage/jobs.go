package manage

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/page/chart"
	"heartwood/internal/door/web/page/sheet"
)

// jobsPage is how jobs and workflows go, for a period.
type jobsPage struct {
	Period  period
	Figures []figure
	Charts  []chart.Chart
	Sheets  []sheet.Sheet
}

var jobsTemplate = page.New[jobsPage](files, "jobs.html", "period.html")

// How jobs and cases are counted, said the same way wherever they stand.
const (
	aboutJobs    = "Begun, done and cancelled are of the days chosen; open and overdue are as it is now, whatever the days. A job that was done and opened again counts as open."
	aboutTook    = "Time to done: from when it was begun until it was done, by the clock, nights and weekends too, of those done in the days chosen. Half took at most the first, nine in ten at most the second. Open since: the same of how old those are that are open now."
	aboutOwner   = "A job counts for who has it, or had it when it ended, not for who had it before. It says where work lies, and not how well somebody works: jobs are not alike."
	aboutOverdue = "A case is overdue when one of its steps is."
)

// tally reads what the report and its files are made of.
func (m *Manage) tally(r *http.Request, v visit, p period) (workflow.Tally, error) {
	ctx := r.Context()
	service := task.NewService(m.store)
	jobs, err := service.All(ctx, v.ods, task.Open, time.Time{})
	if err != nil {
		return workflow.Tally{}, err
	}
	for _, in := range []task.State{task.Done, task.Cancelled} {
		some, err := service.All(ctx, v.ods, in, p.From)
		if err != nil {
			return workflow.Tally{}, err
		}
		jobs = append(jobs, some...)
	}
	cases, err := workflow.CasesSince(ctx, v.practice, p.From)
	if err != nil {
		return workflow.Tally{}, err
	}
	h, err := house(ctx, v)
	if err != nil {
		return workflow.Tally{}, err
	}
	t := workflow.Report(jobs, cases, p.From, p.To, v.now)
	names := map[string]string{}
	for _, x := range h.Teams {
		names[x.Ref] = x.Name
	}
	for _, x := range h.People {
		names[x.Ref] = x.Name
	}
	for i, o := range t.Owners {
		t.Owners[i].Name = cmp.Or(names[o.Key], o.Name, "Not known")
	}
	slices.SortStableFunc(t.Owners, func(a, b workflow.Count) int { // teams first
		return strings.Compare(a.Key[:min(2, len(a.Key))], b.Key[:min(2, len(b.Key))])
	})
	return t, nil
}

// jobsReport shows how jobs and workflows go.
func (m *Manage) jobsReport(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := periodOf(r, v.now)
	t, err := m.tally(r, v, p)
	if err != nil {
		return err
	}
	data := jobsPage{Period: p, Figures: jobFigures(t), Charts: jobCharts(t), Sheets: jobSheets(t)}
	for i := range data.Sheets {
		data.Sheets[i].File = v.base() + "jobs/" + data.Sheets[i].ID + ".csv" + p.Query()
	}
	return jobsTemplate.Render(w, r, http.StatusOK, m.frame(r, v, "Jobs and workflows", "jobs"), data)
}

func (m *Manage) jobsFile(w http.ResponseWriter, r *http.Request) error {
	v, err := m.enter(r, access.Reconcile)
	if err != nil {
		return err
	}
	p := periodOf(r, v.now)
	t, err := m.tally(r, v, p)
	if err != nil {
		return err
	}
	return sendSheet(w, r.PathValue("file"), string(v.ods), p, jobSheets(t))
}

func jobFigures(t workflow.Tally) []figure {
	took := func(c workflow.Count) string {
		if c.Took.N == 0 {
			return ""
		}
		return "half within " + brief(c.Took.Half)
	}
	return []figure{
		{Label: "Jobs done", Value: fmt.Sprint(t.Jobs.Done), Note: took(t.Jobs)},
		{Label: "Jobs open now", Value: fmt.Sprint(t.Jobs.Open)},
		{Label: "Jobs overdue now", Value: fmt.Sprint(t.Jobs.Overdue), Late: t.Jobs.Overdue > 0},
		{Label: "Cases done", Value: fmt.Sprint(t.Cases.Done), Note: took(t.Cases)},
		{Label: "Cases open now", Value: fmt.Sprint(t.Cases.Open)},
		{Label: "Cases overdue now", Value: fmt.Sprint(t.Cases.Overdue), Late: t.Cases.Overdue > 0},
	}
}

// mostBars is how many owners are drawn; the table has them all.
const mostBars = 8

func jobCharts(t workflow.Tally) (out []chart.Chart) {
	draw := func(id, title, unit, head string, of []workflow.Count) {
		of = slices.Clone(of)
		slices.SortStableFunc(of, func(a, b workflow.Count) int { return b.Open - a.Open })
		of = slices.DeleteFunc(of, func(c workflow.Count) bool { return c.Open == 0 })
		if len(of) == 0 {
			return
		}
		if len(of) > mostBars {
			of, title = of[:mostBars], fmt.Sprintf("%s: the %d with most", title, mostBars)
		}
		var bars []chart.Bar
		var marks []int
		for _, c := range of {
			bars, marks = append(bars, chart.Bar{Label: c.Name, Value: c.Open}), append(marks, c.Overdue)
		}
		out = append(out, chart.Against(id, title, unit, head, bars, "those overdue", marks))
	}
	draw("open-owners", "Jobs open now", "jobs", "Team or person", t.Owners)
	draw("open-workflows", "Cases open now", "cases", "Workflow", t.Workflows)
	return out
}

func jobSheets(t workflow.Tally) []sheet.Sheet {
	return []sheet.Sheet{
		countSheet("jobs-owners", "Jobs by team and person", "Team or person", t.Owners, &t.Jobs, aboutJobs, aboutTook, aboutOwner),
		countSheet("cases-workflows", "Cases by workflow", "Workflow", t.Workflows, &t.Cases, aboutJobs, aboutTook, aboutOverdue),
		countSheet("cases-steps", "Steps of workflows", "Step", t.Steps, nil, aboutJobs, aboutTook),
	}
}

func countSheet(id, title, head string, of []workflow.Count, all *workflow.Count, about ...string) sheet.Sheet {
	s := sheet.Sheet{
		ID: id, Title: title, About: about,
		Head: []string{head, "Begun", "Done", "Cancelled", "Half done within", "9 in 10 done within", "Open now", "Overdue now", "Half open since", "9 in 10 open since"},
	}
	row := func(name string, c workflow.Count) []string {
		return []string{
			name, fmt.Sprint(c.Begun), fmt.Sprint(c.Done), fmt.Sprint(c.Cancelled), wait(c.Took.Half, c.Took.N), wait(c.Took.Ninth, c.Took.N),
			fmt.Sprint(c.Open), fmt.Sprint(c.Overdue), wait(c.Age.Half, c.Age.N), wait(c.Age.Ninth, c.Age.N),
		}
	}
	for _, c := range of {
		s.Rows = append(s.Rows, sheet.Row{Cells: row(c.Name, c), Alert: c.Overdue > 0})
	}
	if all != nil && len(of) > 0 {
		s.Total = &sheet.Row{Cells: row("All", *all)}
	}
	return s
}
