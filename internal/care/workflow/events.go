package workflow

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// event is something that happened for which a case begins. Its name makes the
// case's id, so that it begins once.
type event struct{ workflow, name, patient, request string }

// happened gathers what the record's entries say has happened.
type happened struct {
	p     *record.Practice
	on    map[Trigger][]Definition
	cases map[string]bool // cases to look at
	begun []event
	seen  bool  // whether anything but the place itself was written
	tally tally // of whom programs have registered
}

// triggered are the workflows in use that begin by themselves, by what begins
// them.
func triggered(all []Definition) map[Trigger][]Definition {
	out := map[Trigger][]Definition{}
	for _, d := range all {
		if !d.Retired && d.Trigger != ByHand {
			out[d.Trigger] = append(out[d.Trigger], d)
		}
	}
	return out
}

func (h *happened) entry(ctx context.Context, e *record.Entry) error {
	h.seen = h.seen || e.Type != placeRef.Type
	switch {
	case e.Op != record.Put:
	case e.Type == "CarePlan" && strings.HasPrefix(e.ID, "case-"):
		h.cases[e.ID] = true
	case e.Type == "Task" && strings.HasPrefix(e.ID, "step-"):
		id, err := caseOfJob(ctx, h.p, e.ID)
		if err != nil {
			return err
		}
		if id != "" {
			h.cases[id] = true
		}
	case e.Type == "Task" && h.closing():
		return h.closed(ctx, e)
	case e.Type == "Patient" && len(h.on[Registered]) > 0:
		return h.registered(e)
	}
	return nil
}

// closing tells whether any workflow begins when a request is closed.
func (h *happened) closing() bool {
	_, registered := h.on[Registered]
	return len(h.on) > 1 || len(h.on) == 1 && !registered
}

// closed notes the act of closing a request: the version before it was open.
// What came in closed already, by an import, was not closed here.
func (h *happened) closed(ctx context.Context, e *record.Entry) error {
	if len(e.Parents) == 0 {
		return nil
	}
	r, err := fhir.ParseResource(e.Body)
	if err != nil || !request.IsRequest(r) || !r.Get("status").Is("completed") {
		return err
	}
	v, err := h.p.VRead(ctx, e.Ref(), e.Version())
	if err != nil {
		return err
	}
	q, err := request.FromTask(v)
	if err != nil || q.Open() || q.Patient == "" {
		return err
	}
	before, err := h.p.VRead(ctx, e.Ref(), e.Parents[0])
	if err != nil {
		return err
	}
	was, err := request.FromTask(before)
	if err != nil || !was.Open() {
		return err
	}
	for _, d := range h.on[ClosedOf(q.Kind)] {
		if !e.Time.Time().Before(d.Since) {
			h.begun = append(h.begun, event{d.ID, "closed:" + q.ID, q.Patient, q.ID})
		}
	}
	return nil
}

// registered notes a patient who has come to the practice. Where the record
// says when the registration began, that day decides: from the day on that the
// workflow was told to begin so. Where it does not, who is entered now counts,
// within the limit of a day, and never what is loaded from files: an import
// brings thousands who have been here for years (docs/decision/039).
func (h *happened) registered(e *record.Entry) error {
	r, err := fhir.ParseResource(e.Body)
	if err != nil || r.Get("active").Str() == "false" {
		return err
	}
	from := RegisteredFrom(r)
	now := from == "" && h.tally.entered(e)
	for _, d := range h.on[Registered] {
		if e.Time.Time().Before(d.Since) {
			continue
		}
		if from >= dayOf(d.Since) || now {
			ref := e.Ref()
			h.begun = append(h.begun, event{d.ID, "registered:" + ref.ID, ref.String(), ""})
		}
	}
	return nil
}

// urlRegistration is GP Connect's extension for a registration; its part
// registrationPeriod says from when.
const urlRegistration = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-RegistrationDetails-1"

