package recordtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// ErrInjected is the failure that Faulty injects.
var ErrInjected = errors.New("recordtest: injected failure")

// Faulty wraps a log and makes a share of its calls fail: appends that are
// not made, appends that are made but whose answer is lost, conflicts that
// are not there, and reads that fail.
type Faulty struct {
	record.Log
	mu   sync.Mutex
	rnd  *rand.Rand // protected by mu
	rate float64    // the share of calls that fail; protected by mu
}

// NewFaulty makes a share (0 to 1) of the calls fail, by a seed.
func NewFaulty(l record.Log, seed uint64, share float64) *Faulty {
	return &Faulty{Log: l, rnd: rand.New(rand.NewPCG(seed, 1)), rate: share}
}

// Heal stops the faults.
func (f *Faulty) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rate = 0
}

// draw picks one of n ways to fail, or -1 for none.
func (f *Faulty) draw(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rnd.Float64() >= f.rate {
		return -1
	}
	return f.rnd.IntN(n)
}

// Append implements record.Log.
func (f *Faulty) Append(ctx context.Context, o ident.ODS, heads ident.Position, es []record.Entry) error {
	switch f.draw(3) {
	case 0:
		return ErrInjected
	case 1:
		if err := f.Log.Append(ctx, o, heads, es); err != nil {
			return err
		}
		return ErrInjected // made, and nobody is told
	case 2:
		return fault.New(fault.Conflict, "injected")
	}
	return f.Log.Append(ctx, o, heads, es)
}

// Read implements record.Log; now and then it gives less than there is.
func (f *Faulty) Read(ctx context.Context, o ident.ODS, from ident.Position, max int) ([]record.Entry, error) {
	switch f.draw(2) {
	case 0:
		return nil, ErrInjected
	case 1:
		max = 1
	}
	return f.Log.Read(ctx, o, from, max)
}

// Entry implements record.Log.
func (f *Faulty) Entry(ctx context.Context, o ident.ODS, stream string, seq uint64) (record.Entry, error) {
	if f.draw(1) == 0 {
		return record.Entry{}, ErrInjected
	}
	return f.Log.Entry(ctx, o, stream, seq)
}
