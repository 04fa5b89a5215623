package measure

import (
	"context"
	"errors"
	"slices"
	"time"

	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/view/read"
	"heartwood/internal/words"
)

// maxVersions is how many versions of one request are looked at.
const maxVersions = 500

// Today reads the ledger and measures a day; the zero day is today.
func Today(ctx context.Context, p *record.Practice, day time.Time) (Day, error) {
	now := p.Now()
	if day.IsZero() {
		day = now
	}
	y, m, d := day.In(words.London).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, words.London)
	to := time.Date(y, m, d+1, 0, 0, 0, 0, words.London)
	requests := "Task?code=" + taskCode + "%7Crequest&_count=500"
	refs := map[ident.Ref]bool{}
	for _, q := range []string{
		requests + "&status:not=completed",
		requests + "&authored-on=ge" + instant(from) + "&authored-on=lt" + instant(to),
		requests + "&_lastUpdated=ge" + instant(from),
	} {
		err := read.Each(ctx, p, q, func(v record.Version, _ *fhir.Resource) error { refs[v.Ref] = true; return nil })
		if err != nil {
			return Day{}, err
		}
	}
	var l Ledger
	for ref := range refs {
		if err := l.history(ctx, p, ref); err != nil {
			return Day{}, err
		}
	}
	return Measure(l.Facts(), day, now), nil
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// history adds every version of one request, oldest first.
func (l *Ledger) history(ctx context.Context, p *record.Practice, ref ident.Ref) error {
	vs, err := p.History(ctx, ref, "", maxVersions)
	if err != nil {
		return err
	}
	for _, v := range slices.Backward(vs) {
		if err := l.version(v); err != nil {
			return err
		}
	}
	return nil
}

// errCaughtUp ends the reading of the ledger.
var errCaughtUp = errors.New("caught up")

// Reconcile reads the whole ledger, entry by entry, and proves
// in = answered + open for everything that came in during [from, to); zero
// times mean the beginning and now.
func Reconcile(ctx context.Context, p *record.Practice, from, to time.Time) (Balance, error) {
	now := p.Now()
	if to.IsZero() {
		to = now.Add(time.Second)
	}
	l, err := ReadLedger(ctx, p)
	if err != nil {
		return Balance{}, err
	}
	b := l.Balance(from, to)
	b.Date = now
	return b, nil
}

// ReadLedger folds the whole log of a practice as far as it has come.
func ReadLedger(ctx context.Context, p *record.Practice) (*Ledger, error) {
	l := &Ledger{}
	return l, replay(ctx, p, func(batch []record.Entry) error {
		for i := range batch {
			if err := l.Entry(&batch[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// replay hands over the whole log of a practice as far as it has come.
func replay(ctx context.Context, p *record.Practice, fn func([]record.Entry) error) error {
	target, seen := p.Position(), ident.Position{}
	for s := range target {
		if isAccess(s) {
			delete(target, s) // who looked is another log
		}
	}
	if seen.Covers(target) {
		return nil
	}
	err := p.Follow(ctx, ident.Position{}, func(batch []record.Entry) error {
		if err := fn(batch); err != nil {
			return err
		}
		for i := range batch {
			seen[batch[i].Stream] = batch[i].Seq
		}
		if seen.Covers(target) {
			return errCaughtUp
		}
		return nil
	})
	if errors.Is(err, errCaughtUp) {
		return nil
	}
	return err
}

func isAccess(stream string) bool {
	return len(stream) > len(".access") && stream[len(stream)-len(".access"):] == ".access"
}