// RegisteredFrom is the day on which a patient's registration began, as
// 2026-11-26; "" where the record does not say. GP Connect has it as an
// extension, the Personal Demographics Service as the period of the practice's
// identifier. The latest counts.
func RegisteredFrom(patient *fhir.Resource) (day string) {
	note := func(n fhir.Node) {
		if s := n.Get("start").Str(); len(s) >= len(time.DateOnly) && s[:len(time.DateOnly)] > day {
			day = s[:len(time.DateOnly)]
		}
	}
	for part := range extension(patient.Root(), urlRegistration).Get("extension").Items() {
		if part.Get("url").Is("registrationPeriod") {
			note(part.Get("valuePeriod"))
		}
	}
	for gp := range patient.Get("generalPractitioner").Items() {
		note(gp.Get("identifier", "period"))
	}
	return day
}

// begin begins the cases of what has happened. What can never begin, because
// the patient is gone or the workflow is used no more, is passed over.
func (h *happened) begin(ctx context.Context) error {
	var errs []error
	for _, e := range h.begun {
		if gone, err := left(ctx, h.p, e); gone || err != nil {
			errs = append(errs, err)
			continue
		}
		_, err := Start(ctx, h.p, record.System, e.workflow, e.patient, e.request, e.name)
		switch fault.KindOf(err) {
		case fault.Invalid, fault.Refused, fault.NotFound, fault.Gone:
			continue
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// left tells whether a patient who was registered is not here any more.
func left(ctx context.Context, p *record.Practice, e event) (bool, error) {
	ref, _ := ident.ParseRef(e.patient)
	if e.request != "" {
		return false, nil
	}
	r, _, err := search.Get(ctx, p, ref)
	return r == nil || r.Get("active").Str() == "false", err
}

// placeRef is where the place is kept up to which events have been looked at.
// It is written when a case has begun and once an hour at most: what has been
// looked at already begins nothing when it is looked at again.
var placeRef = ident.Ref{Type: "_Workflow", ID: "place"}

// place is where to go on from: the place that was kept, and not before the
// first workflow in use that begins by itself was written. There is no limit to
// how long ago that was.
func place(ctx context.Context, p *record.Practice, all []Definition) (ident.Position, tally, error) {
	first := p.Position()
	for _, some := range triggered(all) {
		for _, d := range some {
			if err := earlier(ctx, p, d.ID, first); err != nil {
				return nil, tally{}, err
			}
		}
	}
	v, err := p.Read(ctx, placeRef)
	if fault.Is(err, fault.NotFound) {
		return first, tally{}, nil
	}
	if err != nil {
		return nil, tally{}, err
	}
	r, err := fhir.ParseOwn(v.JSON())
	if err != nil {
		return nil, tally{}, err
	}
	kept, err := ident.ParsePosition(r.Get("position").Str())
	if err != nil {
		return nil, tally{}, err
	}
	number, _ := strconv.Atoi(r.Get("entered").Str()) // not there in a place of before
	return first.Merge(kept), tally{r.Get("day").Str(), number}, nil
}

// earlier moves a position back to where a workflow was first written.
func earlier(ctx context.Context, p *record.Practice, workflow string, pos ident.Position) error {
	for before := ""; ; {
		past, err := p.History(ctx, ident.Ref{Type: "PlanDefinition", ID: workflow}, before, 100)
		if err != nil || len(past) == 0 {
			return err
		}
		for _, v := range past {
			if stream, seq, ok := record.ParseVersionID(v.ID); ok && seq < pos[stream] {
				pos[stream] = seq
			}
		}
		before = past[len(past)-1].ID
	}
}

func keepPlace(ctx context.Context, p *record.Practice, pos ident.Position, t tally) error {
	b := write.New(record.System, "events of workflows", "")
	o := write.Obj{"position": pos.String(), "day": t.day, "entered": strconv.Itoa(t.number)}
	v, err := p.Read(ctx, placeRef)
	switch {
	case fault.Is(err, fault.NotFound):
		b.Create(placeRef, o)
	case err != nil:
		return err
	default:
		b.Replace(v, o)
	}
	if _, err = commit(ctx, p, b); fault.Is(err, fault.Conflict) {
		return nil // another process keeps a place of its own, as good
	}
	return err
}
