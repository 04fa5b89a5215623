package patient

import (
	"net/http"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/door/web/page"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type appointmentsPage struct {
	Heading       string
	Offers        []appointmentLine
	Waiting       []appointmentLine
	Coming        []appointmentLine
	Past          []appointmentLine
	Ask           string
	Book          string // where to book unasked, "" where nothing is sold so
	NothingToShow bool
}

type appointmentPage struct {
	Line     appointmentLine
	Rows     []page.Row
	Note     string
	Late     string // by how much it runs late, "" for on time
	Here     string // where to say that they have come, "" when it is not time
	Arrived  bool
	Calendar string
	Away     string // what to do when it is at another practice
	Cancel   string
	Move     string
}

type cancelPage struct {
	Form   *page.Form
	Action string
	Line   appointmentLine
	Keep   string
	Token  string
	Ver    string
}

var (
	appointmentsTemplate = page.New[appointmentsPage](files, "appointments.html")
	appointmentTemplate  = page.New[appointmentPage](files, "appointment.html")
	cancelTemplate       = page.New[cancelPage](files, "cancel.html")
)

// appointmentList shows what is offered, what is to come and what is past.
func (a *Patients) appointmentList(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enterFor(r, access.PickSlot)
	if err != nil {
		return err
	}
	lines, err := a.bookings(r, v)
	if err != nil {
		return err
	}
	if err := v.looked(r.Context(), "appointments", len(lines)); err != nil {
		return err
	}
	p := appointmentsPage{Heading: v.heading("appointments"), Ask: v.root() + "ask", NothingToShow: len(lines) == 0}
	for _, l := range lines {
		switch {
		case l.Choose != "":
			p.Offers = append(p.Offers, l)
		case l.Waiting:
			p.Waiting = append(p.Waiting, l)
		case l.Coming:
			p.Coming = append(p.Coming, l)
		case !l.Start.IsZero():
			p.Past = append(p.Past, l)
		}
	}
	if sorts, err := v.sorts(r.Context()); err != nil {
		return err
	} else if len(sorts) > 0 {
		p.Book = v.base() + "appointments/book"
	}
	f := v.frame(r, p.Heading, v.base()+"appointments")
	if r.URL.Query().Get("cancelled") != "" {
		f.Alert = &page.Alert{Kind: "success", Text: "We have cancelled your appointment."}
	}
	if r.URL.Query().Get("left") != "" {
		f.Alert = &page.Alert{Kind: "success", Text: "You have left the waiting list."}
	}
	return appointmentsTemplate.Render(w, r, http.StatusOK, f, p)
}

// theirBooking reads an appointment of the page's patient.
func (a *Patients) theirBooking(r *http.Request, v visit) (booking.View, error) {
	b, err := a.booking.Appointment(r.Context(), v.practice, ident.Ref{Type: "Appointment", ID: r.PathValue("id")})
	if err != nil {
		return b, err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return b, err
	}
	if b.Patient.String() != v.patient || set.Has(b.Appointment) {
		return b, fault.New(fault.NotFound, "There is no such appointment.")
	}
	return b, nil
}

// appointmentPage shows one appointment.
func (a *Patients) appointmentPage(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot)
	if err != nil {
		return err
	}
	l := v.appointmentLine(b)
	if l.Choose != "" {
		see(w, r, l.Choose)
		return nil
	}
	if l.Waiting {
		return a.waitPage(w, r, v, b, nil, http.StatusOK)
	}
	p := appointmentPage{Line: l, Note: b.Note, Rows: v.bookingRows(b)}
	if l.Coming {
		p.Calendar = l.Href + "/calendar.ics"
	}
	if b.Away.Is() && l.Coming {
		p.Away = v.lang.T("This is not at your own practice. If you cannot make it, phone us.")
	} else if l.Coming && b.Status != booking.Arrived && b.Status != booking.BeingSeen {
		p.Calendar, p.Cancel, p.Move = l.Href+"/calendar.ics", l.Href+"/cancel", l.Href+"/choose"
	}
	late, err := a.booking.LateFor(r.Context(), v.practice, b)
	if err != nil {
		return err
	}
	if late > 0 && l.Coming {
		p.Late = v.lang.Plural(late, "This session is running about %d minute late. Thank you for waiting.", "This session is running about %d minutes late. Thank you for waiting.")
	}
	can, err := a.booking.CanSayHere(r.Context(), v.practice, b)
	if err != nil {
		return err
	}
	if p.Arrived = b.Status == booking.Arrived; can {
		p.Here = l.Href + "/here"
	}
	f := v.frame(r, l.What, v.base()+"appointments")
	f.Back = &page.Link{Href: v.base() + "appointments", Text: "All appointments"}
	if r.URL.Query().Get("booked") != "" {
		f.Alert = &page.Alert{Kind: "success", Text: "Your appointment is booked."}
	}
	return appointmentTemplate.Render(w, r, http.StatusOK, f, p)
}

