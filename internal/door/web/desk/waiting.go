package desk

import (
	"context"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type waitingPage struct {
	Desk   desk
	Note   string
	Notice *notice
	Diary  string
	Rows   []waitingRow
}

type waitingRow struct {
	ID, Version, Key        string
	Name, Href, Request     string
	For, Since, By, ByClass string
	Passed                  string
	Has                     bool // they have a time, and want an earlier one
	Urgent                  bool
	Kept                    string // until when a time is kept for them
}

var waitingTemplate = page.New[waitingPage](files, "waiting.html", "parts.html")

func (d *Desk) waitingPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.enter(r, access.Book, "")
	if err != nil {
		return err
	}
	return d.showWaiting(w, r, v, noticeOf(r), http.StatusOK)
}

func (d *Desk) showWaiting(w http.ResponseWriter, r *http.Request, v visit, n *notice, status int) error {
	all, err := d.booking.Waiting(r.Context(), v.practice)
	if err != nil {
		return err
	}
	p := waitingPage{Desk: v.desk(), Notice: n, Note: plural(len(all), "person", "people"), Diary: v.base() + "diary"}
	var patients []string
	for _, a := range all {
		about, err := d.patient(r.Context(), v, a.Patient.ID)
		if err != nil {
			return err
		}
		patients = append(patients, a.Patient.String())
		p.Rows = append(p.Rows, v.waitingRow(a, join(about.Name, bornWords(about.Born))))
	}
	if err := d.glanced(r.Context(), v, "waiting list", patients); err != nil {
		return err
	}
	return waitingTemplate.Render(w, r, status, v.frame(r, "Waiting list", "diary"), p)
}

func (v visit) waitingRow(a booking.Waiter, name string) waitingRow {
	row := waitingRow{
		ID: a.Appointment.ID, Version: a.Version, Key: ident.NewID(), Name: name, Urgent: a.Urgent,
		For: capital(join(orElse(a.Kind, "any kind"), a.Mode.String(), orElse(a.ClinicianName, "anyone"))), Since: moment(a.Since, v.now),
	}
	if a.Mode == "" {
		row.For = capital(join(orElse(a.Kind, "any kind"), "any way", orElse(a.ClinicianName, "anyone")))
	}
	row.Has = !a.Earlier.IsZero()
	if a.Passed > 0 {
		row.Passed = plural(a.Passed, "offer passed", "offers passed")
	}
	row.By, row.ByClass = clock(a.Offer.Until, 0, v.now)
	if !a.KeptUntil.IsZero() {
		row.Kept = moment(a.Start, v.now) + ", kept until " + moment(a.KeptUntil, v.now)
	}
	if v.may(access.SeeRecord, a.Patient.String()) {
		row.Href = v.base() + "patient/" + a.Patient.ID
	}
	if !a.Request.IsZero() {
		row.Request = v.base() + "request/" + a.Request.ID
	}
	return row
}

// waitingDo looks for a time for one who waits, or takes them off the list.
func (d *Desk) waitingDo(w http.ResponseWriter, r *http.Request) error {
	v, form, err := d.posted(w, r, access.Book, "", 0)
	if err != nil {
		return err
	}
	done, err := d.waitingDeed(r.Context(), v, r.PathValue("id"), form)
	switch k := fault.KindOf(err); {
	case err == nil:
		http.Redirect(w, r, v.base()+"waiting?done="+done, http.StatusSeeOther)
		return nil
	case k == fault.Invalid || k == fault.Conflict || k == fault.Refused:
		return d.showWaiting(w, r, v, &notice{Class: "problem", Title: fault.From(err).Message}, k.Status())
	}
	return err
}

func (d *Desk) waitingDeed(ctx context.Context, v visit, id string, form *page.Form) (done string, err error) {
	ref := ident.Ref{Type: "Appointment", ID: id}
	if !ident.IsID(id) {
		return "", fault.New(fault.NotFound, "There is nobody of that name on the list.")
	}
	switch form.Value("do") {
	case "offer":
		found, err := d.booking.OfferNow(ctx, v.practice, ref)
		if err == nil && !found {
			err = fault.New(fault.Refused, "Nothing that suits them is free just now. They stay on the list.")
		}
		return "wait-offer", err
	case "off":
		reason := form.Text("reason", 200)
		if reason == "" {
			return "", fault.New(fault.Invalid, "Say why they are taken off the list.")
		}
		_, err := d.booking.Cancel(ctx, v.practice, v.Author(""), booking.CancelCommand{
			Appointment: ref, Version: form.Value("version"), Reason: reason, Key: form.Value("key"),
		})
		return "wait-off", err
	}
	return "", fault.New(fault.Invalid, "Choose what to do.")
}

// doWait puts the patient of a request on the waiting list.
func (d *Desk) doWait(ctx context.Context, a *act) (string, error) {
	patient, c, err := a.times()
	if err != nil {
		return "", err
	}
	_, err = d.booking.Wait(ctx, a.practice, a.Author(a.view.Patient), booking.WaitCommand{
		Patient: patient, Request: a.task(), Constraint: c, Urgent: a.view.Urgency > 0, Key: a.form.Value("key"),
	})
	return "", err
}
