package desk

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/elsewhere"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/times"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// elsewherePage is a patient's appointments at other practices, and the times
// there that can be booked for them.
type elsewherePage struct {
	Desk     desk
	Notice   *notice
	Summary  *side
	Tabs     []tab
	Action   string
	Name     string
	Form     *page.Form
	Booked   []awayRow
	Partners []page.Option
	At       string // the practice whose times are shown, "" for none
	AtName   string
	Moving   *awayRow // the appointment that is moved
	Days     []times.Day
	Agreed   []page.Option
	Anyway   []page.Option // another appointment at that time was seen
	Key      string
}

// awayRow is one appointment at another practice.
type awayRow struct {
	ID, Version, Key      string
	When, At, What, Where string
	State, Class          string
	Change                bool // it can be moved and cancelled
	Move                  string
}

var elsewhereTemplate = page.New[elsewherePage](files, "elsewhere.html", "summary.html", "parts.html")

// mostTimes is how many times of another practice are shown at once.
const mostTimes = 60

var agreedOptions = []page.Option{{
	Value: "yes", Text: "The patient agrees that the other practice is told who they are and what it is for",
}}

var anywayOptions = []page.Option{{Value: "yes", Text: "Book it all the same"}}

var elsewhereDones = map[string]string{
	"book": "Booked there. The patient has been told.", "move": "Moved. The patient has been told.", "cancel": "Cancelled there. The patient has been told.",
}

func (d *Desk) elsewherePage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Book, "Patient/"+r.PathValue("id"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p := elsewherePage{At: q.Get("at"), Form: page.NewForm(map[string]string{"move": q.Get("move")})}
	if s := elsewhereDones[q.Get("done")]; s != "" {
		p.Notice = &notice{Class: "done", Title: s}
	}
	return d.showElsewhere(w, r, v, p, http.StatusOK)
}

func (d *Desk) showElsewhere(w http.ResponseWriter, r *http.Request, v visit, p elsewherePage, status int) error {
	id := r.PathValue("id")
	ref := ident.Ref{Type: "Patient", ID: id}
	who, err := d.patient(r.Context(), v, id)
	if err != nil {
		return err
	}
	if p.Summary, err = d.side(r.Context(), v, ref.String()); err != nil {
		return err
	}
	if err := v.saw(r.Context(), ref.String(), "bookings elsewhere", p.Summary); err != nil {
		return err
	}
	p.Desk, p.Name, p.Agreed, p.Key = v.desk(), who.Name, agreedOptions, ident.NewID()
	p.Action = v.base() + "patient/" + id + "/elsewhere"
	p.Tabs = d.tabs(v, id, "elsewhere")
	if p.Form.Value("key") != "" && p.Form.Error("slot") == "" {
		p.Key = p.Form.Value("key")
	}
	all, err := d.away.Of(r.Context(), v.practice, ref)
	if err != nil {
		return err
	}
	for _, b := range all {
		row := v.awayRow(p.Action, b)
		p.Booked = append(p.Booked, row)
		if b.Appointment.ID == p.Form.Value("move") && row.Change {
			p.Moving, p.At = &row, string(b.Away.At)
		}
	}
	if err := d.timesElsewhere(r.Context(), v, &p); err != nil {
		return err
	}
	f := v.frame(r, "Book elsewhere", "patients")
	if !p.Form.OK() {
		f.Form = p.Form
	}
	return elsewhereTemplate.Render(w, r, status, f, p)
}

// timesElsewhere fills in the practices, and the times of the one chosen.
func (d *Desk) timesElsewhere(ctx context.Context, v visit, p *elsewherePage) error {
	partners, err := elsewhere.Partners(ctx, v.practice)
	if err != nil {
		return err
	}
	for _, a := range partners {
		p.Partners = append(p.Partners, page.Option{Value: string(a.Partner), Text: a.Name})
		if string(a.Partner) == p.At {
			p.AtName = a.Name
		}
	}
	p.Form.Set("at", p.At)
	if p.AtName == "" {
		p.At = ""
		return nil
	}
	slots, err := d.away.Free(ctx, v.practice, ident.ODS(p.At), mostTimes)
	if fault.Is(err, fault.Refused) {
		p.Form.Fail("at", fault.From(err).Message)
		return nil
	}
	p.Days = times.Days(words.English, slots, p.Form.Value("slot"))
	return err
}

