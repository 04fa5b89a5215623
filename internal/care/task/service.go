package task

import (
	"context"

	"heartwood/internal/care/request"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Service keeps jobs.
type Service struct {
	store *record.Store
	after func(ctx context.Context, p *record.Practice, plan string) error
}

// NewService makes the service.
func NewService(store *record.Store) *Service { return &Service{store: store} }

// Then has f told of a case when a job of it was decided about, once that is
// recorded. What f does not manage is not lost: a chore looks again.
func (s *Service) Then(f func(ctx context.Context, p *record.Practice, plan string) error) *Service {
	s.after = f
	return s
}

// Create asks a colleague to do something. The same key again changes nothing
// and gives the same job.
func (s *Service) Create(ctx context.Context, practice ident.ODS, by record.Author, n New, key string) (Job, error) {
	if err := staff(by); err != nil {
		return Job{}, err
	}
	n, err := n.clean()
	if err != nil {
		return Job{}, err
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Job{}, err
	}
	if n, err = n.about(ctx, p); err != nil {
		return Job{}, err
	}
	if key != "" {
		key = "job:" + by.Ref + ":" + key
	}
	b := write.New(by, "job asked for", key)
	b.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, n.Body(by, p.Now()))
	change, err := b.Change()
	if err != nil {
		return Job{}, err
	}
	done, err := p.Commit(ctx, change)
	if err != nil {
		return Job{}, err
	}
	return load(ctx, p, done.Versions[0].Ref.ID)
}

// about fills in the patient of the request that a job belongs to.
func (n New) about(ctx context.Context, p *record.Practice) (New, error) {
	if n.Request == "" {
		return n, nil
	}
	r, err := request.Brief(ctx, p, n.Request)
	if err != nil {
		return n, err
	}
	if n.Patient == "" {
		n.Patient = r.Patient
	}
	if n.Patient != r.Patient {
		return n, fault.New(fault.Refused, "The request is for another patient.")
	}
	return n, nil
}

// Do carries out a decision about a job. seen is the Job.Version that the
// person was looking at; "" does not check. A job that somebody has changed
// since is a Conflict.
func (s *Service) Do(ctx context.Context, practice ident.ODS, by record.Author, id, seen string, c Command) (Job, error) {
	if err := staff(by); err != nil {
		return Job{}, err
	}
	p, err := s.store.Practice(practice)
	if err != nil {
		return Job{}, err
	}
	v, j, err := read(ctx, p, id)
	if err != nil {
		return Job{}, err
	}
	if _, _, err := Decide(j, c, p.Now()); fault.Is(err, fault.Invalid) {
		return Job{}, err // what was typed is at fault, whatever else changed
	}
	if seen != "" && seen != v.ID {
		return Job{}, stale()
	}
	set, why, err := Decide(j, c, p.Now())
	if err != nil {
		return Job{}, err
	}
	res, err := v.Resource()
	if err != nil {
		return Job{}, err
	}
	by.For = j.Patient
	b := write.New(by, why, "")
	b.Edit(v, res, set)
	change, err := b.Change()
	if err != nil {
		return Job{}, err
	}
	if _, err := p.Commit(ctx, change); err != nil {
		if fault.Is(err, fault.Conflict) {
			return Job{}, stale()
		}
		return Job{}, err
	}
	if s.after != nil && j.Plan != "" {
		_ = s.after(ctx, p, j.Plan) // the job is decided; the chore does what is left
	}
	return load(ctx, p, id)
}

func read(ctx context.Context, p *record.Practice, id string) (record.Version, Job, error) {
	if !ident.IsID(id) {
		return record.Version{}, Job{}, unknown()
	}
	v, err := p.Read(ctx, ident.Ref{Type: "Task", ID: id})
	if err != nil {
		return v, Job{}, err
	}
	j, err := JobOf(v)
	return v, j, err
}

func load(ctx context.Context, p *record.Practice, id string) (Job, error) {
	_, j, err := read(ctx, p, id)
	return j, err
}
