package desk

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/hidden"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
	"heartwood/internal/words"
)

// hidePage is what of a record is not seen online, and what could be hidden.
type hidePage struct {
	Desk    desk
	Notice  *notice
	Summary *side
	Tabs    []tab
	Name    string
	Action  string
	Form    *page.Form
	Hidden  []hiddenRow
	Items   []page.Option
	CanShow bool
}

type hiddenRow struct{ Item, What, Reason, By string }

var hideTemplate = page.New[hidePage](files, "hide.html", "summary.html", "parts.html")

// hideMost is how many entries of the journal can be chosen from.
const hideMost = 100

func (d *Desk) hidePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Hide, "Patient/"+r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.showHide(w, r, v, page.NewForm(map[string]string{"item": r.FormValue("item")}), http.StatusOK)
}

func (d *Desk) showHide(w http.ResponseWriter, r *http.Request, v visit, form *page.Form, status int) error {
	id := r.PathValue("id")
	ref := ident.Ref{Type: "Patient", ID: id}
	side, err := d.side(r.Context(), v, ref.String())
	if err != nil {
		return err
	}
	if err := v.saw(r.Context(), ref.String(), "record", side); err != nil {
		return err
	}
	p := hidePage{
		Desk: v.desk(), Summary: side, Tabs: d.tabs(v, id, "hidden"), Name: side.Name, Form: form,
		Action: v.base() + "patient/" + id + "/hidden", CanShow: v.may(access.Unhide, ref.String()), Notice: hideNotice(r),
	}
	if err := d.hideRows(r, v, &p, ref); err != nil {
		return err
	}
	f := v.frame(r, "Hidden online", "patients")
	if !form.OK() {
		f.Form = form
	}
	return hideTemplate.Render(w, r, status, f, p)
}

// hideRows fills in what is hidden and what could be.
func (d *Desk) hideRows(r *http.Request, v visit, p *hidePage, ref ident.Ref) error {
	ctx := r.Context()
	marks, err := hidden.List(ctx, v.practice, ref)
	if err != nil {
		return err
	}
	j, err := timeline.ReadJournal(ctx, v.practice, ref, timeline.Part{Most: hideMost, Types: hidden.Kinds})
	if err != nil {
		return err
	}
	who, err := d.colleagues(ctx, v)
	if err != nil {
		return err
	}
	called, is := map[ident.Ref]string{}, map[ident.Ref]bool{}
	for _, it := range j.Items {
		called[it.Ref] = orElse(date(it.Date), "No date") + ": " + it.Kind + ": " + it.Title
	}
	for _, m := range marks {
		is[m.Item] = true
		p.Hidden = append(p.Hidden, hiddenRow{
			Item: m.Item.String(), What: orElse(called[m.Item], "An older entry ("+m.Item.Type+")"), Reason: m.Reason,
			By: who.name(m.By) + ", " + words.Stamp(m.Since),
		})
	}
	p.Items = []page.Option{{Text: "Choose an entry"}}
	for _, it := range j.Items {
		if !is[it.Ref] {
			p.Items = append(p.Items, page.Option{Value: it.Ref.String(), Text: called[it.Ref]})
		}
	}
	return nil
}

func hideNotice(r *http.Request) *notice {
	switch r.URL.Query().Get("done") {
	case "hide":
		return &notice{Class: "done", Title: "Hidden. It cannot be seen online any more."}
	case "show":
		return &notice{Class: "done", Title: "It can be seen online again."}
	}
	return nil
}

// hideDo hides an entry or shows it again.
func (d *Desk) hideDo(w http.ResponseWriter, r *http.Request) error {
	patient := "Patient/" + r.PathValue("id")
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	action, do := access.Hide, hidden.Hide
	if form.Value("do") == "show" {
		action, do = access.Unhide, hidden.Show
	}
	v, err := d.enter(r, action, patient)
	if err != nil {
		return err
	}
	ref, _ := ident.ParseRef(patient)
	item, ok := ident.ParseRef(form.Value("item"))
	if !ok {
		form.Fail("item", "Choose an entry")
	}
	reason := form.Need("reason", 500, "Say why, in a few words")
	if form.OK() {
		err := do(r.Context(), v.practice, v.Author(patient), ref, item, reason)
		if err != nil && !form.FailWith(orElse(fault.From(err).Where, "item"), err) {
			return err
		}
	}
	if !form.OK() {
		return d.showHide(w, r, v, form, http.StatusBadRequest)
	}
	http.Redirect(w, r, v.base()+"patient/"+r.PathValue("id")+"/hidden?done="+form.Value("do"), http.StatusSeeOther)
	return nil
}

// hiddenOf says on a request whether it is seen online.
func (v visit) hiddenOf(ctx context.Context, p *requestPage, view request.View) error {
	patient, ok := ident.ParseRef(view.Patient)
	if !ok {
		return nil // nobody sees it online before it is matched
	}
	item := ident.Ref{Type: "Task", ID: view.ID}
	marks, err := hidden.List(ctx, v.practice, patient)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Item == item {
			p.HiddenWhy = "Neither the patient nor who acts for them sees this online: " + m.Reason
			return nil
		}
	}
	if v.may(access.Hide, view.Patient) {
		p.HideHref = v.base() + "patient/" + patient.ID + "/hidden?item=" + item.String()
	}
	return nil
}
