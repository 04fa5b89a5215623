package overflow

import (
	"context"
	"errors"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Relay carries handovers between practices of one installation.
type Relay struct {
	// Practice opens a practice's record.
	Practice func(ident.ODS) (*record.Practice, error)
}

// Round carries everything that a practice has handed over one step further.
// It may run twice at once, late, or again after a crash: each step has a key,
// and begins from what the two records say.
func (r Relay) Round(ctx context.Context, home *record.Practice) error {
	var errs []error
	for _, state := range []State{Owed, Sent, Taken} {
		open, err := handovers(ctx, home, "&status="+string(state))
		if err != nil {
			return err
		}
		for _, h := range open {
			if err := r.step(ctx, home, h); err != nil && !fault.Is(err, fault.Conflict) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (r Relay) step(ctx context.Context, home *record.Practice, h Handover) error {
	ours, err := request.Brief(ctx, home, h.Request)
	if err != nil {
		return err
	}
	there, err := r.Practice(h.Partner)
	if err != nil {
		return r.back(ctx, home, h, "the other practice cannot be reached")
	}
	recalled := !ours.Open() || ours.Owner.Ref != h.Partner.Organization().String()
	theirs, err := request.Brief(ctx, there, h.ID)
	begun := h.State == Taken || theirs.State != request.Received // what comes later does not undo it
	switch {
	case fault.Is(err, fault.NotFound) && recalled:
		return r.mark(ctx, home, h, Returned)
	case fault.Is(err, fault.NotFound):
		return r.send(ctx, home, there, h, ours)
	case err != nil:
		return err
	case !theirs.Open():
		return r.answered(ctx, home, h, ours, theirs, recalled)
	case recalled && !begun:
		return r.withdraw(ctx, home, there, h, theirs, "", "The patient's own practice has taken this back.")
	case !begun && home.Now().After(h.TakeBy):
		return r.withdraw(ctx, home, there, h, theirs, "nobody there had begun in time", "This went back to the patient's own practice: it was not begun in time.")
	case begun && h.State != Taken:
		return r.mark(ctx, home, h, Taken)
	case h.State == Owed:
		return r.mark(ctx, home, h, Sent)
	case !recalled:
		return r.follow(ctx, home, there, h, theirs)
	}
	return nil
}

// send makes the request at the other practice, if that practice still takes
// it: its side of the agreement holds there.
func (r Relay) send(ctx context.Context, home, there *record.Practice, h Handover, ours request.View) error {
	a, err := With(ctx, there, home.ODS())
	if err != nil {
		return err
	}
	switch {
	case home.Now().After(h.TakeBy):
		return r.back(ctx, home, h, "it could not be carried over in time")
	case !a.Takes.Fits(string(ours.Kind), ours.Urgency.Priority(), h.At):
		return r.back(ctx, home, h, "they do not take this kind of request now")
	}
	c, err := r.parcel(ctx, home, there, h, ours)
	if err != nil {
		return err
	}
	now := there.Now()
	taken, err := there.Find(ctx, "Task?code="+care.TaskCode+"%7Crequest&requester="+home.ODS().Organization().String()+"&authored-on=ge"+dayStart(now)+"&_total=accurate&_count=1")
	if err != nil {
		return err
	}
	if taken.Total >= a.Takes.PerDay {
		return r.back(ctx, home, h, "they have taken as many today as was agreed")
	}
	if _, err := there.Commit(ctx, c); err != nil {
		return err
	}
	return r.mark(ctx, home, h, Sent)
}

// mark moves the handover's own Task on.
func (r Relay) mark(ctx context.Context, home *record.Practice, h Handover, s State) error {
	b := write.New(record.System, "handover: "+string(s), "handover "+h.ID+" "+string(s))
	if err := editHandover(ctx, home, b, h, s); err != nil {
		return err
	}
	c, err := b.Change()
	if err != nil {
		return err
	}
	_, err = home.Commit(ctx, c)
	return err
}

func editHandover(ctx context.Context, home *record.Practice, b *write.Builder, h Handover, s State) error {
	v, err := home.Read(ctx, ident.Ref{Type: "Task", ID: h.ID})
	if err != nil {
		return err
	}
	res, err := v.Resource()
	if err != nil {
		return err
	}
	if st := State(res.Get("status").Str()); st == Done || st == Returned {
		return fault.New(fault.Conflict, "The handover has ended already.")
	}
	b.Edit(v, res, write.Obj{"status": string(s), "lastModified": write.Instant(home.Now())})
	return nil
}

// back brings a request home, with an alarm until somebody takes it.
func (r Relay) back(ctx context.Context, home *record.Practice, h Handover, why string) error {
	cmd := request.Escalate{
		To: request.Owner{Ref: care.Triage, Name: care.TriageName}, Urgency: 0,
		Reason: "Back from " + h.Name + ": " + why + ".",
	}
	return r.end(ctx, home, h, cmd, Returned)
}

// end decides at home and ends the handover, both or neither, once.
func (r Relay) end(ctx context.Context, home *record.Practice, h Handover, cmd request.Command, s State) error {
	_, err := request.Decided(ctx, home, record.System, h.Request, "", cmd, "handover "+h.ID+" end", func(b *write.Builder, _ request.View, _ time.Time) error {
		return editHandover(ctx, home, b, h, s)
	})
	return err
}

// answered brings the outcome home: the patient hears of it once, from their
// own practice.
func (r Relay) answered(ctx context.Context, home *record.Practice, h Handover, ours, theirs request.View, recalled bool) error {
	switch {
	case recalled:
		return r.mark(ctx, home, h, Done)
	case theirs.Outcome == request.NotOurPatient, theirs.Outcome == request.DuplicateOf:
		return r.back(ctx, home, h, "they sent it back: "+strings.TrimSuffix(theirs.Told, "."))
	}
	told := theirs.Told + "\n\nThis is from " + h.Name + ", who helped us with your request."
	return r.end(ctx, home, h, request.Close{Outcome: theirs.Outcome, Told: told}, Done)
}

// withdraw closes the request over there, if still nobody has begun, and then
// brings it home; why is "" when home has it already.
func (r Relay) withdraw(ctx context.Context, home, there *record.Practice, h Handover, theirs request.View, why, told string) error {
	_, err := request.Decided(ctx, there, record.System, theirs.ID, theirs.Version, request.Close{Outcome: request.DuplicateOf, Told: told, Message: "Communication/none"}, "", nil)
	if err != nil {
		return err // somebody has begun meanwhile: the next round sees it
	}
	if why == "" {
		return r.mark(ctx, home, h, Returned)
	}
	return r.back(ctx, home, h, why)
}

// summaryOf are problems, medicines and allergies in words.
func summaryOf(ctx context.Context, p *record.Practice, patient ident.Ref) (out [][2]string, err error) {
	for _, s := range []struct {
		title, query string
		path         []string
	}{
		{"Allergies", "AllergyIntolerance?patient=", []string{"code"}},
		{"Problems", "Condition?clinical-status=active&patient=", []string{"code"}},
		{"Medicines", "MedicationRequest?status=active&patient=", []string{"medicationCodeableConcept"}},
	} {
		var names []string
		err := search.Each(ctx, p, s.query+patient.String()+"&_count=100", func(_ record.Version, r *fhir.Resource) error {
			n := r.Get(s.path...)
			name := n.Get("text").Str()
			for c := range n.Get("coding").Items() {
				if name == "" {
					name = c.Get("display").Str()
				}
			}
			if name != "" {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			names = []string{"none recorded"}
		}
		out = append(out, [2]string{s.title, strings.Join(names, "; ")})
	}
	return out, nil
}
