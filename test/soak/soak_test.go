package soak

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

var events = flag.Int("events", 3000, "how many events to inject")

const childEnv = "HEARTWOOD_SOAK"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestSoak: however the process dies and whatever is done, nothing is
// unaccounted for.
func TestSoak(t *testing.T) {
	hazard.Covers(t, "H-001")
	hazard.Covers(t, "H-020")
	dir, rnd := t.TempDir(), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	start, kills := time.Now(), 0
	for round := 0; injected(t, dir) < *events; round++ {
		if round > 50 && injected(t, dir) == 0 {
			t.Fatal("nothing is injected")
		}
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d|%d|%d", childEnv, dir, round, *events-injected(t, dir), *events))
		cmd.Stderr = os.Stderr
		up := make(chan struct{})
		cmd.Stdout = &closer{up: up}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		if round%startKilled != 0 {
			select {
			case <-up: // its life begins
			case err := <-done:
				done <- err
			}
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(life(rnd)):
			_ = cmd.Process.Kill()
			<-done
			kills++
		}
	}
	took := time.Since(start)
	n := injected(t, dir)
	acked, tried := shown(t, dir)
	t.Logf("%d events in %s (%.0f a second), %d kills, %d receipts shown", n, took.Round(time.Second), float64(n)/took.Seconds(), kills, len(acked))
	account(t, dir, acked, tried)
}

// startKilled is of how many processes one has its life counted from its birth,
// not from when it is up, so that coming up is killed too.
const startKilled = 4

// closer closes up at the first thing that is written to it.
type closer struct {
	up   chan struct{}
	once sync.Once
}

func (c *closer) Write(b []byte) (int, error) {
	c.once.Do(func() { close(c.up) })
	return len(b), nil
}

// life is how long a process lives before it is killed: longer in a long run,
// so that it is killed about a hundred times.
func life(rnd *rand.Rand) time.Duration {
	most := 4000 + *events/50 // ms
	return time.Second + time.Duration(rnd.IntN(most))*time.Millisecond
}

// lines are those of a file that children add to; one that a kill cut short
// is left out.
func lines(t *testing.T, path string) (out []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if i := strings.LastIndexByte(string(b), '\n'); i >= 0 {
		s := bufio.NewScanner(strings.NewReader(string(b[:i])))
		for s.Scan() {
			out = append(out, s.Text())
		}
	}
	return out
}

func injected(t *testing.T, dir string) int { return len(lines(t, filepath.Join(dir, "events"))) }

// shown are the receipts that were shown, by key, and the keys of all forms
// that were sent.
func shown(t *testing.T, dir string) (acked map[string]string, tried []string) {
	t.Helper()
	acked = map[string]string{}
	for _, l := range lines(t, filepath.Join(dir, "forms")) {
		key, ref, ok := strings.Cut(l, " ")
		if !ok {
			tried = append(tried, key)
			continue
		}
		if was := acked[key]; was != "" && was != ref {
			t.Errorf("form %s was shown the receipts %s and %s", key, was, ref)
		}
		acked[key] = ref
	}
	return acked, tried
}

// account holds what was shown against what is there.
func account(t *testing.T, dir string, acked map[string]string, tried []string) {
	t.Helper()
	ctx := context.Background()
	h, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if _, err := record.Verify(ctx, h.log, nil); err != nil {
		t.Errorf("the record is not sound: %v", err)
	}
	again := 0
	for _, key := range tried { // who has seen no receipt sends the form again
		if acked[key] == "" {
			r, err := h.requests.Receive(ctx, practice, self(key), ask(key), key)
			if err != nil {
				t.Fatalf("sent again: %v", err)
			}
			acked[key] = r.Reference
			again++
		}
	}
	refs := map[string]bool{}
	for key, ref := range acked {
		v, err := h.requests.ByReference(ctx, practice, ref)
		if err != nil || v.Owner.Ref == "" || v.AnswerBy.IsZero() || v.State == request.Closed && (v.Outcome == "" || v.Told == "") {
			t.Errorf("form %s has the receipt %s: %+v, %v", key, ref, v, err)
		}
		if refs[ref] {
			t.Errorf("two forms have the receipt %s", ref)
		}
		refs[ref] = true
	}
	from, to := time.Now().AddDate(0, 0, -2), time.Now().Add(10*time.Minute)
	rep, err := reconcile.New(h.store).Run(ctx, practice, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if !rep.Balanced() || rep.Total.In != len(acked) || rep.Total.Door != len(acked) {
		t.Errorf("unaccounted for: %d receipts, %+v", len(acked), rep.Total)
		for i, d := range rep.Differences {
			if i < 20 {
				t.Errorf("  %+v", d)
			}
		}
	}
	t.Logf("%d forms sent again by whoever saw no receipt; at the door %d, in %d + split off %d = answered %d + open %d",
		again, rep.Total.Door, rep.Total.In, rep.Total.Split, rep.Total.Answered, rep.Total.Open)
}

// house is a record on disk with its doors' log.
type house struct {
	log      record.Log
	store    *record.Store
	p        *record.Practice
	doors    *doorlog.Journal
	requests *request.Service
	watch    *escalate.Watch
	looking  sync.Mutex // held by whoever looks for alarms
}

func open(dir string) (*house, error) {
	log, err := pebble.Open(pebble.Config{Dir: filepath.Join(dir, "log")})
	if err != nil {
		return nil, err
	}
	s, err := record.Open(context.Background(), record.Config{Log: log, Dir: filepath.Join(dir, "index")})
	if err != nil {
		return nil, err
	}
	j, err := doorlog.Open(filepath.Join(dir, "doors"))
	if err != nil {
		return nil, err
	}
	doorlog.Keep(s, j)
	p, err := s.Practice(practice)
	return &house{log: log, store: s, p: p, doors: j, requests: request.New(s), watch: escalate.NewWatch()}, err
}

func (h *house) close() {
	_ = h.store.Close()
	_ = h.log.Close()
	_ = h.doors.Close()
	doorlog.Keep(h.store, nil)
}

// child injects events until it has done what it was told, or is killed.
func child(spec string) error {
	part := strings.Split(spec, "|")
	round, err1 := strconv.Atoi(part[1])
	n, err2 := strconv.Atoi(part[2])
	all, err3 := strconv.Atoi(part[3])
	if err1 != nil || err2 != nil || err3 != nil {
		return fmt.Errorf("soak: %s", spec)
	}
	*events = all
	h, err := open(part[0])
	if err != nil {
		return err
	}
	defer h.close()
	return h.inject(part[0], round, n)
}

// refused tells whether an error is an answer: a rule, or somebody was first.
func refused(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Refused || k == fault.Invalid || k == fault.Conflict || k == fault.Forbidden || k == fault.NotFound
}