func (v visit) awayRow(action string, b booking.View) awayRow {
	row := awayRow{
		ID: b.Appointment.ID, Version: b.Version, Key: ident.NewID(), When: moment(b.Start, v.now), At: b.Away.Name,
		What: b.Reason, Where: join(b.Mode.String(), b.ClinicianName, b.Away.Place), State: capital(statusNote(b.Status)),
		Move: action + "?move=" + b.Appointment.ID + "#times",
	}
	switch {
	case b.Away.Errand != "":
		row.State, row.Class = "On its way there", "yellow"
	case b.Status == "booked" && b.Start.After(v.now):
		row.State, row.Class, row.Change = "Booked", "green", true
	case b.Status == "booked":
		row.State, row.Class = "Was then", "grey"
	case b.Status == "cancelled":
		row.State, row.Class = "Cancelled", "grey"
	default:
		row.Class = "blue"
	}
	return row
}

// elsewhereDo books, moves or cancels.
func (d *Desk) elsewhereDo(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, form, err := d.posted(w, r, access.Book, "Patient/"+id, 0)
	if err != nil {
		return err
	}
	if _, err := d.patient(r.Context(), v, id); err != nil {
		return err
	}
	done, err := d.elsewhereDeed(r.Context(), v, ident.Ref{Type: "Patient", ID: id}, form)
	if err == nil && form.OK() {
		http.Redirect(w, r, v.base()+"patient/"+id+"/elsewhere?done="+done, http.StatusSeeOther)
		return nil
	}
	p := elsewherePage{Form: form, At: form.Value("at")}
	status := http.StatusBadRequest
	if err != nil {
		f := fault.From(err)
		switch f.Kind {
		case fault.Invalid, fault.Refused, fault.Conflict:
			status = f.Kind.Status()
		case fault.Busy:
			p.Notice = &notice{Class: "problem", Title: "The other practice cannot be reached just now.", Text: "What you asked for is kept, and is carried over by itself. Look at this page again."}
			return d.showElsewhere(w, r, v, p, f.Kind.Status())
		default:
			return err
		}
		where := orElse(f.Where, "slot")
		if where == "anyway" {
			p.Anyway = anywayOptions
		}
		form.Fail(where, f.Message)
	}
	return d.showElsewhere(w, r, v, p, status)
}

func (d *Desk) elsewhereDeed(ctx context.Context, v visit, patient ident.Ref, form *page.Form) (string, error) {
	do, key := form.Value("do"), form.Value("key")
	slot := ident.Ref{Type: "Slot", ID: form.Value("slot")}
	if do != "cancel" && !ident.IsID(slot.ID) {
		form.Fail("slot", "Choose a time")
		return "", nil
	}
	if !ident.IsID(key) {
		return "", fault.New(fault.Invalid, "Please open this page again, and send the form from there.")
	}
	key = "elsewhere-" + patient.ID + "-" + key
	if do == "book" {
		_, err := d.away.Book(ctx, v.practice, v.Author(patient.String()), elsewhere.BookCommand{
			Patient: patient, At: ident.ODS(form.Text("at", 10)), Slot: slot, Reason: form.Text("reason", 200),
			Agreed: form.Has("agreed", "yes"), Anyway: form.Has("anyway", "yes"), Key: key,
		})
		return do, err
	}
	c := elsewhere.ChangeCommand{Version: form.Value("version"), Key: key}
	switch do {
	case "move":
		c.Slot = slot
	case "cancel":
		c.Reason = form.Text("why", 200)
	default:
		return "", fault.New(fault.Invalid, "Choose what to do.")
	}
	theirs, err := d.away.Of(ctx, v.practice, patient)
	if err != nil {
		return "", err
	}
	for _, b := range theirs {
		if b.Appointment.ID == form.Value("appointment") {
			c.Appointment = b.Appointment
			_, err := d.away.Change(ctx, v.practice, v.Author(patient.String()), c)
			return do, err
		}
	}
	return "", fault.New(fault.Refused, "There is no such appointment of this patient.")
}
