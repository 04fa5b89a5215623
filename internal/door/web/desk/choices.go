package desk

import (
	"context"
	"fmt"
	"sort"

	"heartwood/internal/care/booking"
	"heartwood/internal/care/request"
	"heartwood/internal/care/workflow"
	"heartwood/internal/words"
)

// choices fills in the forms of a request: what can be chosen, with what the
// person had typed kept.
func (d *Desk) choices(ctx context.Context, v visit, p *requestPage, view request.View, who colleagues) error {
	now := view.Urgency
	if u, ok := request.ParseUrgency(p.Typed("urgency")); ok {
		now = u
	}
	for u := request.Stat; u >= request.Routine; u-- {
		p.Urgencies = append(p.Urgencies, radio{
			Name: "urgency", ID: "urgency-" + u.Priority(), Value: u.Priority(), Label: u.Label(),
			Chosen: u == now, Disabled: !p.Clinician && u < view.Urgency,
		})
	}
	if err := d.network(ctx, v, p, view); err != nil {
		return err
	}
	p.Owners = who.owners(orElse(p.Typed("owner"), view.Owner.Ref))
	if p.Can.Message {
		var err error
		if p.Compose, err = d.compose(ctx, v, view.Patient, p.typed, p.Preview); err != nil {
			return err
		}
		if p.Planned, err = d.planned(ctx, v, view.Patient, view.ID); err != nil {
			return err
		}
	}
	if p.Can.Job && view.Patient != "" {
		all, err := workflow.All(ctx, v.practice)
		if err != nil {
			return err
		}
		for _, one := range all {
			if !one.Retired {
				p.Workflows = append(p.Workflows, option{Value: one.ID, Label: one.Title, Chosen: p.Typed("workflow") == one.ID})
			}
		}
	}
	p.Outcomes = []option{{Label: "Choose an outcome"}}
	for _, o := range request.Outcomes {
		p.Outcomes = append(p.Outcomes, option{Value: string(o), Label: o.Label(), Chosen: p.Typed("outcome") == string(o)})
	}
	if p.Can.Book {
		return d.times(ctx, v, p, who)
	}
	return nil
}

// slotsShown is how many free times a request offers to book at once.
const slotsShown = 12

// times fills in what can be booked or offered.
func (d *Desk) times(ctx context.Context, v visit, p *requestPage, who colleagues) error {
	p.SlotsHref = p.Action + "offer"
	if p.Doing != "offer" {
		kindsOf(p, who)
		return nil // the search is made when somebody wants it
	}
	p.SlotsHref = ""
	free, err := d.booking.Free(ctx, v.practice, booking.Query{To: v.now.AddDate(0, 0, 14), Limit: slotsShown})
	if err != nil {
		return err
	}
	for i, s := range free {
		p.Slots = append(p.Slots, radio{
			Name: "slot", ID: fmt.Sprintf("slot-%d", i), Value: s.Slot.ID, Chosen: p.Typed("slot") == s.Slot.ID,
			Label: fmt.Sprintf("%s %s", capital(day(s.Start, v.now)), s.Start.In(words.London).Format("15:04")),
			Hint:  join(s.ClinicianName, s.Mode.String(), s.Kind, s.Category, fmt.Sprintf("%d minutes", s.Minutes())),
		})
	}
	kindsOf(p, who)
	return nil
}

// kindsOf fills in what an offer can be limited to.
func kindsOf(p *requestPage, who colleagues) {
	kinds, clinicians := who.kinds, who.clinicians
	p.Kinds = []option{{Label: "Any"}}
	for _, k := range sorted(kinds) {
		p.Kinds = append(p.Kinds, option{Value: k, Label: k, Chosen: p.Typed("kind") == k})
	}
	p.Modes = []option{{Label: "Any way"}}
	for _, m := range booking.Modes {
		p.Modes = append(p.Modes, option{Value: string(m), Label: capital(m.String()), Chosen: p.Typed("mode") == string(m)})
	}
	p.Clinicians = []option{{Label: "Anyone"}}
	for ref, name := range clinicians {
		if name != "" {
			p.Clinicians = append(p.Clinicians, option{Value: ref, Label: name, Chosen: p.Typed("clinician") == ref})
		}
	}
	sort.Slice(p.Clinicians[1:], func(i, j int) bool { return p.Clinicians[i+1].Label < p.Clinicians[j+1].Label })
}

func sorted(set map[string]bool) []string {
	var out []string
	for s := range set {
		if s != "" {
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}
