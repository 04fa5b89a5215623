package bylink

import (
	"errors"
	"net/http"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/hidden"
	"heartwood/internal/door/web/page"
	"heartwood/internal/door/web/times"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// bookingPage is one appointment, or the offer of one, by link.
type bookingPage struct {
	Action           string
	Form             *page.Form
	Day, Month, Year string // what was said, to be sent again with each form
	Token            string
	Reason, Note     string
	Rows             []page.Row
	Done             string // what was just done
	Days             []times.Day
	Choosing, Moving bool
	Kept             string // until when the one time is kept
	Waiting          bool
	Place            string
	Change, Here     bool // it can be moved and cancelled; its patient can say that they are here
	Late             string
	Cancelling       bool
	Clash, Slot      string
	Over             string // why nothing can be done any more
}

var (
	bookBirthTemplate = page.New[birthPage](files, "book_birth.html")
	bookTemplate      = page.New[bookingPage](files, "book.html")
)

var errNoBooking = fault.New(fault.Gone, "This link does not work any more. Sign in to your account to see your appointments, or phone the practice.")

// choices is how many times are shown at once.
const choices = 60

// booked is one visit to one appointment by link.
type booked struct {
	p    *record.Practice
	view booking.View
	by   record.Author
	lang words.Lang
}

// openBooking reads the appointment that a link is for. The link is for that
// one and for nothing else of the patient.
func (b *Pages) openBooking(r *http.Request) (booked, error) {
	if b.OpenBooking == nil {
		return booked{}, errNoBooking
	}
	ods, id, ok := b.OpenBooking(r.PathValue("link"))
	if !ok {
		return booked{}, errNoBooking
	}
	p, err := b.Store.Practice(ods)
	if err != nil {
		return booked{}, err
	}
	v := booked{p: p, lang: page.Base(r).Lang}
	v.view, err = b.bookings.Appointment(r.Context(), p, ident.Ref{Type: "Appointment", ID: id})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || err == nil && v.view.Patient.IsZero() {
		return v, errNoBooking
	}
	if err != nil {
		return v, err
	}
	set, err := hidden.Of(r.Context(), p, v.view.Patient)
	if err == nil && set.Has(v.view.Appointment) {
		err = errNoBooking
	}
	who := v.view.Patient.String()
	v.by = record.Author{Ref: who, Role: care.RolePatient, For: who}
	return v, err
}

// bookAsk asks for the date of birth, and says nothing.
func (b *Pages) bookAsk(w http.ResponseWriter, r *http.Request) error {
	if _, err := b.openBooking(r); err != nil {
		return err
	}
	return bookBirthTemplate.Render(w, r, http.StatusOK, frame(r, "Your appointment"), birthPage{Action: r.URL.Path})
}

func (b *Pages) book(w http.ResponseWriter, r *http.Request) error {
	v, err := b.openBooking(r)
	if err != nil {
		return err
	}
	form, err := page.Parse(w, r, 0)
	if err != nil {
		return err
	}
	form.Values.Del("clash") // ours to say
	born := form.Date("birth", "your date of birth")
	if form.OK() {
		if err := b.known(r, v.p, v.view.Appointment.ID, v.view.Patient.String(), born, form); err != nil {
			return err
		}
	}
	if !form.OK() {
		return bookBirthTemplate.Render(w, r, http.StatusUnprocessableEntity, frameWith(r, "Your appointment", form), birthPage{Action: r.URL.Path, Form: form})
	}
	err = v.p.Saw(r.Context(), record.Access{Author: v.by, Purpose: "self access by link", Patient: v.view.Patient.String(), Type: "Appointment", Count: 1, Time: v.p.Now()})
	if err != nil {
		return err // not logged, so not shown
	}
	done, err := b.bookStep(r, &v, form)
	status := http.StatusOK
	if err != nil {
		if status, err = v.refused(err, form); err != nil {
			return err
		}
		if v.view, err = b.bookings.Appointment(r.Context(), v.p, v.view.Appointment); err != nil {
			return err
		}
	}
	return b.showBooking(w, r, v, form, done, status)
}

// bookStep does what one form asks, if anything, and says what was done.
func (b *Pages) bookStep(r *http.Request, v *booked, form *page.Form) (done string, err error) {
	ctx, ref := r.Context(), v.view.Appointment
	step := form.Value("step")
	if step == "" || step == "move" || step == "sure" {
		return "", nil
	}
	token, err := form.Token()
	if err != nil {
		return "", err
	}
	key := "link-" + step + "-" + ref.ID + "-" + token
	turn := booking.TurnCommand{Appointment: ref, Key: key}
	var res booking.Result
	switch step {
	case "pick":
		slot := ident.Ref{Type: "Slot", ID: form.Value("slot")}
		if !ident.IsID(slot.ID) {
			return "", fault.At(fault.Invalid, "slot", "Choose a time")
		}
		key += "-" + slot.ID
		if anyway := form.Value("anyway") == "yes"; v.view.Status == "proposed" {
			res, err = b.bookings.Pick(ctx, v.p, v.by, booking.PickCommand{Appointment: ref, Slot: slot, Anyway: anyway, Key: key})
		} else if v.view.Slot != slot { // the same form sent twice finds it done
			res, err = b.bookings.Rebook(ctx, v.p, v.by, booking.RebookCommand{Appointment: ref, Slot: slot, Anyway: anyway, Key: key})
		} else {
			res.Appointment = v.view
		}
		done = "Your appointment is booked."
	case "cancel":
		res, err = b.bookings.Cancel(ctx, v.p, v.by, booking.CancelCommand{Appointment: ref, Reason: "cancelled by the patient, by link", Key: key})
		done = "We have cancelled your appointment."
	case "join":
		res, err = b.bookings.Join(ctx, v.p, v.by, turn)
		done = "You are on the waiting list."
	case "choose":
		res, err = b.bookings.Choose(ctx, v.p, v.by, turn)
	case "decline":
		res, err = b.bookings.Decline(ctx, v.p, v.by, turn)
		done = "You stay on the waiting list."
	case "here":
		res, err = b.bookings.Here(ctx, v.p, v.by, ref, key)
		done = "Thank you. We know that you are here."
	default:
		return "", fault.New(fault.Invalid, "Choose what to do.")
	}
	if err == nil {
		v.view = res.Appointment
	}
	return done, err
}

// refused puts what stood in the way into the form; other faults are pages of
// their own.
func (v booked) refused(err error, form *page.Form) (status int, other error) {
	var taken *booking.Taken
	var clash *booking.Clash
	switch {
	case errors.As(err, &taken):
		form.Set("slot", "")
		form.Fail("slot", "Sorry, somebody else has just taken that time. Please choose another.")
	case errors.As(err, &clash):
		form.Set("clash", v.lang.T("You already have an appointment on %s.", v.lang.WeekdayAt(clash.With.Start)))
		form.Fail("anyway", "You have another appointment at that time")
	case fault.Is(err, fault.Refused), fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
		form.Fail("slot", fault.From(err).Message)
	default:
		return 0, err
	}
	if form.Value("clash") == "" {
		form.Set("token", ident.NewID())
	}
	return fault.KindOf(err).Status(), nil
}

func (b *Pages) showBooking(w http.ResponseWriter, r *http.Request, v booked, form *page.Form, done string, status int) error {
	p := bookingPage{
		Action: r.URL.Path, Form: form, Token: form.Value("token"), Reason: v.view.Reason, Note: v.view.Note, Done: done,
		Day: form.Value("birth-day"), Month: form.Value("birth-month"), Year: form.Value("birth-year"),
		Clash: form.Value("clash"), Slot: form.Value("slot"), Cancelling: form.Value("step") == "sure",
	}
	if !ident.IsID(p.Token) || done != "" {
		p.Token = ident.NewID()
	}
	if err := b.fillBooking(r, v, form, &p); err != nil {
		return err
	}
	f := frameWith(r, "Your appointment", form)
	if done != "" {
		f.Alert = &page.Alert{Kind: "success", Text: done}
	}
	return bookTemplate.Render(w, r, status, f, p)
}

// fillBooking fills in what can be seen and done, by what the appointment is.
func (b *Pages) fillBooking(r *http.Request, v booked, form *page.Form, p *bookingPage) error {
	now, a := v.p.Now(), v.view
	switch {
	case a.Status == "proposed" && !a.Offer.Until.IsZero() && a.Offer.Until.Before(now):
		p.Over = v.lang.T("This offer has ended. Please contact the practice for another time.")
	case a.Status == "proposed":
		if p.Choosing = true; !a.Slot.IsZero() {
			p.Kept = v.lang.WeekdayAt(a.KeptUntil)
		}
		slots, err := b.bookings.Choices(r.Context(), v.p, a.Appointment, choices)
		p.Days = times.Days(v.lang, slots, form.Value("slot"))
		return err
	case a.Status == "waitlist":
		before, err := b.bookings.Place(r.Context(), v.p, a.Appointment)
		p.Waiting, p.Place = true, v.lang.T("You are next.")
		if before > 0 {
			p.Place = v.lang.Plural(before, "%d person is asked before you.", "%d people are asked before you.")
		}
		return err
	case a.Status == "cancelled":
		p.Over = v.lang.T("This appointment has been cancelled. If you still need help, please tell us.")
	case !a.End.After(now) || a.Status == booking.Missed || a.Status == booking.Left:
		p.Over = v.lang.T("This appointment is over.")
	default:
		return b.fillComing(r, v, form, p)
	}
	return nil
}

// fillComing is an appointment that is booked and to come.
func (b *Pages) fillComing(r *http.Request, v booked, form *page.Form, p *bookingPage) error {
	a := v.view
	p.Rows = v.rows()
	p.Change = !a.Away.Is() && a.Status == "booked" && a.Start.After(v.p.Now())
	late, err := b.bookings.LateFor(r.Context(), v.p, a)
	if err != nil {
		return err
	}
	if late > 0 {
		p.Late = v.lang.Plural(late, "This session is running about %d minute late. Thank you for waiting.", "This session is running about %d minutes late. Thank you for waiting.")
	}
	if p.Here, err = b.bookings.CanSayHere(r.Context(), v.p, a); err != nil {
		return err
	}
	if step := form.Value("step"); p.Change && p.Done == "" && (step == "move" || step == "pick") {
		p.Moving = true
		slots, err := b.bookings.Free(r.Context(), v.p, booking.Query{Kind: a.Kind, Mode: a.Mode, Clinician: a.Clinician, To: a.Offer.Until, Via: booking.ByLink, Limit: choices})
		p.Days = times.Days(v.lang, slots, form.Value("slot"))
		return err
	}
	return nil
}

func (v booked) rows() []page.Row {
	a := v.view
	rows := []page.Row{{Key: "When", Value: v.lang.WeekdayAt(a.Start)}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, page.Row{Key: key, Value: value})
		}
	}
	if d := a.End.Sub(a.Start); d > 0 {
		add("How long", v.lang.Plural(int(d/time.Minute), "%d minute", "%d minutes"))
	}
	add("How", v.lang.T(a.Mode.Meeting()))
	add("With", a.ClinicianName)
	add("Where", a.Away.Name)
	add("Room", a.Away.Place)
	add("What it is for", a.Reason)
	return rows
}
