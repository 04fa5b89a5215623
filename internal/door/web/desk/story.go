package desk

import (
	"context"
	"sort"
	"strings"
	"time"

	"heartwood/internal/care/task"

	"heartwood/internal/access"
	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/consult"
	"heartwood/internal/care/feedback"
	"heartwood/internal/care/filing"
	"heartwood/internal/care/request"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

// event is one thing that happened to a request: a message, a decision, a job
// or an appointment.
type event struct {
	Class, Who, Did string
	When, ISO       string
	Lines           []string
	Href            string
	Case            string // the workflow that a job is a step of
	Files           []photo
	at              time.Time
}

// story puts everything that has happened on the page, newest first, and what
// the patient asked before.
func (d *Desk) story(ctx context.Context, v visit, p *requestPage, view request.View, who colleagues) error {
	var all []event
	add := func(at time.Time, class, who, did string, text string) {
		all = append(all, event{Class: class, Who: who, Did: did, When: moment(at, v.now), ISO: iso(at), Lines: lines(text), at: at})
	}
	for _, e := range view.History {
		if e.What == "received" {
			add(e.Time, "decision", "Request received", from(e, view, who), e.Note)
		} else if what := happened(e); what != "" {
			add(e.Time, "decision", who.name(e.By), what, e.Note)
		}
	}
	thread, err := d.messages.Thread(ctx, v.ods, view.ID)
	if err != nil {
		return err
	}
	for _, m := range thread {
		class, name, did := "theirs", who.name(m.From), "wrote"
		if m.FromUs {
			class, did = "ours", "wrote to them"
			if m.From == "" { // what Heartwood tells of a booking
				name = "Heartwood"
			}
			if m.Read.IsZero() {
				did += ", not read yet"
			} else {
				did += ", read " + moment(m.Read, v.now)
			}
		}
		add(m.Sent, class, name, did, m.Text)
		all[len(all)-1].Files = v.filesOf(view.ID, m)
	}
	past, err := filing.History(ctx, v.practice, view.ID)
	if err != nil {
		return err
	}
	for _, e := range past {
		add(e.At, "decision", who.name(e.Who), e.Why, "")
	}
	jobs, err := d.jobs.On(ctx, v.ods, view.ID)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		did := "gave a job to " + orElse(j.Name, who.name(j.Owner))
		text := j.What
		switch j.State {
		case task.Done:
			text += "\nDone: " + j.Result
		case task.Cancelled:
			text += "\nCancelled: " + j.Reason
		}
		add(j.Since, "job", who.name(j.From), did, text)
		all[len(all)-1].Href = v.base() + "jobs/" + j.ID
		if j.Plan != "" {
			all[len(all)-1].Case = v.base() + "cases/" + j.Plan
		}
	}
	if said, ok, err := feedback.Of(ctx, v.practice, view.ID); err != nil {
		return err
	} else if ok {
		add(said.At, "theirs", who.name(said.By), "said how it went: "+said.How.Label(), said.Words)
	}
	if err := d.notes(ctx, v, p, view, who, &all); err != nil {
		return err
	}
	apps, err := d.booking.OfRequest(ctx, v.practice, ident.Ref{Type: "Task", ID: view.ID})
	if err != nil {
		return err
	}
	for _, a := range apps {
		p.Coming = append(p.Coming, v.appointment(a))
		if a.Status == "booked" && p.typed.Get("outcome") == string(request.Appointment) && p.typed.Get("told") == "" {
			p.typed.Set("told", toldOf(a))
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.After(all[j].at) })
	p.Thread = all
	return d.before(ctx, v, p, view)
}

// from says how a request came to be in the ledger.
func from(e request.Event, view request.View, who colleagues) string {
	switch {
	case view.Channel == request.Practice:
		return "begun by " + who.name(e.By)
	case e.By == view.Requester && e.Role == care.RolePatient:
		return "from the patient"
	case e.Role == care.RoleProxy:
		return "from somebody who acts for the patient"
	case care.IsStaff(e.Role) && e.Role != care.RoleSystem:
		return "taken by " + who.name(e.By)
	}
	return "from somebody who had not signed in"
}

// happened says what an event of the ledger was, "" for what the story tells
// in another way.
func happened(e request.Event) string {
	if e.What == "a message was sent" {
		return ""
	}
	return plainly(e.What)
}

