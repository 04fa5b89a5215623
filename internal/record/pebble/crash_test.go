package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

const folder = "/data/site/log"

// TestPowerCut cuts the power while writers write: of what was not synced, a
// random part is gone. Everything that Append acknowledged before the cut must
// be there when the folder is opened again, in sound chains, and nobody may
// find half of an append.
//
// It was proved to bite: with pebble.NoSync in place of pebble.Sync in
// Log.Append it fails in its first round, and so does TestFailedSync.
func TestPowerCut(t *testing.T) {
	hazard.Covers(t, "H-001")
	rounds := 20
	if testing.Short() {
		rounds = 6
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	fs := newDisk(t)
	known := ident.Position{} // what was acknowledged in earlier rounds, by practice
	for range rounds {
		fs = powerCut(t, fs, rnd, known)
	}
}

// newDisk is a file system that forgets what was not synced, with the folder
// in which a log's folder is made.
func newDisk(t *testing.T) *vfs.MemFS {
	t.Helper()
	fs := vfs.NewCrashableMem()
	if err := fs.MkdirAll("/data", 0o700); err != nil {
		t.Fatal(err)
	}
	root, err := fs.OpenDir("/")
	if err == nil {
		err = errors.Join(root.Sync(), root.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// powerCut opens the log, proves that it has what is known, writes until the
// power goes, and gives the disk as it is then.
func powerCut(t *testing.T, fs *vfs.MemFS, rnd *rand.Rand, known ident.Position) *vfs.MemFS {
	t.Helper()
	l, err := pebble.Open(pebble.Config{Dir: folder, FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	survived(t, l, known)
	stop, wg, mu := make(chan struct{}), sync.WaitGroup{}, sync.Mutex{}
	for _, ods := range []ident.ODS{"Z99901", "Z99902", "Z99903"} {
		w := newWriter(t, l, ods, rnd.Uint64())
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				to, err := w.append()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				known[string(ods)] = to
				mu.Unlock()
			}
		}()
	}
	time.Sleep(time.Duration(rnd.IntN(15_000)) * time.Microsecond)
	mu.Lock()
	acknowledged := known.Clone()
	after := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rnd.IntN(101), RNG: rnd})
	mu.Unlock()
	close(stop)
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	clear(known)
	maps.Copy(known, acknowledged)
	return after
}

// survived proves what was acknowledged, the chains, and that appends are
// whole.
func survived(t *testing.T, l record.Log, known ident.Position) {
	t.Helper()
	ctx := context.Background()
	for ods, seq := range known {
		h, err := l.Heads(ctx, ident.ODS(ods))
		if err != nil || h["c"] < seq {
			t.Fatalf("%s: %d entries were acknowledged and %d are there after the cut (%v)", ods, seq, h["c"], err)
		}
		last, err := l.Entry(ctx, ident.ODS(ods), "c", h["c"])
		if err != nil || last.Rest != 0 {
			t.Fatalf("%s: the log ends with half an append: %v", ods, err)
		}
		if h["c.access"] != last.Seq {
			t.Fatalf("%s: of an append to two streams one is at %d, the other at %d", ods, last.Seq, h["c.access"])
		}
	}
	if _, err := record.Verify(ctx, l, nil); err != nil {
		t.Fatal(err)
	}
}

// writer appends groups to two streams of one practice, which stay in step.
type writer struct {
	log  record.Log
	ods  ident.ODS
	last map[string]record.Entry
	rnd  *rand.Rand
}

func newWriter(t *testing.T, l record.Log, ods ident.ODS, seed uint64) *writer {
	t.Helper()
	w := &writer{log: l, ods: ods, last: map[string]record.Entry{}, rnd: rand.New(rand.NewPCG(seed, 1))}
	h, err := l.Heads(context.Background(), ods)
	if err != nil {
		t.Fatal(err)
	}
	for stream, seq := range h {
		if w.last[stream], err = l.Entry(context.Background(), ods, stream, seq); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// append makes one append of 1 to 5 entries to each stream.
func (w *writer) append() (to uint64, err error) {
	heads, entries, last := ident.Position{}, []record.Entry{}, maps.Clone(w.last)
	n := 1 + w.rnd.IntN(5)
	for _, stream := range []string{"c", "c.access"} {
		heads[stream] = last[stream].Seq
		for i := range n {
			prev := last[stream]
			id := fmt.Sprintf("%s-%d", stream, prev.Seq+1)
			body := fmt.Appendf(nil, `{"resourceType":"Basic","id":%q,"x":"%x"}`, id, make([]byte, w.rnd.IntN(3000)))
			e := record.Entry{
				Practice: w.ods, Stream: stream, Seq: prev.Seq + 1, Time: prev.Time + 1, Op: record.Put, Rest: uint32(n - 1 - i),
				Type: "Basic", ID: id, Body: body, BodyHash: record.HashBody(body), Prev: prev.Sum,
			}
			e.Seal()
			last[stream] = e
			entries = append(entries, e)
		}
	}
	if err := w.log.Append(context.Background(), w.ods, heads, entries); err != nil {
		return 0, err
	}
	w.last = last
	return last["c"].Seq, nil
}

// stopped tries an append and gives what happened to it: the engine may end
// the process (here: panic), refuse, or never answer.
func stopped(w *writer) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the process ends: %v", p)
			}
		}()
		_, err := w.append()
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(200 * time.Millisecond):
		return errors.New("no answer")
	}
}

// TestFailedSync has a disk on which syncing fails from some moment on: from
// then on nothing may be acknowledged, not even once the disk works again,
// since what it holds is no longer known. The process ends, and what was
// acknowledged before is there when it is started again.
func TestFailedSync(t *testing.T) {
	hazard.Covers(t, "H-001")
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		disk := newDisk(t)
		var broken errorfs.Toggle
		broken.Injector = errorfs.InjectorFunc(func(op errorfs.Op) error {
			switch op.Kind {
			case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
				return errorfs.ErrInjected
			}
			return nil
		})
		l, err := pebble.Open(pebble.Config{Dir: folder, FS: errorfs.Wrap(disk, &broken)})
		if err != nil {
			t.Fatal(err)
		}
		w := newWriter(t, l, "Z99901", seed)
		known := ident.Position{}
		for range 1 + rnd.IntN(20) {
			if known["Z99901"], err = w.append(); err != nil {
				t.Fatal(err)
			}
		}
		broken.On()
		for range 3 {
			if err := stopped(w); err == nil {
				t.Fatalf("seed %d: an append was acknowledged though its sync had failed", seed)
			} else if fault.Is(err, fault.Conflict) {
				t.Fatalf("seed %d: the failed sync counts as written: %v", seed, err)
			}
			if rnd.IntN(2) == 0 {
				broken.Off()
			}
		}
		after := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rnd.IntN(101), RNG: rnd})
		again, err := pebble.Open(pebble.Config{Dir: folder, FS: after})
		if err != nil {
			t.Fatal(err)
		}
		survived(t, again, known)
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}
