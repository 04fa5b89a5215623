package patient

import (
	"context"

	"heartwood/internal/care/progress"
	"heartwood/internal/care/request"
)

// way is how far a request has come, as its patient sees it.
func (v visit) way(ctx context.Context, q request.View) (progress.Way, error) {
	f := progress.Read(q)
	s, err := progress.Load(ctx, v.practice)
	if err != nil {
		return progress.Way{}, err
	}
	if f.With, err = progress.With(ctx, v.practice, s, q.Owner); err != nil {
		return progress.Way{}, err
	}
	if h := request.HoursOf(ctx, v.practice); !h.Open(v.now) {
		f.Opens = h.Next(v.now).From
	}
	return progress.Of(f, v.lang, v.now), nil
}
