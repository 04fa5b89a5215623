package callflow

import (
	"context"
	"net/url"
	"slices"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service keeps the calls of each practice in its record.
type Service struct{ store *record.Store }

// NewService makes the service.
func NewService(store *record.Store) *Service { return &Service{store: store} }

// Reason begins the reason of every change that a call makes, so that who
// follows the record can pass it by.
const Reason = "call: "

var (
	calls  = "Communication?category=" + url.QueryEscape(care.MessageKind+"|"+care.KindCall)
	owed   = "Task?code=" + url.QueryEscape(care.TaskCode+"|"+TaskCode)
	absent = fault.New(fault.NotFound, "There is no such call.")
)

// Keep keeps what a call has become, with what it owes, in one commit: did is
// what Next said is to be done. It returns the call as it is kept, which is
// the one to go on with. A call that no step has changed is not written again.
func (s *Service) Keep(ctx context.Context, practice ident.ODS, by record.Author, c Call, did []Do) (Call, error) {
	if len(c.Steps) == c.kept {
		return c, nil
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return c, err
	}
	by.For = c.Patient
	b := write.New(by, Reason+c.Steps[len(c.Steps)-1].What, "")
	if err := c.checked(ctx, p); err != nil {
		return c, err
	}
	if slices.ContainsFunc(did, func(d Do) bool { return d.What == Owe }) {
		if err := owes(ctx, p, b, &c); err != nil {
			return c, err
		}
	}
	ref := ident.Ref{Type: "Communication", ID: c.ID}
	if c.Version == "" {
		b.Create(ref, c.body())
	} else {
		b.Replace(record.Version{Ref: ref, ID: c.Version}, c.body())
	}
	change, err := b.Change()
	if err != nil {
		return c, err
	}
	done, err := p.Commit(ctx, change)
	if err != nil {
		return c, err
	}
	for _, v := range done.Versions {
		if v.Ref == ref {
			c.Version, c.kept = v.ID, len(c.Steps)
		}
	}
	return c, nil
}

// checked refuses a patient who is not one of the practice's.
func (c Call) checked(ctx context.Context, p *record.Practice) error {
	if c.Patient == "" || c.Steps[len(c.Steps)-1].What != string(Confirmed) {
		return nil
	}
	ref, ok := ident.ParseRef(c.Patient)
	if !ok || ref.Type != "Patient" {
		return fault.At(fault.Invalid, "patient", "This is not a patient.")
	}
	_, err := p.Read(ctx, ref)
	return err
}

// owes adds the call back that a call asks for. Who is owed one already, in
// the same queue, is owed no second: it keeps the earlier place.
func owes(ctx context.Context, p *record.Practice, b *write.Builder, c *Call) error {
	open, err := list(ctx, p, owed+"&status=requested&identifier="+url.QueryEscape(numberSys+"|"+c.From))
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(open, func(o CallBack) bool { return o.Queue == c.Queue }); i >= 0 {
		c.Task = open[i].ID
		return nil
	}
	plan, err := Load(ctx, p)
	if err != nil {
		return err
	}
	q, _ := plan.Queue(c.Queue)
	c.Task = ident.NewID()
	b.Create(ident.Ref{Type: "Task", ID: c.Task}, asked(*c, c.Task, q).body())
	return nil
}

// One reads a call.
func (s *Service) One(ctx context.Context, practice ident.ODS, id string) (Call, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Call{}, err
	}
	if !ident.IsID(id) {
		return Call{}, absent
	}
	res, v, err := search.Get(ctx, p, ident.Ref{Type: "Communication", ID: id})
	if err != nil {
		return Call{}, err
	}
	if res != nil {
		if c, ok := CallOf(v, res); ok {
			return c, nil
		}
	}
	return Call{}, absent
}

// Note keeps a fact about a call that nobody's process has in hand any more:
// who it was, what it belongs to. A call that goes on is the process's.
func (s *Service) Note(ctx context.Context, practice ident.ODS, by record.Author, id string, e Event) (Call, error) {
	c, err := s.One(ctx, practice, id)
	if err != nil {
		return c, err
	}
	if c.Open() {
		return c, fault.New(fault.Conflict, "This call is still going on.")
	}
	e.By = by.Ref
	if c, _, err = Next(Plan{}, c, e, Facts{}); err != nil {
		return c, err
	}
	return s.Keep(ctx, practice, by, c, nil)
}

// Open lists the calls that the record says are going on.
func (s *Service) Open(ctx context.Context, practice ident.ODS) ([]Call, error) {
	return s.find(ctx, practice, calls+"&status=in-progress")
}

// Between lists the calls of a span that came in or were made, the first
// first.
func (s *Service) Between(ctx context.Context, practice ident.ODS, from, to time.Time) ([]Call, error) {
	var out []Call
	for _, when := range []string{"received", "sent"} {
		some, err := s.find(ctx, practice, calls+"&"+when+"=ge"+stamp(from)+"&"+when+"=lt"+stamp(to))
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortStableFunc(out, func(a, b Call) int { return a.Began.Compare(b.Began) })
	return out, nil
}

// longestCall is how far back a call can have begun whose place is still kept.
const longestCall = 12 * time.Hour

// Kept lists the places that are kept for a number now. One that another call
// has taken up is kept no more.
func (s *Service) Kept(ctx context.Context, practice ident.ODS, number string, keep time.Duration, now time.Time) ([]Place, error) {
	if number == "" {
		return nil, nil
	}
	all, err := s.find(ctx, practice, calls+"&identifier="+url.QueryEscape(numberSys+"|"+number)+"&received=ge"+stamp(now.Add(-longestCall-keep)))
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, c := range all {
		k, ok := c.Place()
		taken := slices.ContainsFunc(all, func(o Call) bool { return o.Returned == c.ID })
		if ok && !taken && now.Sub(k.Left) <= keep {
			out = append(out, k)
		}
	}
	return out, nil
}

// CutOff ends the calls whose process has died: its sound is gone, the places
// stay. gone tells of which process that is so.
func (s *Service) CutOff(ctx context.Context, practice ident.ODS, gone func(host string) bool, now time.Time) (n int, err error) {
	open, err := s.Open(ctx, practice)
	if err != nil {
		return 0, err
	}
	for _, c := range open {
		if !gone(c.Host) {
			continue
		}
		c, did, err := Next(Plan{}, c, Event{What: Lost, At: now}, Facts{})
		if err == nil {
			_, err = s.Keep(ctx, practice, record.System, c, did)
		}
		if err != nil && !fault.Is(err, fault.Conflict) { // somebody else was first
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Service) find(ctx context.Context, practice ident.ODS, query string) ([]Call, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	var out []Call
	err = search.Each(ctx, p, query, func(v record.Version, r *fhir.Resource) error {
		if c, ok := CallOf(v, r); ok {
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

func stamp(t time.Time) string { return url.QueryEscape(t.UTC().Format(time.RFC3339)) }
