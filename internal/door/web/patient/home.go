package patient

import (
	"context"
	"net/http"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/online"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
	"heartwood/internal/ident"
)

type homePage struct {
	SignedIn   bool
	Practice   string
	Ask        string
	SignIn     string
	Name       string
	Open       []requestLine
	New        int // messages not read
	Next       []appointmentLine
	Choices    []appointmentLine // offers to choose from
	Base       string
	People     string
	OtherNames []page.Link
	Waits      bool   // a form that was put by
	Return     string // where it is opened again
	Own        online.Own
	Reach      contactUs
}

var homeTemplate = page.New[homePage](files, "home.html", "emergency.html", "own.html", "reach.html")

// notice are the practice's own words over a box for messages; a page that
// cannot read them has none.
func (v visit) notice(ctx context.Context) online.Own {
	s, err := online.Load(ctx, v.practice)
	if err != nil {
		return online.Own{}
	}
	return s.NoticeIn(v.lang)
}

// home is the practice's front page; for who has signed in it says what waits
// for them.
func (a *Patients) home(w http.ResponseWriter, r *http.Request) error {
	v, err := a.enter(r)
	if err != nil {
		return err
	}
	title := "Your GP practice online"
	p := homePage{SignedIn: v.signedIn, Practice: page.Base(r).Practice, Ask: v.root() + "ask", Base: v.base(), Reach: v.reach(r.Context())}
	if s, err := online.Load(r.Context(), v.practice); err == nil {
		p.Own = s.WelcomeIn(v.lang)
	}
	if !v.signedIn {
		p.SignIn = a.signIn(v, v.root())
		return homeTemplate.Render(w, r, http.StatusOK, v.frame(r, title, v.root()), p)
	}
	p.Name, p.Return = v.Name, v.root()+"return"
	if d, err := a.waitingForm(r.Context(), v); err != nil {
		return err
	} else if d != nil {
		p.Waits = true
	}
	for _, c := range v.Patients {
		if c != v.Self() {
			if to := v.parts(c, v.root()+"of/"+id(c)+"/"); len(to) > 0 {
				p.OtherNames = append(p.OtherNames, page.Link{Text: v.nameOf(r.Context(), c), Href: to[0].Href})
			}
		}
	}
	if v.Self() != "" {
		v.patient = v.Self()
		if err := a.waiting(r, v, &p); err != nil {
			return err
		}
	}
	return homeTemplate.Render(w, r, http.StatusOK, v.frame(r, title, v.root()), p)
}

// waiting fills in what waits for the visitor.
func (a *Patients) waiting(r *http.Request, v visit, p *homePage) error {
	ctx := r.Context()
	if err := access.May(v.Person, access.SeeRequests, v.ods, v.patient); err != nil {
		return err
	}
	if err := v.looked(ctx, "home page", 1); err != nil {
		return err
	}
	views, err := a.requests.Of(ctx, v.ods, v.patient)
	if err != nil {
		return err
	}
	set, err := v.withheld(ctx)
	if err != nil {
		return err
	}
	for _, q := range views {
		if q.Open() && !set.Has(taskRef(q.ID)) {
			p.Open = append(p.Open, v.requestLine(q))
		}
	}
	inbox, err := a.messages.Inbox(ctx, v.ods, v.patient)
	if err != nil {
		return err
	}
	for _, m := range inbox {
		if m.FromUs && m.Read.IsZero() && !set.Has(ident.Ref{Type: "Communication", ID: m.ID}) {
			p.New++
		}
	}
	apps, err := a.bookings(r, v)
	if err != nil {
		return err
	}
	for _, b := range apps {
		switch {
		case b.Choose != "":
			p.Choices = append(p.Choices, b)
		case b.Coming:
			p.Next = append(p.Next, b)
		}
	}
	return nil
}

// requestLine is a request in a list, as its patient sees it.
type requestLine struct {
	Href, Kind, Reference, State, Colour string
	Since                                time.Time
	Words                                string // how what they wrote begins
	Say                                  string // what happens next, or the outcome
}

func (v visit) requestLine(q request.View) requestLine {
	l := requestLine{Href: v.base() + "requests/" + q.ID, Kind: v.lang.T(q.Kind.Label()), Reference: q.Reference, Since: q.Since, Words: begin(q.About())}
	if begun(q) {
		l.Kind = v.lang.T("A message from your practice")
	}
	l.State, l.Colour = stateOf(q)
	l.Say = v.nextFor(q)
	return l
}

