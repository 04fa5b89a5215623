package request

import (
	"context"
	"log/slog"
	"time"

	"heartwood/internal/care/clocks"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// The inputs of a request's Task that hold a practice's stricter clock.
const (
	soonerBy  = "sooner"     // valueDateTime
	soonerWhy = "sooner-why" // valueString
)

// stricter asks the practice's stricter clocks about an arrival. Where they
// cannot be read the contract's clock runs: nothing here may stand between a
// person and the ledger.
func (a *arrival) stricter(ctx context.Context, p *record.Practice) {
	c := clocks.Case{Kind: string(a.ask.Kind), Owner: a.owner.Ref}
	for _, f := range a.findings {
		c.Flags = append(c.Flags, f.Rule)
	}
	at, r, ok, err := stricterOf(ctx, p, c, a.clock, a.hours, a.now)
	if err != nil {
		slog.ErrorContext(ctx, "request: the stricter clocks were not asked", "practice", p.ODS(), "error", err)
		return
	}
	if ok {
		a.clock, a.links.Sooner, a.links.SoonerWhy = at, at, r.Say()
	}
}

// stricterOf is the practice's own clock for a request, where it is sooner
// than by.
func stricterOf(ctx context.Context, p *record.Practice, c clocks.Case, by time.Time, h opening.Hours, from time.Time) (time.Time, clocks.Rule, bool, error) {
	s, err := clocks.Load(ctx, p)
	if err != nil || len(s.Rules) == 0 {
		return by, clocks.Rule{}, false, err
	}
	if s.Asks(clocks.Job) {
		if c.Job, err = jobOf(ctx, p, c.Owner); err != nil {
			return by, clocks.Rule{}, false, err
		}
	}
	at, r, ok := s.Sooner(c, by, h, from)
	return at, r, ok, nil
}

// jobOf is what an owner is by trade: "" of a team.
func jobOf(ctx context.Context, p *record.Practice, owner string) (job string, err error) {
	if r, ok := ident.ParseRef(owner); !ok || r.Type != "Practitioner" {
		return "", nil
	}
	err = search.Each(ctx, p, "PractitionerRole?practitioner="+owner, func(_ record.Version, r *fhir.Resource) error {
		if t := r.Get("code", "text").Str(); job == "" {
			job = t
		}
		return nil
	})
	return job, err
}

// again asks the stricter clocks once more, where a decision has set the clock
// anew or has given the request to somebody else by the rules.
func (d *Decision) again(ctx context.Context, p *record.Practice, before View, cmd Command, now time.Time, h opening.Hours) error {
	from := d.Next.Since
	switch cmd.(type) {
	case Returned, Reopen:
		if d.Next.AnswerBy.Equal(before.AnswerBy) {
			return nil
		}
		from, d.Next.Sooner, d.Next.SoonerWhy = now, time.Time{}, ""
	case Confirm: // triage: the rules may have given it to somebody else
		if d.Next.Owner == before.Owner || d.Next.State == WithPatient {
			return nil
		}
	default:
		return nil
	}
	c := clocks.Case{Kind: string(d.Next.Kind), Owner: d.Next.Owner.Ref}
	for _, f := range d.Findings {
		c.Flags = append(c.Flags, f.Rule)
	}
	stand, err := flagsOn(ctx, p, d.Next.ID)
	if err != nil {
		return err
	}
	c.Flags = append(c.Flags, stand...)
	at, r, ok, err := stricterOf(ctx, p, c, d.Next.AnswerBy, h, from)
	if err == nil && ok {
		d.Next.AnswerBy, d.Next.Sooner, d.Next.SoonerWhy = at, at, r.Say()
	}
	return err
}

// least is a clock that is not later than the practice's own stricter one.
func (r View) least(by time.Time) time.Time {
	if r.Sooner.IsZero() {
		return by
	}
	return sooner(by, r.Sooner)
}

// Because says why a request is due when it is.
func (r View) Because() string {
	switch {
	case !r.Sooner.IsZero() && !r.AnswerBy.After(r.Sooner) && r.Urgency < Stat:
		return "of the practice’s own clock. " + r.SoonerWhy
	case r.State == WithPatient:
		return "the patient is asked again if they have not answered by then"
	}
	return map[Urgency]string{
		Stat: "it is an emergency: at once", Asap: "it is very urgent: within 2 hours of opening time",
		Prompt: "it is urgent: the same day", Routine: "it is routine: by the end of the next core-hours period",
	}[r.Urgency]
}
