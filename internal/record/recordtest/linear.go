package recordtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Linear records what clients ask of a store and are answered, and proves that
// some order of it all, each thing at one moment between question and answer,
// explains every answer: Commit and Read are linearizable, resource by
// resource. With two stores on the log a reader presents the position that the
// last answer it knows of came with, as the doors do.
func Linear(t *testing.T, open Open, shared bool) {
	t.Run("Alone", func(t *testing.T) { l := open(t); linear(t, []record.Log{l}, nil) })
	t.Run("Faulty", func(t *testing.T) {
		f := NewFaulty(open(t), 3, 0.08)
		linear(t, []record.Log{f}, []*Faulty{f})
	})
	if !shared {
		return
	}
	t.Run("TwoProcesses", func(t *testing.T) { l := open(t); linear(t, []record.Log{l, l}, nil) })
	t.Run("TwoFaultyProcesses", func(t *testing.T) {
		l := open(t)
		a, b := NewFaulty(l, 4, 0.05), NewFaulty(l, 5, 0.05)
		linear(t, []record.Log{a, b}, []*Faulty{a, b})
	})
}

// ask is one question: read, or write when the version is still the one seen.
type ask struct {
	Register int
	Write    bool
	Seen     string // for a write: the version it relies on, "" for none there
	New      int64  // for a write: the value
}

// told is its answer.
type told struct {
	Value   int64
	Version string // "" when there is no such resource
	Refused bool   // a write that came too late: nothing was changed
	Unknown bool   // nobody can tell whether the write was made
}

// register is what the model knows of a resource; a write by nobody knows
// which version sets Version to "?", which fits whatever is read next.
type register struct {
	Value   int64
	Version string
}

// model is a register that is written by compare-and-set on its version.
// Versions are names that the store chooses: the model learns them from the
// answers, and holds that a version, once it has been seen, keeps its value.
var model = porcupine.NondeterministicModel{
	Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
		by := map[int][]porcupine.Operation{}
		for _, op := range all {
			n := op.Input.(ask).Register
			by[n] = append(by[n], op)
		}
		var out [][]porcupine.Operation
		for _, ops := range by {
			out = append(out, ops)
		}
		return out
	},
	Init: func() []any { return []any{register{}} },
	Step: func(state, input, output any) []any {
		s, a, o := state.(register), input.(ask), output.(told)
		made := register{a.New, orUnknown(o.Version)}
		stood := a.Seen == s.Version || s.Version == "?"
		switch {
		case !a.Write && s.Version == "?" && s.Value == o.Value:
			return []any{register{o.Value, o.Version}}
		case !a.Write && s == register{o.Value, o.Version}:
			return []any{s}
		case a.Write && o.Unknown && stood:
			return []any{s, made}
		case a.Write && o.Unknown:
			return []any{s}
		case a.Write && o.Refused && (a.Seen != s.Version):
			return []any{s}
		case a.Write && !o.Refused && stood:
			return []any{made}
		}
		return nil
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

func orUnknown(version string) string {
	if version == "" {
		return "?"
	}
	return version
}

// recorder is the history of what was asked and answered.
type recorder struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
	pos   ident.Position // what some client has been told of, protected by mu
}

func (r *recorder) now() int64 { return int64(time.Since(r.began)) }

func (r *recorder) note(client int, a ask, called int64, o told, at ident.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := r.now()
	if o.Unknown {
		end = 1 << 62 // it may still happen at any time
	}
	r.ops = append(r.ops, porcupine.Operation{ClientId: client, Input: a, Call: called, Output: o, Return: end})
	for stream, seq := range at {
		r.pos[stream] = max(r.pos[stream], seq)
	}
}

func (r *recorder) position() ident.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pos.Clone()
}

