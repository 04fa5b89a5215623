package desk

import (
	"cmp"
	"context"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/request"
	"heartwood/internal/care/task"
	"heartwood/internal/care/workflow"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/words"
)

func (d *Desk) doOffer(ctx context.Context, a *act) (string, error) {
	patient, c, err := a.times()
	if err != nil {
		return "", err
	}
	// The offer itself leaves the request with the patient.
	_, err = d.booking.Offer(ctx, a.practice, a.Author(a.view.Patient), booking.OfferCommand{
		Patient: patient, Request: a.task(), Constraint: c, Note: a.form.Text("note", 500), Key: a.form.Value("key"),
	})
	return "", err
}

// times is whom the request is for, and which times the form allows them.
func (a *act) times() (ident.Ref, booking.Constraint, error) {
	if err := a.current(); err != nil {
		return ident.Ref{}, booking.Constraint{}, err
	}
	patient, _ := ident.ParseRef(a.view.Patient)
	c, err := a.constraint()
	return patient, c, err
}

// constraint is which times the form allows.
func (a *act) constraint() (booking.Constraint, error) {
	c := booking.Constraint{Kind: a.form.Value("kind"), Mode: booking.Mode(a.form.Value("mode"))}
	c.Clinician, _ = ident.ParseRef(a.form.Value("clinician"))
	if s := a.form.Value("until"); s != "" {
		t, err := time.ParseInLocation(time.DateOnly, s, words.London)
		if err != nil {
			return c, fault.New(fault.Invalid, "The last day must be a real date.")
		}
		c.Until = t.AddDate(0, 0, 1).Add(-time.Minute)
		if c.Until.Before(a.now) {
			return c, fault.New(fault.Invalid, "The last day must be today or later.")
		}
	}
	return c, nil
}

func (a *act) task() ident.Ref { return ident.Ref{Type: "Task", ID: a.view.ID} }

// doBook books a slot and goes on to closing, which is what usually follows.
func (d *Desk) doBook(ctx context.Context, a *act) (string, error) {
	if err := a.current(); err != nil {
		return "", err
	}
	slot := a.form.Value("slot")
	if !ident.IsID(slot) {
		return "", fault.New(fault.Invalid, "Choose a time.")
	}
	patient, _ := ident.ParseRef(a.view.Patient)
	_, err := d.booking.Book(ctx, a.practice, a.Author(a.view.Patient), booking.BookCommand{
		Patient: patient, Request: a.task(), Slot: ident.Ref{Type: "Slot", ID: slot},
		Anyway: a.form.Value("anyway") == "yes", Key: a.form.Value("key"),
	})
	if err != nil {
		return "", err
	}
	return a.base() + "request/" + a.view.ID + "/close?done=book&outcome=" + string(request.Appointment), nil
}

func (d *Desk) doJob(ctx context.Context, a *act) (string, error) {
	what := a.form.Text("what", 2000)
	if what == "" {
		return "", fault.New(fault.Invalid, "Say what needs doing.")
	}
	owner, err := d.owner(ctx, a.visit, a.form.Value("owner"))
	if err != nil {
		return "", err
	}
	var by time.Time
	if s := a.form.Value("by"); s != "" {
		if by, err = time.ParseInLocation(time.DateOnly, s, words.London); err != nil {
			return "", fault.New(fault.Invalid, "The date must be a real date.")
		}
		by = by.Add(18*time.Hour + 30*time.Minute) // the end of the working day
	}
	_, err = d.jobs.Create(ctx, a.ods, a.Author(a.view.Patient), task.New{
		What: what, Patient: a.view.Patient, Request: a.view.ID, Owner: owner.Ref, Name: owner.Name, By: by,
	}, a.form.Value("key"))
	return "", err
}

// doBegin begins a workflow for the patient of the request, and leads to the
// case. The same form again gives the same case.
func (d *Desk) doBegin(ctx context.Context, a *act) (string, error) {
	id := a.form.Value("workflow")
	if id == "" {
		return "", fault.New(fault.Invalid, "Choose a workflow.")
	}
	c, err := workflow.Start(ctx, a.practice, a.Author(a.view.Patient), id, a.view.Patient, a.view.ID,
		"request:"+a.view.ID+":"+cmp.Or(a.form.Value("key"), ident.NewID()))
	return a.base() + "cases/" + c.ID + "?done=begin", err
}

func (d *Desk) doClose(ctx context.Context, a *act) (string, error) {
	o := request.Outcome(a.form.Value("outcome"))
	if o.Label() == "" {
		return "", fault.New(fault.Invalid, "Choose an outcome: a request cannot be closed without one.")
	}
	told := a.form.Text("told", 5000)
	if told == "" {
		return "", fault.New(fault.Invalid, "Write what the patient is told.")
	}
	return "", d.decide(ctx, a, request.Close{Outcome: o, Told: told})
}

func (d *Desk) doReopen(ctx context.Context, a *act) (string, error) {
	reason := a.form.Text("reason", 2000)
	if reason == "" {
		return "", fault.New(fault.Invalid, "Say why it is opened again.")
	}
	return "", d.decide(ctx, a, request.Reopen{Reason: reason})
}

// doMatch finds the patient of a request that came without a sign-in.
func (d *Desk) doMatch(ctx context.Context, a *act) (string, error) {
	if err := access.May(a.Person, access.FindPatient, a.ods, ""); err != nil {
		return "", err
	}
	patient := a.form.Value("patient")
	if a.form.Value("step") == "find" {
		return "", cmp.Or(d.candidates(ctx, a, ""), errLook)
	}
	who, err := d.patient(ctx, a.visit, patient)
	if err != nil {
		return "", fault.New(fault.Invalid, "Choose which patient it is.")
	}
	err = d.decide(ctx, a, request.Match{Patient: "Patient/" + patient, Name: who.Name, Reason: a.form.Text("reason", 500)})
	if fault.Is(err, fault.Invalid) { // a word of how they know is asked for
		return "", cmp.Or(d.candidates(ctx, a, patient), err)
	}
	return "", err
}

// candidates puts the patients that were looked for on the page, one of them
// chosen.
func (d *Desk) candidates(ctx context.Context, a *act, chosen string) error {
	found, err := d.find(ctx, a.visit, a.form.Value("who"))
	a.page.Found = foundRadios(found, chosen)
	return err
}