// seeBooking opens a page about one appointment and logs the sight of it.
func (a *Patients) seeBooking(r *http.Request, action access.Action) (visit, booking.View, error) {
	v, err := a.enterFor(r, action)
	if err != nil {
		return v, booking.View{}, err
	}
	b, err := a.theirBooking(r, v)
	if err != nil {
		return v, b, err
	}
	return v, b, v.looked(r.Context(), "appointment", 1)
}

func (v visit) bookingRows(b booking.View) []page.Row {
	rows := []page.Row{{Key: "When", Value: v.when(b.Start)}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, page.Row{Key: key, Value: value})
		}
	}
	if d := b.End.Sub(b.Start); d > 0 {
		add("How long", v.lang.Plural(int(d/time.Minute), "%d minute", "%d minutes"))
	}
	add("How", v.sayMode(b.Mode))
	add("With", b.ClinicianName)
	add("Where", b.Away.Name)
	add("Room", b.Away.Place)
	add("What it is for", b.Reason)
	return rows
}

// when is a time as the visitor reads it, "" for none.
func (v visit) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return v.lang.WeekdayAt(t)
}

// cancelPage asks whether they are sure.
func (a *Patients) cancelPage(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot)
	if err != nil {
		return err
	}
	return a.askCancel(w, r, v, b, nil, http.StatusOK)
}

func (a *Patients) askCancel(w http.ResponseWriter, r *http.Request, v visit, b booking.View, form *page.Form, status int) error {
	l := v.appointmentLine(b)
	f := v.frame(r, "Cancel your appointment", v.base()+"appointments")
	f.Form = form
	f.Back = &page.Link{Href: l.Href}
	return cancelTemplate.Render(w, r, status, f,
		cancelPage{Form: form, Action: l.Href + "/cancel", Line: l, Keep: l.Href, Token: ident.NewID(), Ver: b.Version})
}

// cancel gives the time back, so that somebody else can have it.
func (a *Patients) cancel(w http.ResponseWriter, r *http.Request) error {
	v, b, err := a.seeBooking(r, access.PickSlot) // the page may come back
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	reason := form.Text("reason", 200)
	if !form.OK() {
		return a.askCancel(w, r, v, b, form, http.StatusUnprocessableEntity)
	}
	key := "cancel-" + b.Appointment.ID + "-" + form.Value("token")
	// Before it is cancelled: a crash between the two leaves their words with us.
	heeded, err := a.heed(r.Context(), v, reason, "They gave this as why they cancelled an appointment.", key+"-heed")
	if err != nil {
		return err
	}
	_, err = a.booking.Cancel(r.Context(), v.practice, v.author(), booking.CancelCommand{
		Appointment: b.Appointment, Reason: orElse(reason, "cancelled by the patient"), Key: key,
	})
	if fault.Is(err, fault.Refused) || fault.Is(err, fault.Conflict) {
		form.Fail("reason", fault.From(err).Message)
		return a.askCancel(w, r, v, b, form, fault.KindOf(err).Status())
	}
	if err != nil {
		return err
	}
	if heeded.ID != "" {
		return a.showHeeded(w, r, v, heeded, "We have cancelled your appointment.")
	}
	see(w, r, v.base()+"appointments?cancelled=1")
	return nil
}

// calendar is the appointment for the person's own calendar.
func (a *Patients) calendar(w http.ResponseWriter, r *http.Request) error {
	_, b, err := a.seeBooking(r, access.PickSlot)
	if err != nil {
		return err
	}
	if b.Start.IsZero() {
		return fault.New(fault.Refused, "Choose a time first.")
	}
	h := w.Header()
	page.Secure(h)
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="appointment.ics"`)
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(booking.Calendar(b, page.Base(r).Practice)) //nolint:gosec // text/calendar with nosniff; the reader may have gone
	return nil
}
