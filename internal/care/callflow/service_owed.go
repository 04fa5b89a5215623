package callflow

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/search"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

var noCallBack = fault.New(fault.NotFound, "There is no such call back.")

// Owed lists the calls back that are due, in the order of their places.
func (s *Service) Owed(ctx context.Context, practice ident.ODS) ([]CallBack, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	out, err := list(ctx, p, owed+"&status=requested")
	inTurn(out)
	return out, err
}

// CallsBack lists the calls back that were asked for in a span.
func (s *Service) CallsBack(ctx context.Context, practice ident.ODS, from, to time.Time) ([]CallBack, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return nil, err
	}
	return list(ctx, p, owed+"&authored-on=ge"+stamp(from)+"&authored-on=lt"+stamp(to))
}

// CallBack reads one.
func (s *Service) CallBack(ctx context.Context, practice ident.ODS, id string) (CallBack, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return CallBack{}, err
	}
	_, b, err := readOwed(ctx, p, id)
	return b, err
}

// Change carries out a decision about a call back, in one commit. When the
// last try has failed staff get a job in the same commit.
func (s *Service) Change(ctx context.Context, practice ident.ODS, by record.Author, id string, c Change) (CallBack, error) {
	p, err := s.store.Practice(practice)
	if err != nil {
		return CallBack{}, err
	}
	for {
		v, b, err := readOwed(ctx, p, id)
		if err != nil {
			return b, err
		}
		if b, err = Decide(b, c, p.Now()); err != nil {
			return b, err
		}
		by.For = b.Patient
		w := write.New(by, Reason+"call back "+string(b.State), "")
		w.Replace(v, b.body())
		if b.State == GivenUp {
			reach(w, b, p.Now())
		}
		change, err := w.Change()
		if err != nil {
			return b, err
		}
		if _, err = p.Commit(ctx, change); !fault.Is(err, fault.Conflict) {
			return b, err
		}
	}
}

// reach gives staff the job of reaching somebody in another way.
func reach(w *write.Builder, b CallBack, now time.Time) {
	o := write.Job(record.System, fmt.Sprintf("We rang this caller %d times and nobody answered. Find another way to reach them.", len(b.Tries)), "urgent", now)
	o["focus"], o["owner"] = write.Ref(ident.Ref{Type: "Communication", ID: b.Call}), write.Obj{"reference": b.Team}
	if b.Team == care.Triage {
		o["owner"] = write.Obj{"reference": care.Triage, "display": care.TriageName}
	}
	if r, ok := ident.ParseRef(b.Patient); ok {
		o["for"] = write.Ref(r)
	}
	w.Create(ident.Ref{Type: "Task", ID: ident.NewID()}, o)
}

func readOwed(ctx context.Context, p *record.Practice, id string) (record.Version, CallBack, error) {
	if !ident.IsID(id) {
		return record.Version{}, CallBack{}, noCallBack
	}
	res, v, err := search.Get(ctx, p, ident.Ref{Type: "Task", ID: id})
	if err != nil {
		return v, CallBack{}, err
	}
	if res != nil {
		if b, ok := callBackOf(v, res); ok {
			return v, b, nil
		}
	}
	return v, CallBack{}, noCallBack
}

func list(ctx context.Context, p *record.Practice, query string) ([]CallBack, error) {
	var out []CallBack
	err := search.Each(ctx, p, query, func(v record.Version, t *fhir.Resource) error {
		if b, ok := callBackOf(v, t); ok {
			out = append(out, b)
		}
		return nil
	})
	return out, err
}
