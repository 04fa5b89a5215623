package reconcile

import (
	"context"
	"net/url"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service reconciles a practice.
type Service struct{ store *record.Store }

// New makes the service.
func New(store *record.Store) *Service { return &Service{store: store} }

// Run reconciles what came in from from up to to. The forms and the ledger
// are found by searches of their own, neither by way of the other. A form and
// its request bear the same time, so both are in the span or neither is.
func (s *Service) Run(ctx context.Context, practice ident.ODS, from, to time.Time) (Report, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Report{}, err
	}
	door, err := forms(ctx, p, from, to)
	if err != nil {
		return Report{}, err
	}
	ledger, err := lines(ctx, p, from, to)
	if err != nil {
		return Report{}, err
	}
	if err := told(ctx, p, from, ledger); err != nil {
		return Report{}, err
	}
	journal := doorlog.Of(s.store)
	seen, err := journal.Read(practice)
	if err != nil {
		return Report{}, err
	}
	r := Balance(door, ledger)
	r.From, r.To, r.DoorSince = from, to, seen.Since
	late := func(form string) (Line, error) { return claimed(ctx, p, from, journal.Node()+"/"+form) }
	if err := r.atDoor(seen, journal.Node(), ledger, late, p.Now()); err != nil {
		return Report{}, err
	}
	r.Notices, err = notices(ctx, p, from, ledger)
	return r, err
}

// within tells whether t is in [from, to).
func within(t, from, to time.Time) bool { return !t.Before(from) && t.Before(to) }

// span is a search on a date that covers [from, to) to the second and more.
func span(param string, from, to time.Time) string {
	f := url.QueryEscape(from.UTC().Truncate(time.Second).Format(time.RFC3339))
	t := url.QueryEscape(to.UTC().Add(time.Second).Format(time.RFC3339))
	return "&" + param + "=ge" + f + "&" + param + "=le" + t
}

// forms are the door's: every form of ours that is completed, whatever
// became of it.
func forms(ctx context.Context, p *record.Practice, from, to time.Time) ([]Form, error) {
	var out []Form
	err := search.Each(ctx, p, "QuestionnaireResponse?identifier="+url.QueryEscape(care.ReferenceID+"|")+span("authored", from, to), func(v record.Version, q *fhir.Resource) error {
		f := Form{Response: v.Ref.String(), Reference: q.Get("identifier", "value").Str(), Time: write.When(q.Get("authored"))}
		for it := range q.Get("item").Items() {
			if it.Get("linkId").Is("channel") {
				f.Channel = it.Get("answer", "valueCoding", "code").Str()
			}
		}
		if within(f.Time, from, to) {
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// lines are the ledger's.
func lines(ctx context.Context, p *record.Practice, from, to time.Time) ([]Line, error) {
	var out []Line
	err := search.Each(ctx, p, "Task?code="+care.TaskCode+"%7Crequest"+span("authored-on", from, to), func(v record.Version, t *fhir.Resource) error {
		r := request.FromParsed(v, t)
		if !within(r.Since, from, to) {
			return nil
		}
		out = append(out, Line{
			Request: v.Ref.String(), Response: r.Response, Reference: r.Reference, Channel: string(r.Channel),
			Since: r.Since, Status: t.Get("status").Str(), Outcome: string(r.Outcome),
			PartOf: r.PartOf, Door: r.Door, Told: r.Told != "", Patient: r.Patient != "",
			Owned: r.Owner.Ref != "", Clocked: !r.AnswerBy.IsZero(),
		})
		return nil
	})
	return out, err
}
