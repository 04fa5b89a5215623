package patient

import (
	"errors"
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/times"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type choosePage struct {
	Form    *page.Form
	Action  string
	Reason  string
	Note    string
	Days    []times.Day
	Token   string
	Moving  *appointmentLine // the booking that is moved, nil for an offer
	Clash   string           // "" or what else is booked at that time
	Slot    string           // the slot that clashes
	Message string           // where to ask for another time
	Wait    string           // where to join the waiting list, "" when they cannot
	Kept    string           // until when the one time is kept for them
	Has     string           // the time that they have, and give back when they take the one that is kept
	Earlier string           // where to ask for an earlier time, "" when they cannot
	Waits   string           // where they wait for an earlier time already
}

var chooseTemplate = page.New[choosePage](files, "choose.html", "days.html")

const choices = 60 // times shown at once

// choosePage shows the times that can be had now, by day.
func (a *Patients) choosePage(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot)
	if err != nil {
		return err
	}
	if v.appointmentLine(b).Choose == "" && !v.appointmentLine(b).Coming {
		see(w, r, v.base()+"appointments/"+b.Appointment.ID)
		return nil
	}
	return a.showChoices(w, r, v, b, page.NewForm(map[string]string{"token": ident.NewID()}), http.StatusOK)
}

func (a *Patients) showChoices(w http.ResponseWriter, r *http.Request, v visit, b booking.View, form *page.Form, status int) error {
	slots, err := a.free(r, v, b)
	if err != nil {
		return err
	}
	l := v.appointmentLine(b)
	p := choosePage{
		Form: form, Action: l.Href + "/choose", Reason: b.Reason, Note: b.Note,
		Days: times.Days(v.lang, slots, form.Value("slot")), Token: form.Value("token"),
		Clash: form.Value("clash"), Slot: form.Value("slot"),
	}
	title := "Choose a time"
	f := v.frame(r, title, v.base()+"appointments")
	f.Back = &page.Link{Href: v.base() + "appointments"}
	switch {
	case b.Status == "proposed" && b.Slot.IsZero():
		p.Wait = l.Href + "/wait"
	case b.Status == "proposed":
		p.Wait, p.Kept = l.Href+"/wait", v.when(b.KeptUntil)
	}
	if b.Status != "proposed" {
		p.Moving, f.Title = &l, "Move your appointment"
		f.Back.Href = l.Href
		p.Earlier = l.Href + "/wait"
		wait, ok, err := a.booking.EarlierOf(r.Context(), v.practice, b.Appointment)
		if err != nil {
			return err
		}
		if ok {
			p.Earlier, p.Waits = "", v.base()+"appointments/"+wait.Appointment.ID
		}
	}
	if p.Has, err = a.has(r, v, b); err != nil {
		return err
	}
	if !b.Request.IsZero() {
		p.Message = v.base() + "requests/" + b.Request.ID
	}
	f.Form = form
	return chooseTemplate.Render(w, r, status, f, p)
}

// has is when somebody who waits for an earlier time has their appointment, ""
// for who has none.
func (a *Patients) has(r *http.Request, v visit, b booking.View) (string, error) {
	if b.Earlier.IsZero() {
		return "", nil
	}
	later, err := a.booking.Appointment(r.Context(), v.practice, b.Earlier)
	if err != nil {
		return "", err
	}
	return v.when(later.Start), nil
}

// free lists the times: for an offer those it allows, for a booking that is
// moved those of the same sort.
func (a *Patients) free(r *http.Request, v visit, b booking.View) ([]booking.SlotView, error) {
	if b.Status == "proposed" {
		return a.booking.Choices(r.Context(), v.practice, b.Appointment, choices)
	}
	return a.booking.Free(r.Context(), v.practice, booking.Query{Kind: b.Kind, Mode: b.Mode, Clinician: b.Clinician, To: b.Offer.Until, Via: booking.ByLink, Limit: choices})
}

// choose takes the time that was picked. When somebody else was first, the
// page comes back with the times that are left.
func (a *Patients) choose(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot) // the page may come back
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	form.Values.Del("clash") // ours to say
	slot := form.Value("slot")
	if !ident.IsID(slot) {
		form.Fail("slot", "Choose a time")
		return a.showChoices(w, r, v, b, form, http.StatusUnprocessableEntity)
	}
	res, err := a.take(r, v, b, slot, form)
	if err != nil {
		if err := v.notBooked(form, err); err != nil {
			return err
		}
		return a.showChoices(w, r, v, b, form, http.StatusConflict)
	}
	see(w, r, v.base()+"appointments/"+res.Appointment.Appointment.ID+"?booked=1")
	return nil
}

// notBooked says in the form why a time was not booked, and makes it ready to
// be sent again; what is no refusal comes back.
func (v visit) notBooked(form *page.Form, err error) error {
	var taken *booking.Taken
	var clash *booking.Clash
	switch {
	case errors.As(err, &taken):
		form.Set("slot", "")
		form.Fail("slot", "Sorry, somebody else has just taken that time. Please choose another.")
	case errors.As(err, &clash):
		form.Set("clash", v.lang.T("You already have an appointment on %s.", v.when(clash.With.Start)))
		form.Fail("anyway", "You have another appointment at that time")
	case fault.Is(err, fault.Refused) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound):
		form.Fail("slot", fault.From(err).Message)
	default:
		return err
	}
	form.Set("token", ident.NewID())
	return nil
}

func (a *Patients) take(r *http.Request, v visit, b booking.View, slot string, form *page.Form) (booking.Result, error) {
	ref := ident.Ref{Type: "Slot", ID: slot}
	key := "pick-" + b.Appointment.ID + "-" + slot + "-" + form.Value("token")
	anyway := form.Value("anyway") == "yes"
	if b.Status == "proposed" {
		return a.booking.Pick(r.Context(), v.practice, v.author(),
			booking.PickCommand{Appointment: b.Appointment, Slot: ref, Anyway: anyway, Key: key})
	}
	// The same form sent twice finds the booking made and shows it.
	if b.Status == "booked" && b.Slot == ref {
		return booking.Result{Appointment: b, Repeat: true}, nil
	}
	return a.booking.Rebook(r.Context(), v.practice, v.author(),
		booking.RebookCommand{Appointment: b.Appointment, Slot: ref, Anyway: anyway, Key: key})
}