// begun tells whether the practice wrote first.
func begun(q request.View) bool { return q.Channel == request.Practice }

// begin is the first words of a text, to tell it from others.
func begin(s string) string {
	words := strings.Fields(s)
	for i := range words {
		if i == 10 {
			return strings.Join(words[:i], " ") + " …"
		}
	}
	return strings.Join(words, " ")
}

// stateOf is a request's state in the patient's words.
func stateOf(q request.View) (text, colour string) {
	switch q.State {
	case request.Received:
		return "Sent", "blue"
	case request.Accepted, request.Working:
		return "We are working on it", "yellow"
	case request.WithPatient:
		return "We need your reply", "orange"
	case request.Closed:
		if q.Outcome == request.Informed {
			return "For you to read", "blue"
		}
		return "Answered", "green"
	}
	return "Sent", "blue"
}

// nextFor says honestly what happens next.
func (v visit) nextFor(q request.View) string {
	switch {
	case q.Outcome == request.Informed:
		return ""
	case !q.Open():
		return v.lang.T(q.Outcome.Label())
	case q.State == request.WithPatient:
		return v.lang.T("Please read our message and reply, or choose a time.")
	case q.Urgency == request.Stat:
		return v.lang.T("This could be an emergency. If you still need help and have not called 999, call now.")
	case q.Late(v.now), !q.Promised.Latest.IsZero() && v.now.After(q.Promised.Latest):
		return v.lang.T("We are sorry: we said that you would hear from us %s. We are still working on it.", v.told(q))
	case q.Promised.To.After(v.now) && q.Promised.From.After(v.now):
		return v.lang.T("You will hear from us %s.", q.Promised.In(v.lang, v.now))
	default:
		return v.lang.T("You will hear from us %s.", v.told(q))
	}
}

// appointmentLine is an appointment in a list.
type appointmentLine struct {
	ID, Href, What, Who, Say string
	Start                    time.Time
	Coming                   bool
	Choose                   string // where to choose a time, for an offer
	Waiting                  bool   // for a time to come free
	Keeps                    string // the time that they have, where they wait for an earlier one
}

func (a *Patients) bookings(r *http.Request, v visit) ([]appointmentLine, error) {
	patient, _ := ident.ParseRef(v.patient)
	views, err := a.booking.OfPatient(r.Context(), v.practice, patient)
	if err != nil {
		return nil, err
	}
	set, err := v.withheld(r.Context())
	if err != nil {
		return nil, err
	}
	var out []appointmentLine
	for _, b := range views {
		if set.Has(b.Appointment) {
			continue
		}
		l := v.appointmentLine(b)
		for _, later := range views {
			if later.Appointment == b.Earlier && !set.Has(later.Appointment) {
				l.Keeps = v.when(later.Start)
			}
		}
		out = append(out, l)
	}
	return out, nil
}

func (v visit) appointmentLine(b booking.View) appointmentLine {
	l := appointmentLine{
		ID: b.Appointment.ID, Href: v.base() + "appointments/" + b.Appointment.ID, What: v.sayMode(b.Mode),
		Who: b.ClinicianName, Start: b.Start, Say: b.Reason,
	}
	switch b.Status {
	case "proposed":
		l.Choose, l.What = l.Href+"/choose", v.lang.T("Choose a time")
		if b.Mode != "" {
			l.What = v.lang.T("Choose a time: %s", lowerFirst(v.sayMode(b.Mode)))
		}
		if !b.Slot.IsZero() { // one time, kept for them
			l.What = v.lang.T("A time has come free. Choose it, or let it go.")
			return l
		}
		if until := b.Offer.Until; !until.IsZero() && until.Before(v.now) {
			l.Choose, l.What = "", v.lang.T("This offer has ended")
		}
	case "booked", "pending", booking.Arrived, booking.BeingSeen:
		l.Coming = b.End.After(v.now)
	case "waitlist":
		l.Waiting = true
	case "cancelled":
		l.What = v.lang.T("%s (cancelled)", l.What)
	case "noshow":
		l.What = v.lang.T("%s (missed)", l.What)
	}
	return l
}

// sayMode is how an appointment is held, in the visitor's language.
func (v visit) sayMode(m booking.Mode) string { return v.lang.T(m.Meeting()) }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}