func linear(t *testing.T, logs []record.Log, faults []*Faulty) {
	ctx := context.Background()
	var practices []*record.Practice
	for _, log := range logs {
		s, err := openStore(ctx, slow{log}, len(logs) > 1)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		p, err := s.Practice(ods)
		if err != nil {
			t.Fatal(err)
		}
		practices = append(practices, p)
	}
	rec := &recorder{began: time.Now(), pos: ident.Position{}}
	const clients, steps, registers = 6, 40, 3
	var wg sync.WaitGroup
	for c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(uint64(c), 7))
			b := &client{id: c, rec: rec, p: practices[c%len(practices)], shared: len(practices) > 1}
			for n := range steps {
				if err := b.step(ctx, rnd, rnd.IntN(registers), int64(c*1000+n+1)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	for _, f := range faults {
		f.Heal()
	}
	m := model.ToModel()
	verdict, info := porcupine.CheckOperationsVerbose(m, rec.ops, 30*time.Second)
	switch verdict {
	case porcupine.Ok:
	case porcupine.Unknown:
		t.Error("no order was found in time; none was ruled out either")
	default:
		path := filepath.Join(os.TempDir(), "heartwood-linear.html")
		err := porcupine.VisualizePath(m, info, path)
		t.Errorf("the answers cannot be explained by any order; see %s (%v)", path, err)
	}
}

// slow makes appends take as long as they do on a disk, so that changes are
// decided while those before them are not durable yet.
type slow struct{ record.Log }

// Append implements record.Log.
func (s slow) Append(ctx context.Context, o ident.ODS, heads ident.Position, es []record.Entry) error {
	time.Sleep(500 * time.Microsecond)
	err := s.Log.Append(ctx, o, heads, es)
	time.Sleep(500 * time.Microsecond)
	return err
}

// client asks one store, and knows what it has read last.
type client struct {
	id     int
	rec    *recorder
	p      *record.Practice
	shared bool
}

// step reads a register, and most times tries to write it on what was read.
func (b *client) step(ctx context.Context, rnd *rand.Rand, n int, value int64) error {
	seen, err := b.read(ctx, n)
	if err != nil || seen.Unknown || rnd.IntN(4) == 0 {
		return err
	}
	if rnd.IntN(3) == 0 { // think, so that others come first
		time.Sleep(time.Duration(rnd.IntN(3)) * time.Millisecond)
	}
	return b.write(ctx, n, seen.Version, value)
}

func (b *client) read(ctx context.Context, n int) (told, error) {
	a, called := ask{Register: n}, b.rec.now()
	if b.shared {
		wait, cancel := context.WithTimeout(ctx, 20*time.Second)
		err := b.p.Wait(wait, b.rec.position())
		if cancel(); err != nil {
			return told{}, err
		}
	}
	at := b.p.Position()
	v, err := b.p.Read(ctx, counter(n))
	switch {
	case err == nil:
		o := told{Value: value(v), Version: v.ID}
		stream, seq, _ := record.ParseVersionID(v.ID)
		at[stream] = max(at[stream], seq)
		b.rec.note(b.id, a, called, o, at)
		return o, nil
	case fault.Is(err, fault.NotFound):
		b.rec.note(b.id, a, called, told{}, at)
		return told{}, nil
	}
	return told{Unknown: true}, nil // a read that failed says nothing
}

func (b *client) write(ctx context.Context, n int, seen string, value int64) error {
	a := ask{Register: n, Write: true, Seen: seen, New: value}
	w, err := record.Prepare(counter(n), fmt.Appendf(nil, `{"resourceType":"Basic","id":"%s","extension":[{"url":"n","valueInteger":%d}]}`, counter(n).ID, value))
	if err != nil {
		return err
	}
	called := b.rec.now()
	r, err := b.p.Commit(ctx, record.Change{Expect: []record.Expect{{Ref: counter(n), Version: seen}}, Writes: []record.Write{w}})
	switch {
	case err == nil:
		b.rec.note(b.id, a, called, told{Value: value, Version: r.Versions[0].ID}, r.Position)
	case fault.Is(err, fault.Conflict):
		// A refusal tells that somebody was first; a door says how far it has seen.
		b.rec.note(b.id, a, called, told{Refused: true}, b.p.Position())
	default:
		b.rec.note(b.id, a, called, told{Unknown: true}, nil)
	}
	return nil
}
