package request

import (
	"context"
	"errors"
	"strings"

	"heartwood/internal/care/team"
	"heartwood/internal/fault"
	"heartwood/internal/record"
)

// HandBack gives the request of somebody who is away back to their team. What
// they had begun is looked at anew.
type HandBack struct {
	To     Owner
	Reason string // "reason": who is away, and until when
}

func (HandBack) command() {}

func (d *Decision) handBack(c HandBack) error {
	switch {
	case !mayOwn(c.To.Ref):
		return fault.At(fault.Invalid, "owner", "Choose a person or a team.")
	case c.Reason == "":
		return fault.At(fault.Invalid, "reason", "Say why it is handed back.")
	}
	d.Next.Owner, d.Note = c.To, clip(c.Reason, longest)
	if d.Next.State == Working {
		d.Next.State = Accepted // nobody works on it now
	}
	d.What = "handed back to the " + orElse(clip(c.To.Name, 100), c.To.Ref)
	return nil
}

// HandBackAbsent gives what is with people who are away now back to their
// teams; leave are absences that are kept elsewhere, of the rota. It gives each
// request once for an absence: what a person gives to somebody who is away
// after that stays, and the alarm rings for it. Doing it again changes nothing.
func HandBackAbsent(ctx context.Context, p *record.Practice, leave []team.Absence) error {
	h, err := team.Load(ctx, p)
	if err != nil {
		return err
	}
	h = h.With(leave)
	now := p.Now()
	by := record.System
	var errs []error
	seen := map[string]bool{}
	for _, a := range h.Absences {
		if away, ok := h.Away(a.Who, now); !ok || away != a || seen[a.Who] {
			continue
		}
		seen[a.Who] = true
		all, err := views(ctx, p, ledger+"&status:not=completed&owner="+a.Who)
		if err != nil {
			return err
		}
		for _, r := range all {
			t := h.Back(a.Who, string(r.Kind))
			cmd := HandBack{To: Owner{Ref: t.Ref, Name: t.Name}, Reason: a.Name + " is away " + a.Until(now)}
			_, err := Decided(ctx, p, by, r.ID, r.Version, cmd, "absence:"+a.Who+":"+a.From+":"+r.ID, nil)
			if err != nil && !fault.Is(err, fault.Conflict) { // changed meanwhile: the next round looks again
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// handedOver tells whether another practice has handed a request over: what it
// is closed with goes back there at once, and is told to the patient there.
func (r View) handedOver() bool { return strings.HasPrefix(r.Requester, "Organization/") }

// away tells whether another practice has it.
func (o Owner) away() bool { return strings.HasPrefix(o.Ref, "Organization/") }

func answeredAtHome() *fault.Error {
	return fault.New(fault.Refused, "The answer has gone to the patient’s own practice. Ask them to open the request again.")
}
