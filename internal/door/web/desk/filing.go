package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/filing"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/view/timeline"
	"heartwood/internal/words"
)

// filed is what the page of a request says of where its messages are filed.
type filed struct {
	Where, By          string // "" for nowhere
	More               bool   // something came since
	Headings, Problems []option
}

// filedOf fills it in, and what was decided about it into the story.
func (d *Desk) filedOf(ctx context.Context, v visit, p *requestPage, view request.View, who colleagues) error {
	if view.Patient == "" || !v.may(access.Close, view.Patient) {
		return nil
	}
	was, err := filing.Of(ctx, v.practice, view.ID)
	if err != nil {
		return err
	}
	p.Filed = &filed{Headings: headings(orElse(p.Typed("heading"), string(was.Heading)))}
	if was.In(view.Patient) {
		p.Filed.Where, p.Filed.By = was.Words(), who.name(was.By)+", "+moment(was.At, v.now)
		p.Filed.More = view.Changed.After(was.At)
	}
	if view.Open() {
		return nil
	}
	p.Filed.Problems, err = v.problemOptions(ctx, view.Patient, orElse(p.Typed("problem"), was.Problem.ID))
	return err
}

// headings are the parts of a record as options.
func headings(chosen string) []option {
	out := []option{{Label: "Choose where"}}
	for _, h := range filing.Headings {
		out = append(out, option{Value: string(h), Label: h.Label(), Chosen: string(h) == chosen})
	}
	return out
}

// problemOptions are a patient's problems, the newest first.
func (v visit) problemOptions(ctx context.Context, patient, chosen string) ([]option, error) {
	ref, _ := ident.ParseRef(patient)
	j, err := timeline.ReadJournal(ctx, v.practice, ref, timeline.Part{
		Most: 200, Types: []string{"Condition"}, Show: func(l timeline.Line) bool { return l.Status != "refuted" },
	})
	out := []option{{Label: "No problem"}}
	for _, it := range j.Items {
		out = append(out, option{Value: it.Ref.ID, Label: join(firstLine(it.Title, 80), it.Status), Chosen: it.Ref.ID == chosen})
	}
	return out, err
}

func (d *Desk) doFile(ctx context.Context, a *act) (string, error) {
	c := filing.File{Heading: filing.Heading(a.form.Value("heading"))}
	if id := a.form.Value("problem"); id != "" {
		c.Problem = ident.Ref{Type: "Condition", ID: id}
	}
	return "", d.filing.Do(ctx, a.ods, a.Author(a.view.Patient), a.view.ID, a.form.Value("version"), c)
}

func (d *Desk) doUnfile(ctx context.Context, a *act) (string, error) {
	c := filing.TakeOut{Reason: a.form.Text("reason", 2000)}
	return "", d.filing.Do(ctx, a.ods, a.Author(a.view.Patient), a.view.ID, a.form.Value("version"), c)
}

// filingPage is the list of threads that are still to be filed, a week at a
// time.
type filingPage struct {
	Desk         desk
	Note, Week   string
	Notice       *notice
	Mine         bool
	Here         string // the address of this week's list
	MineHref     string
	AllHref      string
	Older, Newer string
	Rows         []filingRow
	More         int // that there is no room for
	Headings     []option
	Problem      string
}

type filingRow struct {
	ID, Pick, Href, Patient, About, Outcome, When, With string
	Before                                              bool
}

var filingTemplate = page.New[filingPage](files, "filing.html", "parts.html")

// filingMost is how many threads one page shows.
const filingMost = 100

func (d *Desk) filingPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Close, "")
	if err != nil {
		return err
	}
	return d.showFiling(w, r, v, filingPage{Headings: headings("")}, http.StatusOK)
}

