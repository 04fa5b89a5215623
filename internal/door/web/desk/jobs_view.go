package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/task"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// narrow is the part of the page of jobs with which the list is narrowed down,
// and with which the visitor keeps views of their own.
type narrow struct {
	Views                []filterLink
	Action               string
	Is                   bool // the list is narrowed down
	Open                 task.View
	Show, Words          string
	Above                bool
	Owners, Dues, Orders []option
	Filter, Shelf        string // what is kept, and the version of the shelf that was seen
	Name, Problem        string
}

// askedJobs is what the address asks for: a kept view, or the filter in it.
func (d *Desk) askedJobs(r *http.Request, v visit) (listed, *notice, error) {
	a := listed{filter: shownFilter(r.URL.Query())}
	id := r.URL.Query().Get("view")
	if id == "" {
		return a, noticeOf(r), nil
	}
	shelf, err := d.jobs.Shelf(r.Context(), v.ods, v.Author(""))
	if err != nil {
		return a, nil, err
	}
	if one, ok := shelf.Find(id); ok {
		if !r.URL.Query().Has("order") { // else it is open, and narrowed down in another way
			a.filter = shownFilter(one.Filter.Query())
		}
		a.view, a.name = one, one.Name
		return a, noticeOf(r), nil
	}
	return a, &notice{Class: "problem", Title: "You have no such view.", Text: "These are your own jobs."}, nil
}

// shownFilter is a filter of a list that there is.
func shownFilter(q url.Values) task.Filter {
	f := task.FilterOf(q)
	for _, view := range jobViews {
		if view.show == f.Show {
			return f
		}
	}
	f.Show = ""
	return f
}

// narrow fills in the part.
func (d *Desk) narrow(ctx context.Context, v visit, p *jobsPage, a listed, who colleagues) error {
	shelf, err := d.jobs.Shelf(ctx, v.ods, v.Author(""))
	if err != nil {
		return err
	}
	for _, one := range shelf.Views {
		p.Views = append(p.Views, filterLink{Label: one.Name, Href: v.base() + "jobs?view=" + one.ID, Current: one.ID == a.view.ID})
	}
	f := a.filter
	plain := task.Filter{Show: f.Show}
	p.narrow.Action, p.Is, p.Open = v.base()+"job-views", f != plain, a.view
	p.Show, p.Words, p.Above, p.Filter, p.Shelf = f.Show, f.Words, f.Above, f.Query().Encode(), shelf.Version
	p.Name, p.Problem = a.name, a.problem
	p.Owners = append([]option{{Label: "Anybody"}}, who.owners(f.Owner)...)
	if f.Owner != "" && !slices.ContainsFunc(p.Owners, func(o option) bool { return o.Chosen }) {
		p.Owners = append(p.Owners, option{Value: f.Owner, Label: orElse(who.name(f.Owner), "Somebody who has left"), Chosen: true})
	}
	p.Dues, p.Orders = chosen(task.Dues, f.Due), chosen(task.Orders, f.Order)
	return nil
}

func chosen(of []task.Choice, code string) []option {
	var out []option
	for _, c := range of {
		out = append(out, option{Value: c.Code, Label: c.Label, Chosen: c.Code == code})
	}
	return out
}

// jobsViewDo keeps a view of the visitor's own, gives it another name or
// filter, or deletes it.
func (d *Desk) jobsViewDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.AssignJob, "", 0)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(form.Value("filter"))
	if err != nil {
		return fault.New(fault.Invalid, "This form is broken. Start again.")
	}
	a := listed{filter: shownFilter(q), name: form.Value("name")}
	shelf, err := d.jobs.Shelf(r.Context(), v.ods, v.Author(""))
	if err != nil {
		return err
	}
	shelf.Version = form.Value("version")
	one, had := shelf.Find(form.Value("view"))
	to := "jobs?done=view-gone"
	switch do := form.Value("do"); {
	case do == "delete":
		shelf = shelf.Drop(one.ID)
	case do == "change" && had:
		a.view = one
		to = "jobs?done=view&view=" + one.ID
		shelf, err = shelf.Put(task.View{ID: one.ID, Name: a.name, Filter: a.filter})
	default:
		id := ident.NewID()
		to = "jobs?done=view&view=" + id
		shelf, err = shelf.Put(task.View{ID: id, Name: a.name, Filter: a.filter})
	}
	if err == nil {
		err = d.jobs.Keep(r.Context(), v.ods, v.Author(""), shelf)
	}
	if err == nil {
		http.Redirect(w, r, v.base()+to, http.StatusSeeOther)
		return nil
	}
	fail := care.Fields(err)[0]
	switch fail.Kind {
	case fault.Invalid, fault.Refused, fault.Conflict:
		a.problem = fail.Message
		return d.showJobs(w, r, v, a, nil, fail.Kind.Status())
	}
	return err
}
