package request

import (
	"context"
	"log/slog"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/routing"
	"heartwood/internal/care/team"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// routed is the input of a request's Task that says why somebody has it.
const routed = "routed"

// route asks the practice's rules who gets an arrival. Where they cannot be
// read the triage team does: nothing here may stand between a person and the
// ledger.
func (a *arrival) route(ctx context.Context, p *record.Practice) {
	a.owner = triageTeam
	c := routing.Case{Key: a.reference, Kind: string(a.ask.Kind), Priority: a.urgency.Priority(), Text: a.ask.What + " " + a.ask.Hope + " " + a.ask.Tried, At: a.now}
	d, err := decideRoute(ctx, p, c, a.patient(), a.hours.Next(a.now).From)
	if err != nil {
		slog.ErrorContext(ctx, "request: the routing rules were not asked", "practice", p.ODS(), "error", err)
		return
	}
	if d.Rule == 0 && a.urgency < Stat {
		if a.ofTeam(ctx, p) || d.Why == "" {
			return
		}
	}
	if d.Why == "" {
		return // no rules
	}
	a.owner, a.why = Owner{Ref: d.Owner, Name: d.Name}, d.Why
	if u, ok := ParseUrgency(d.Priority); ok {
		a.urgency = max(a.urgency, u)
		a.clock = sooner(a.clock, a.urgency.Promise(a.hours, a.now))
	}
	if d.Within > 0 {
		a.clock = sooner(a.clock, a.hours.Within(a.now, d.Within))
	}
}

// ofTeam gives an arrival that no rule fits to the team that looks after its
// kind, if there is one.
func (a *arrival) ofTeam(ctx context.Context, p *record.Practice) bool {
	h, err := team.Load(ctx, p)
	if err != nil {
		slog.ErrorContext(ctx, "request: the teams were not asked", "practice", p.ODS(), "error", err)
		return false
	}
	t, ok := h.Of(string(a.ask.Kind))
	if !ok {
		return false
	}
	a.owner, a.why = Owner{Ref: t.Ref, Name: t.Name}, "its kind: the "+t.Name+" looks after it"
	return true
}

// decideRoute asks the rules; the zero Decision when there are none.
func decideRoute(ctx context.Context, p *record.Practice, c routing.Case, patient ident.Ref, day time.Time) (routing.Decision, error) {
	s, err := routing.Load(ctx, p)
	if err != nil || len(s.Rules) == 0 {
		return routing.Decision{}, err
	}
	if err := s.About(ctx, p, &c, patient); err != nil {
		return routing.Decision{}, err
	}
	staff, err := routing.LoadStaff(ctx, p, day)
	if err != nil {
		return routing.Decision{}, err
	}
	return s.Route(c, staff), nil
}

// reroute asks the rules again when a request has been triaged and nobody but
// the triage team has it: its urgency may be another now.
func (d *Decision) reroute(ctx context.Context, p *record.Practice, t *fhir.Resource, cmd Command, now time.Time) {
	if _, triaged := cmd.(Confirm); !triaged || d.Next.Owner.Ref != care.Triage {
		return
	}
	h := HoursOf(ctx, p)
	c := routing.Case{Key: d.Next.Reference, Kind: string(d.Next.Kind), Priority: d.Next.Urgency.Priority(), Text: t.Get("description").Str(), At: d.Next.Since}
	if r := (View{Response: d.Next.Response}); written(ctx, p, &r) == nil && r.Asked.What != "" {
		c.Text = r.Asked.What + " " + r.Asked.Hope + " " + r.Asked.Tried
	}
	to, err := decideRoute(ctx, p, c, refTo(d.Next.Patient), h.Next(now).From)
	if err != nil || to.Rule == 0 || to.Owner == d.Next.Owner.Ref {
		return
	}
	d.Next.Owner = Owner{Ref: to.Owner, Name: to.Name}
	d.What += "; " + to.Why
	if to.Within > 0 {
		d.Next.AnswerBy = sooner(d.Next.AnswerBy, h.Within(d.Next.Since, to.Within))
	}
}