// filingDo files the threads that are ticked under one heading. Each stands by
// itself: what cannot be filed is named, and the rest is filed.
func (d *Desk) filingDo(w http.ResponseWriter, r *http.Request) error {
	v, f, err := d.posted(w, r, access.Close, "", 0)
	if err != nil {
		return err
	}
	p := filingPage{Headings: headings(f.Value("heading"))}
	c := filing.File{Heading: filing.Heading(f.Value("heading"))}
	picks := picked(f)
	switch {
	case len(picks) == 0:
		p.Problem = "Tick the threads that are to be filed."
	case len(picks) > filingMost:
		p.Problem = fmt.Sprintf("Tick %d at most.", filingMost)
	case c.Heading.Label() == "":
		p.Problem = "Choose where they belong."
	}
	if p.Problem != "" {
		return d.showFiling(w, r, v, p, http.StatusBadRequest)
	}
	done, left := 0, 0
	for _, one := range picks {
		err := d.filing.Do(r.Context(), v.ods, v.Author(""), one.ID, one.Version, c)
		switch {
		case err == nil:
			done++
		case canStay(err):
			left++
		default:
			return err
		}
	}
	p.Notice = &notice{Class: "done", Title: plural(done, "thread filed", "threads filed") + " under " + c.Heading.Label() + "."}
	if left > 0 {
		p.Notice.Text = plural(left, "was", "were") + " left as it is: it has changed meanwhile, or cannot be filed. Open it to see why."
	}
	return d.showFiling(w, r, v, p, http.StatusOK)
}

// canStay tells whether one of many could not be filed for a reason of its own.
func canStay(err error) bool {
	switch care.Fields(err)[0].Kind {
	case fault.Conflict, fault.Refused, fault.NotFound, fault.Gone:
		return true
	}
	return false
}

func (d *Desk) showFiling(w http.ResponseWriter, r *http.Request, v visit, p filingPage, status int) error {
	from, to := week(r.URL.Query().Get("before"), v.now)
	all, err := filing.Waiting(r.Context(), v.practice, from, to)
	if err != nil {
		return err
	}
	who, err := d.colleagues(r.Context(), v)
	if err != nil {
		return err
	}
	p.Desk, p.Mine = v.desk(), r.URL.Query().Get("mine") == "1"
	p.links(v, from, to)
	var patients []string
	for _, t := range all {
		switch {
		case p.Mine && t.Owner.Ref != v.Ref:
		case len(p.Rows) == filingMost:
			p.More++
		default:
			p.Rows = append(p.Rows, v.filingRow(t, who))
			patients = append(patients, t.Patient)
		}
	}
	p.Note = plural(len(p.Rows)+p.More, "thread", "threads")
	if err := d.glanced(r.Context(), v, "messages to file", patients); err != nil {
		return err
	}
	return filingTemplate.Render(w, r, status, v.frame(r, "To be filed", "jobs"), p)
}

// week is the seven days that a page shows: those before a day, or those up to
// now.
func week(before string, now time.Time) (from, to time.Time) {
	to, err := time.ParseInLocation(time.DateOnly, before, words.London)
	y, m, d := now.In(words.London).Date()
	if tomorrow := time.Date(y, m, d+1, 0, 0, 0, 0, words.London); err != nil || to.After(tomorrow) {
		to = tomorrow
	}
	return to.AddDate(0, 0, -7), to
}

// links are the addresses of the weeks beside this one, of all or of one's own.
func (p *filingPage) links(v visit, from, to time.Time) {
	at := func(before time.Time, mine bool) string {
		href := v.base() + "filing?before=" + before.In(words.London).Format(time.DateOnly)
		if mine {
			href += "&mine=1"
		}
		return href
	}
	p.Here, p.Older = at(to, p.Mine), at(from, p.Mine)
	p.MineHref, p.AllHref = at(to, true), at(to, false)
	if to.Before(v.now) {
		p.Newer = at(to.AddDate(0, 0, 7), p.Mine)
	}
	p.Week = day(from, v.now) + " to " + day(to.Add(-time.Hour), v.now)
}

func (v visit) filingRow(t filing.Thread, who colleagues) filingRow {
	return filingRow{
		ID: t.ID, Pick: t.ID + " " + t.Version, Href: v.base() + "request/" + t.ID, Patient: orElse(t.Name, "A patient"),
		About: orElse(firstLine(t.About, 110), t.Reference), Outcome: t.Outcome.Label(), When: moment(t.Last, v.now),
		With: strings.TrimSpace(orElse(t.Owner.Name, who.name(t.Owner.Ref))), Before: t.Before,
	}
}
