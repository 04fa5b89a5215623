package task

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const jobs = "Task?code=" + care.TaskCode + "%7Cjob"

// Load reads one job.
func (s *Service) Load(ctx context.Context, practice ident.ODS, id string) (Job, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return Job{}, err
	}
	return load(ctx, p, id)
}

// History is what was decided about a job, newest first, at most fifty lines.
func (s *Service) History(ctx context.Context, practice ident.ODS, id string) ([]Event, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	all, err := p.History(ctx, ident.Ref{Type: "Task", ID: id}, "", 50)
	if err != nil {
		return nil, err
	}
	var out []Event
	for _, v := range all {
		out = append(out, Event{At: v.Time, Who: v.Author.Ref, Why: v.Reason})
	}
	return out, nil
}

// For lists the open jobs of the owners given (a person and their teams),
// most urgent first, then by when they must be done.
func (s *Service) For(ctx context.Context, practice ident.ODS, owners ...string) ([]Job, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	return s.All(ctx, practice, Open, time.Time{}, owners...)
}

// All lists the jobs in a state, of everybody or of the owners given: open ones
// with the most urgent first, those that ended newest first. since leaves out
// those that have not been touched since; zero leaves out none.
func (s *Service) All(ctx context.Context, practice ident.ODS, in State, since time.Time, owners ...string) ([]Job, error) {
	q := jobs + "&status=" + statuses[in]
	if len(owners) > 0 {
		var refs []string
		for _, o := range owners {
			if r, ok := ident.ParseRef(o); ok {
				refs = append(refs, r.String())
			}
		}
		if len(refs) == 0 {
			return nil, nil
		}
		q += "&owner=" + strings.Join(refs, ",")
	}
	if !since.IsZero() {
		q += "&_lastUpdated=ge" + since.UTC().Format("2006-01-02T15:04:05Z")
	}
	out, err := s.list(ctx, practice, q)
	if in == Open {
		slices.SortStableFunc(out, sooner)
	} else {
		slices.SortStableFunc(out, func(a, b Job) int { return b.Ended.Compare(a.Ended) })
	}
	return out, err
}

// sooner puts what is to be done first.
func sooner(a, b Job) int {
	rank := func(j Job) int { u, _ := request.ParseUrgency(j.Priority); return -int(u) }
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	if a.By.IsZero() != b.By.IsZero() {
		if a.By.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.By.Compare(b.By), a.Since.Compare(b.Since))
}

// On lists all jobs of a request, oldest first.
func (s *Service) On(ctx context.Context, practice ident.ODS, requestID string) ([]Job, error) {
	if !ident.IsID(requestID) {
		return nil, fault.New(fault.NotFound, "There is no such request.")
	}
	return s.oldest(ctx, practice, jobs+"&part-of=Task/"+requestID)
}

// Of lists all jobs about a patient, oldest first.
func (s *Service) Of(ctx context.Context, practice ident.ODS, patient string) ([]Job, error) {
	if r, ok := ident.ParseRef(patient); !ok || r.Type != "Patient" {
		return nil, fault.New(fault.NotFound, "There is no such patient.")
	}
	return s.oldest(ctx, practice, jobs+"&patient="+patient)
}

func (s *Service) oldest(ctx context.Context, practice ident.ODS, query string) ([]Job, error) {
	out, err := s.list(ctx, practice, query)
	slices.SortStableFunc(out, func(a, b Job) int { return a.Since.Compare(b.Since) })
	return out, err
}

func (s *Service) list(ctx context.Context, practice ident.ODS, query string) ([]Job, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	var out []Job
	err = search.Each(ctx, p, query, func(v record.Version, _ *fhir.Resource) error {
		j, err := JobOf(v)
		out = append(out, j)
		return err
	})
	return out, err
}