// events are what an event of the ledger is called after the name of whoever
// did it, where the ledger's own words do not fit there.
var events = map[string]string{
	"started": "started work on it", "waiting for the patient": "is waiting for the patient", "the patient replied": "replied",
	"booking: booked": "booked an appointment", "booking: patient chose a time": "chose a time",
	"booking: moved": "moved the appointment", "booking: cancelled": "cancelled the appointment",
	"booking: offered a choice of times": "offered a choice of times", "booking: arrived": "noted that they arrived",
	"booking: checked-in":                      "noted that they are being seen",
	"booking: waiting for a time to come free": "put them on the waiting list",
	"booking: fulfilled":                       "noted that the appointment is done", "booking: noshow": "noted that they did not come",
	"booking: unseen": "noted that they left without being seen",
}

// plainly says a reason of the ledger as a deed.
func plainly(what string) string {
	if s := events[what]; s != "" {
		return s
	}
	for _, area := range []string{"triage: ", "booking: "} {
		what = strings.TrimPrefix(what, area)
	}
	return what
}

// notes adds the consultations that belong to the request.
func (d *Desk) notes(ctx context.Context, v visit, p *requestPage, view request.View, who colleagues, all *[]event) error {
	patient, ok := ident.ParseRef(view.Patient)
	if !ok || !v.may(access.SeeRecord, view.Patient) {
		return nil
	}
	notes, err := d.consult.OfRequest(ctx, v.practice, patient, ident.Ref{Type: "Task", ID: view.ID})
	if err != nil {
		return err
	}
	for _, n := range notes {
		e := event{
			Class: "consult", Who: orElse(n.AuthorName, who.name(n.Author.String())), Did: "recorded a consultation",
			When: moment(n.Date, v.now), ISO: iso(n.Date), at: n.Date,
		}
		if v.may(access.Consult, view.Patient) {
			e.Href = v.base() + "consult/" + n.Composition.ID
		}
		if n.Status == "preliminary" {
			e.Did = "began a consultation, not signed yet"
		}
		for _, s := range []consult.Section{consult.Plan, consult.SafetyNet} {
			if t := n.Note.Text[s]; t != "" {
				e.Lines = append(e.Lines, lines(t)...)
			}
		}
		*all = append(*all, e)
	}
	return nil
}

// toldOf is what a patient is told of a booking, for the writer to change.
func toldOf(a booking.View) string {
	s := "Your appointment is on " + words.Day(a.Start, a.Start.AddDate(0, 0, -30)) + " at " + words.Clock(a.Start)
	if a.ClinicianName != "" {
		s += " with " + a.ClinicianName
	}
	return s + " (" + a.Mode.String() + ")."
}

// appointment says an appointment or offer in one line.
func (v visit) appointment(a booking.View) item {
	with := a.ClinicianName
	switch {
	case a.Status == "waitlist":
		return item{"On the waiting list: " + strings.ToLower(orElse(a.Kind, "appointment")), with}
	case a.Status == "proposed" && !a.Slot.IsZero():
		return item{"Offered: " + moment(a.Start, v.now), join(with, "kept for them from the waiting list")}
	case a.Status == "proposed":
		text := "Offered: a choice of " + strings.ToLower(orElse(a.Kind, "appointment"))
		if !a.Offer.Until.IsZero() {
			text += " up to " + day(a.Offer.Until, v.now)
		}
		return item{text, join(with, "waiting for them to choose")}
	}
	return item{capital(moment(a.Start, v.now)) + ", " + a.Mode.String(), join(with, a.Kind, a.Category, statusWords[a.Status])}
}

var statusWords = map[string]string{
	"booked": "booked", "arrived": "has arrived", "fulfilled": "has left", "cancelled": "cancelled",
	"noshow": "did not come", "pending": "being arranged", "checked-in": "being seen", "waitlist": "on the waiting list",
}

// before lists what the same patient asked earlier: repeats are how worsening
// is noticed.
func (d *Desk) before(ctx context.Context, v visit, p *requestPage, view request.View) error {
	if view.Patient == "" {
		return nil
	}
	all, err := d.requests.Of(ctx, v.ods, view.Patient)
	if err != nil {
		return err
	}
	p.theirs = all
	for _, o := range all {
		if o.ID == view.ID || len(p.Earlier) == 5 || o.Since.After(view.Since) && !o.Open() {
			continue
		}
		note := "still open"
		if !o.Open() {
			note = strings.ToLower(o.Outcome.Label())
		}
		p.Earlier = append(p.Earlier, earlier{
			Href: v.base() + "request/" + o.ID, Text: orElse(firstLine(o.About(), 90), o.Reference),
			Note: join(ago(v.now.Sub(o.Since)), note),
		})
	}
	return nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
