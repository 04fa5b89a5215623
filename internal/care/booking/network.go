package booking

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// AwayURL is an extension of an Appointment in the record of the practice that
// booked it elsewhere: where it is.
const AwayURL = care.Base + "StructureDefinition/booked-elsewhere"

// Away is where an appointment is, when that is another practice.
type Away struct {
	At     ident.ODS
	Name   string
	Slot   ident.Ref // of the other record
	Place  string    // where to come to, "" when they do not say
	Errand string    // id of the Task of what is on its way there, "" for nothing
}

// Is tells whether the appointment is at another practice.
func (a Away) Is() bool { return a.At != "" }

// Extension is where it is, as it is kept.
func (a Away) Extension() write.Obj {
	in := list{
		obj{"url": "organization", "valueReference": write.Named(a.At.Organization(), a.Name)},
		obj{"url": "slot", "valueString": a.Slot.String()},
	}
	for _, x := range [...][2]string{{"place", a.Place}, {"errand", a.Errand}} {
		if x[1] != "" {
			in = append(in, obj{"url": x[0], "valueString": x[1]})
		}
	}
	return obj{"url": AwayURL, "extension": in}
}

func readAway(res *fhir.Resource) (a Away) {
	for e := range res.Get("extension").Items() {
		if !e.Get("url").Is(AwayURL) {
			continue
		}
		for x := range e.Get("extension").Items() {
			switch s := x.Get("valueString").Str(); x.Get("url").Str() {
			case "organization":
				a.At, a.Name = ident.ODS(write.Target(x.Get("valueReference")).ID), x.Get("valueReference", "display").Str()
			case "slot":
				a.Slot, _ = ident.ParseRef(s)
			case "place":
				a.Place = s
			case "errand":
				a.Errand = s
			}
		}
	}
	return a
}

// ViewOf reads an appointment that was found, wherever it is.
func ViewOf(v record.Version) (View, error) {
	a, err := readAppointment(v)
	return a.view, err
}

// Slot is one slot as people see it, whether it is free or not.
func (s *Service) Slot(ctx context.Context, p *record.Practice, ref ident.Ref) (SlotView, error) {
	v, err := p.Read(ctx, ref)
	if err != nil {
		return SlotView{}, err
	}
	sl, err := readSlot(v)
	if err == nil {
		_, err = newSessions(p).dress(ctx, &sl)
	}
	return sl.view, err
}

// GuestCommand books for a patient of another practice.
type GuestCommand struct {
	Appointment ident.Ref // in both records the same
	Slot        ident.Ref
	For         ident.Ref // the Organization that books
	Reason      string
	Key         string
	// Guest says which Patient of this record they are, and adds them to the
	// same change where this record does not know them.
	Guest func(b *write.Builder) (ident.Ref, error)
	Allow Allow // nil: nobody else is asked
}

// BookGuest books a slot that is sold to the network for a patient of another
// practice. Faults are as for Pick.
func (s *Service) BookGuest(ctx context.Context, p *record.Practice, by record.Author, c GuestCommand) (Result, error) {
	return s.do(ctx, p, c.Key, func() (decision, error) {
		b := begin(by, "booking: booked by another practice", c.Key)
		who, err := c.Guest(b.Builder)
		if err != nil {
			return decision{}, err
		}
		sc := scene{now: p.Now(), node: s.node, via: ByNetwork}
		if sc, err = sc.at(ctx, p, c.Slot, who, ident.Ref{}, ident.Ref{}); err != nil {
			return decision{}, err
		}
		if err := sc.may(true); err != nil { // clashes are theirs to look at, who know the patient's day
			return decision{}, err
		}
		if err := c.Allow.asked(b.Builder, sc); err != nil {
			return decision{}, err
		}
		v := sc.slot.booked(View{Appointment: c.Appointment, Patient: who, Reason: c.Reason, Mode: sc.slot.view.Mode, For: c.For})
		b.Expect(sc.expects()...)
		b.Create(v.Appointment, v.resource(sc.now, by))
		b.sell(sc)
		return b.decided(v)
	})
}

func (a Allow) asked(b *write.Builder, s scene) error {
	if a == nil {
		return nil
	}
	return a(b, s.slot.view)
}

// Tell adds to a change what a patient is told of an appointment, and owes
// them a notice that says only that there is a message.
func Tell(b *write.Builder, now time.Time, by record.Author, v View, text string) {
	sc := scene{now: now, ids: [3]string{"", ident.NewID(), ident.NewID()}}
	builder{b}.tell(sc, by, v, text)
}

// SayWhen is a moment as a patient reads it.
func SayWhen(t time.Time) string { return sayWhen(t) }
