package recordtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Store runs what a record.Store promises on a log, with one store and with
// two stores on the same log at once when shared is true, with and without
// faults.
func Store(t *testing.T, open Open, shared bool) {
	t.Run("Alone", func(t *testing.T) { l := open(t); exercise(t, l, []record.Log{l}, nil) })
	t.Run("Faulty", func(t *testing.T) {
		l := open(t)
		f := NewFaulty(l, 7, 0.05)
		exercise(t, l, []record.Log{f}, []*Faulty{f})
	})
	if !shared {
		return
	}
	t.Run("TwoProcesses", func(t *testing.T) { l := open(t); exercise(t, l, []record.Log{l, l}, nil) })
	t.Run("TwoFaultyProcesses", func(t *testing.T) {
		l := open(t)
		a, b := NewFaulty(l, 8, 0.03), NewFaulty(l, 9, 0.03)
		exercise(t, l, []record.Log{a, b}, []*Faulty{a, b})
	})
}

// exercise has clients count up a few shared resources, each change relying on
// the version it read, and each repeated with its key until it is answered.
// In the end every acknowledged count is there, none twice, and the log and
// the indexes verify.
func exercise(t *testing.T, l record.Log, logs []record.Log, faults []*Faulty) {
	ctx := context.Background()
	var practices []*record.Practice
	var stores []*record.Store
	for _, log := range logs {
		s, err := openStore(ctx, log, len(logs) > 1)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		p, err := s.Practice(ods)
		if err != nil {
			t.Fatal(err)
		}
		stores, practices = append(stores, s), append(practices, p)
	}
	const clients, rounds, counters = 8, 15, 3
	var acknowledged [counters]atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for r := range rounds {
				n := (c + r) % counters
				if err := count(ctx, practices[c%len(practices)], n, fmt.Sprintf("k-%d-%d", c, r)); err != nil {
					t.Error(err)
					return
				}
				acknowledged[n].Add(1)
			}
		}()
	}
	wg.Wait()
	for _, f := range faults {
		f.Heal()
	}
	heads, err := l.Heads(ctx, ods)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range practices {
		wait, cancel := context.WithTimeout(ctx, 20*time.Second)
		if err := p.Wait(wait, heads); err != nil {
			t.Fatal(err)
		}
		cancel()
		for n := range counters {
			v, err := p.Read(ctx, counter(n))
			if err != nil {
				t.Fatal(err)
			}
			h, err := p.History(ctx, counter(n), "", 1000)
			if err != nil {
				t.Fatal(err)
			}
			if want := acknowledged[n].Load(); value(v) != want || int64(len(h)) != want {
				t.Errorf("store %d, counter %d: value %d, %d versions, acknowledged %d", i, n, value(v), len(h), want)
			}
		}
	}
	if _, err := record.Verify(ctx, l, nil); err != nil {
		t.Error(err)
	}
	for _, s := range stores {
		if err := record.VerifyIndexes(ctx, s); err != nil {
			t.Error(err)
		}
	}
}

func openStore(ctx context.Context, l record.Log, shared bool) (s *record.Store, err error) {
	c := record.Config{Log: l}
	if shared {
		c.Poll = 20 * time.Millisecond
	}
	for range 50 { // opening reads the log, and reads may be made to fail
		if s, err = record.Open(ctx, c); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func counter(n int) ident.Ref { return ident.Ref{Type: "Basic", ID: fmt.Sprint("counter-", n)} }

func value(v record.Version) int64 {
	r, err := v.Resource()
	if err != nil {
		return -1
	}
	var n int64
	_, _ = fmt.Sscan(r.Get("extension", "valueInteger").Str(), &n)
	return n
}

// count adds one to a counter, and tries again until it knows that it has.
func count(ctx context.Context, p *record.Practice, n int, key string) error {
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		ref, expect, now := counter(n), record.Expect{Ref: counter(n)}, int64(0)
		v, err := p.Read(ctx, ref)
		switch {
		case err == nil:
			expect, now = v.Expect(), value(v)
		case fault.Is(err, fault.NotFound):
		default:
			continue
		}
		w, err := record.Prepare(ref, fmt.Appendf(nil, `{"resourceType":"Basic","id":"%s","extension":[{"url":"n","valueInteger":%d}]}`, ref.ID, now+1))
		if err != nil {
			return err
		}
		_, err = p.Commit(ctx, record.Change{Key: key, Expect: []record.Expect{expect}, Writes: []record.Write{w}})
		if err == nil {
			return nil
		}
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Busy) {
			if k := fault.KindOf(err); k != fault.Internal {
				return err
			}
		}
	}
	return fmt.Errorf("counter %d: no answer in time", n)
}
