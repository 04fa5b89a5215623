package patient

import (
	"net/http"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type waitPage struct {
	Form           *page.Form
	Action, Token  string
	What           string
	Place          string // how many are asked before them
	Until          string // until when they can wait, "" for as long as they like
	Has            string // the time that they have and keep, "" for none
	Move           string // where to look for another time themselves
	CanChoose, New bool
}

var waitTemplate = page.New[waitPage](files, "wait.html")

// waitPage is the page of somebody who waits for a time to come free.
func (a *Patients) waitPage(w http.ResponseWriter, r *http.Request, v visit, b booking.View, form *page.Form, status int) error {
	before, err := a.booking.Place(r.Context(), v.practice, b.Appointment)
	if err != nil {
		return err
	}
	l := v.appointmentLine(b)
	p := waitPage{
		Form: form, Action: l.Href + "/wait", Token: ident.NewID(), What: l.What, Until: v.when(b.Offer.Until),
		Place: v.lang.T("You are next."), CanChoose: b.Offer.Until.IsZero() || b.Offer.Until.After(v.now),
		New: r.URL.Query().Get("joined") != "",
	}
	if p.Has, err = a.has(r, v, b); err != nil {
		return err
	}
	if p.Has != "" {
		p.Until, p.CanChoose, p.Move = "", false, v.base()+"appointments/"+b.Earlier.ID+"/choose"
	}
	if before > 0 {
		p.Place = v.lang.Plural(before, "%d person is asked before you.", "%d people are asked before you.")
	}
	f := v.frame(r, "Waiting list", v.base()+"appointments")
	f.Form = form
	f.Back = &page.Link{Href: v.base() + "appointments", Text: "All appointments"}
	if p.New {
		f.Alert = &page.Alert{Kind: "success", Text: "You are on the waiting list."}
	}
	return waitTemplate.Render(w, r, status, f, p)
}

// wait is what somebody does about waiting: join, leave, choose after all, or
// give back a time that was kept for them.
func (a *Patients) wait(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot) // the page may come back
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	at := v.base() + "appointments/" + b.Appointment.ID
	do := form.Value("do")
	c := booking.TurnCommand{Appointment: b.Appointment, Key: "wait-" + do + "-" + b.Appointment.ID + "-" + form.Value("token")}
	switch do {
	case "join":
		_, err = a.booking.Join(r.Context(), v.practice, v.author(), c)
		at += "?joined=1"
	case "earlier":
		var res booking.Result
		if res, err = a.booking.Earlier(r.Context(), v.practice, v.author(), c); err == nil {
			at = v.base() + "appointments/" + res.Appointment.Appointment.ID + "?joined=1"
		}
	case "choose":
		_, err = a.booking.Choose(r.Context(), v.practice, v.author(), c)
		at += "/choose"
	case "decline":
		_, err = a.booking.Decline(r.Context(), v.practice, v.author(), c)
	case "leave":
		_, err = a.booking.Cancel(r.Context(), v.practice, v.author(), booking.CancelCommand{Appointment: b.Appointment, Reason: "left the waiting list", Key: c.Key})
		at = v.base() + "appointments?left=1"
	default:
		return fault.New(fault.Invalid, "Choose what to do.")
	}
	if fault.Is(err, fault.Refused) || fault.Is(err, fault.Conflict) {
		form.Fail("do", fault.From(err).Message)
		if b, err = a.theirBooking(r, v); err != nil {
			return err
		}
		if b.Status == "waitlist" {
			return a.waitPage(w, r, v, b, form, http.StatusConflict)
		}
		see(w, r, v.base()+"appointments/"+b.Appointment.ID)
		return nil
	}
	if err != nil {
		return err
	}
	see(w, r, at)
	return nil
}

// here is a patient who says that they have come to the practice.
func (a *Patients) here(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot)
	if err != nil {
		return err
	}
	if _, err := page.Parse(w, r, 0); err != nil {
		return err
	}
	if _, err = a.booking.Here(r.Context(), v.practice, v.author(), b.Appointment, "here-"+b.Version); err != nil {
		return err
	}
	see(w, r, v.base()+"appointments/"+b.Appointment.ID)
	return nil
}
