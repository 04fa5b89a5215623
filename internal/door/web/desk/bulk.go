package desk

import (
	"net/http"
	"strings"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/worklist"
)

// bulkForm is the form of what is done to many requests at once.
type bulkForm struct {
	Key, Action      string
	Doing            string
	Owners, Outcomes []option
	MayClose         bool
	form             *page.Form
}

// Typed is what somebody typed into a field.
func (b bulkForm) Typed(name string) string { return b.form.Value(name) }

func (v visit) bulkForm(typed *page.Form, who colleagues) *bulkForm {
	if !v.may(access.Triage, "") {
		return nil
	}
	b := &bulkForm{Key: ident.NewID(), Action: v.base() + "bulk", Doing: typed.Value("do"), form: typed, MayClose: v.may(access.Close, "")}
	b.Owners = who.owners(typed.Value("owner"))
	b.Outcomes = []option{{Label: "Choose an outcome"}}
	for _, o := range request.Outcomes {
		b.Outcomes = append(b.Outcomes, option{Value: string(o), Label: o.Label(), Chosen: typed.Value("outcome") == string(o)})
	}
	return b
}

// bulkDo does one thing to all the requests that were selected, and shows what
// it did.
func (d *Desk) bulkDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.Triage, "", 0)
	if err != nil {
		return err
	}
	cmd, err := d.bulkCommand(r, v, form)
	var done request.Batch
	if err == nil {
		done, err = d.requests.Bulk(r.Context(), v.ods, v.Author(""), picked(form), cmd, form.Value("key"))
	}
	if err != nil {
		f := care.Fields(err)[0]
		if f.Kind != fault.Invalid && f.Kind != fault.Refused {
			return err
		}
		return d.showQueue(w, r, v, form, &notice{Class: "problem", Title: f.Message, Text: "Nothing was done."}, f.Kind.Status())
	}
	http.Redirect(w, r, v.base()+"bulk/"+done.ID, http.StatusSeeOther)
	return nil
}

// picked are the requests that were selected, as they were seen.
func picked(form *page.Form) []request.Picked {
	var out []request.Picked
	for _, s := range form.Values["pick"] {
		id, version, _ := strings.Cut(s, " ")
		out = append(out, request.Picked{ID: id, Version: version})
	}
	return out
}

func (d *Desk) bulkCommand(r *http.Request, v visit, form *page.Form) (request.Command, error) {
	switch form.Value("do") {
	case "assign":
		to, err := d.owner(r.Context(), v, form.Value("owner"))
		return request.Assign{To: request.Owner{Ref: to.Ref, Name: to.Name}}, err
	case "snooze":
		until, err := asideUntil(form.Value("until-day"), form.Value("until-time"))
		return request.Snooze{Until: until, Reason: form.Text("why", 2000)}, err
	case "wake":
		return request.Wake{}, nil
	case "close":
		if err := access.May(v.Person, access.Close, v.ods, ""); err != nil {
			return nil, err
		}
		c := request.Close{Outcome: request.Outcome(form.Value("outcome")), Told: form.Text("told", 5000)}
		switch {
		case c.Outcome.Label() == "":
			return nil, fault.New(fault.Invalid, "Choose an outcome: a request cannot be closed without one.")
		case c.Told == "":
			return nil, fault.New(fault.Invalid, "Write what the patients are told.")
		}
		return c, nil
	}
	return nil, fault.New(fault.Invalid, "Choose what to do with them.")
}

type batchPage struct {
	Desk            desk
	Title, By, When string
	Action          string
	Done, Left      []batchRow
	Told, MayUndo   bool
	Undone          string // where what took it back is
	Undoes          bool
}

type batchRow struct{ Href, Reference, Why string }

var batchTemplate = page.New[batchPage](files, "batch.html", "parts.html")

// batchPage shows what was done to many at once, and takes it back.
func (d *Desk) batchPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Triage, "")
	if err != nil {
		return err
	}
	b, err := request.LoadBatch(r.Context(), v.practice, r.PathValue("batch"))
	if err != nil {
		return err
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	p := batchPage{
		Desk: v.desk(), Title: capital(b.What), By: who.name(b.By), When: moment(b.Time, v.now), Told: b.Closed,
		Action: v.base() + "bulk/" + b.ID + "/undo", Undoes: b.Undoes != "",
		MayUndo: b.Undoes == "" && b.Undone == "" && len(b.Done) > 0,
	}
	if b.Undone != "" {
		p.Undone = v.base() + "bulk/" + b.Undone
	}
	for _, m := range b.Done {
		p.Done = append(p.Done, batchRow{Href: v.base() + "request/" + m.ID, Reference: m.Reference})
	}
	for _, l := range b.Left {
		p.Left = append(p.Left, batchRow{Href: v.base() + "request/" + l.ID, Reference: l.Reference, Why: l.Why})
	}
	f := v.frame(r, "Many at once", "")
	f.Back = &page.Link{Text: "Queue", Href: v.base()}
	return batchTemplate.Render(w, r, http.StatusOK, f, p)
}

func (d *Desk) batchUndo(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Triage, "")
	if err != nil {
		return err
	}
	undone, err := d.requests.Undo(r.Context(), v.ods, v.Author(""), r.PathValue("batch"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, v.base()+"bulk/"+undone.ID, http.StatusSeeOther)
	return nil
}

// nextRequest opens the most urgent request that this person can take up and
// that nobody else has open. Having it open is noted before they are sent
// there, so two who press at once get two requests.
func (d *Desk) nextRequest(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.WorkQueue, "")
	if err != nil {
		return err
	}
	list, err := d.fresh(r.Context(), v)
	if err != nil {
		return err
	}
	after := ident.Ref{}
	for range 20 {
		row, ok := list.Next(worklist.Filter{For: v.ref()}, after, v.ref())
		if !ok {
			break
		}
		if len(list.Open(r.Context(), row.Task, worklist.Person{Ref: v.ref(), Name: v.Name})) == 0 {
			http.Redirect(w, r, v.base()+"request/"+row.Task.ID, http.StatusSeeOther)
			return nil
		}
		after = row.Task
	}
	http.Redirect(w, r, v.base()+"?done=none", http.StatusSeeOther)
	return nil
}
