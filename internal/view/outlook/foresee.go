package outlook

import (
	"context"
	"time"

	"heartwood/internal/care/promise"
	"heartwood/internal/care/request"
	"heartwood/internal/ident"
)

// Of gives a practice's running outlook. A nil Of knows nothing: people are
// then told the clock.
type Of func(ctx context.Context, practice ident.ODS) (*Outlook, error)

// Foresee is what request.Service tells people by.
func (of Of) Foresee(ctx context.Context, practice ident.ODS, n request.Foreseen) promise.Range {
	o := of.at(ctx, practice)
	if o == nil {
		return promise.Range{}
	}
	need := promise.Need{Priority: n.Urgency.Priority(), Kind: string(n.Kind), Pool: o.Pool(n.Owner, string(n.Kind))}
	return o.Now().New(need, n.Now, n.By)
}

// Ask is what somebody would be told who asks now about something routine or
// urgent, of the commonest kind.
func (of Of) Ask(ctx context.Context, practice ident.ODS, u request.Urgency, now time.Time) promise.Range {
	o := of.at(ctx, practice)
	if o == nil {
		return promise.Range{}
	}
	look := o.Now()
	return look.New(promise.Need{Priority: u.Priority(), Kind: string(request.NewProblem)}, now, u.Promise(look.Hours, now))
}

// Request is when a request in the queue will be answered as things stand;
// zero when it is closed, with its patient, or nothing is known.
func (of Of) Request(ctx context.Context, practice ident.ODS, id string, now time.Time) promise.Range {
	o := of.at(ctx, practice)
	if o == nil {
		return promise.Range{}
	}
	r, _ := o.Now().Of(id, now)
	return r
}

// at never stands in a page's way: without an outlook the clock is said.
func (of Of) at(ctx context.Context, practice ident.ODS) *Outlook {
	if of == nil {
		return nil
	}
	o, err := of(ctx, practice)
	if err != nil {
		return nil
	}
	return o
}
