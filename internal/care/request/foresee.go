package request

import (
	"context"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/promise"
	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
)

// Foresee works out when somebody who asks now will be answered; a zero Range
// when that cannot be said. It is not told the channel.
type Foresee func(ctx context.Context, practice ident.ODS, n Foreseen) promise.Range

// Foreseen is what a promise is asked for.
type Foreseen struct {
	Urgency Urgency
	Kind    Kind
	Owner   string    // "" for the triage team
	Now, By time.Time // By is the clock
}

// Foreseeing makes the service tell people a range of times, and not only the
// clock.
func (s *Service) Foreseeing(f Foresee) *Service {
	s.foresee = f
	return s
}

// promise is the range that an arrival is told, zero for the clock alone.
func (s *Service) promise(ctx context.Context, practice ident.ODS, a arrival, u Urgency, by time.Time) promise.Range {
	if s.foresee == nil || u >= Stat {
		return promise.Range{}
	}
	return s.foresee(ctx, practice, Foreseen{Urgency: u, Kind: a.ask.Kind, Owner: a.owner.Ref, Now: a.now, By: by})
}

// The inputs of a request's Task that hold what was promised.
const (
	promiseLikely = "promise-likely" // valuePeriod
	promiseLatest = "promise-latest" // valueDateTime
)

// promiseInputs keep the range as it was told.
func promiseInputs(r promise.Range) list {
	if r.IsZero() {
		return nil
	}
	return list{
		input(promiseLikely, "valuePeriod", obj{"start": write.Instant(r.From), "end": write.Instant(r.To)}),
		input(promiseLatest, "valueDateTime", write.Instant(r.Latest)),
	}
}

// promisedIn reads what was told, from one input of a Task.
func promisedIn(r *promise.Range, in fhir.Node) {
	switch code(in.Get("type"), care.InputType) {
	case promiseLikely:
		r.From, r.To = write.When(in.Get("valuePeriod", "start")), write.When(in.Get("valuePeriod", "end"))
	case promiseLatest:
		r.Latest = write.When(in.Get("valueDateTime"))
	}
}
