// Package recordtest is what every engine of the durable log must pass, alone
// and behind a wrapper that injects faults.
//
// What comes in: a way to open a log. What goes out: test failures. It must
// never know which engine it tests.
package recordtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Open gives an empty log that is closed when the test ends.
type Open func(t *testing.T) record.Log

const ods = ident.ODS("Z99901")

// Log runs the suite of the Log interface.
func Log(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, record.Log){
		"KeepsWhatItIsGiven":     keepsWhatItIsGiven,
		"RefusesAMovedHead":      refusesAMovedHead,
		"RefusesAGap":            refusesAGap,
		"PagesThroughStreams":    pagesThroughStreams,
		"KeepsPracticesApart":    keepsPracticesApart,
		"KeepsOneBodyOnce":       keepsOneBodyOnce,
		"ManyWritersOneWins":     manyWritersOneWins,
		"SaysWhatIsNotThere":     saysWhatIsNotThere,
		"KeepsLargeAndOddBodies": keepsLargeAndOddBodies,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// chainer makes sealed entries that follow each other.
type chainer struct {
	practice ident.ODS
	last     map[string]record.Entry
	tick     record.HLC
}

func newChainer(o ident.ODS) *chainer {
	return &chainer{practice: o, last: map[string]record.Entry{}}
}

func (c *chainer) next(stream, id, body string) record.Entry {
	prev := c.last[stream]
	c.tick++
	e := record.Entry{
		Practice: c.practice, Stream: stream, Seq: prev.Seq + 1, Time: c.tick, Op: record.Put,
		Author: record.Author{Ref: "Practitioner/1", Role: "clinician", For: "Patient/2"},
		Reason: "because: “naïve” café ☕", Key: "key-" + id, Type: "Basic", ID: id,
		Parents: []string{"c.1", "s1.2"}, Body: []byte(body), BodyHash: record.HashBody([]byte(body)), Prev: prev.Sum,
	}
	e.Seal()
	c.last[stream] = e
	return e
}

func (c *chainer) heads(streams ...string) ident.Position {
	p := ident.Position{}
	for _, s := range streams {
		p[s] = c.last[s].Seq
	}
	return p
}

func body(id string) string { return `{"resourceType":"Basic","id":"` + id + `"}` }

// grow appends n entries to stream c, one append each.
func grow(t *testing.T, l record.Log, c *chainer, n int) {
	t.Helper()
	for range n {
		at := c.heads("c")
		id := fmt.Sprint("b", at["c"]+1)
		if err := l.Append(context.Background(), c.practice, at, []record.Entry{c.next("c", id, body(id))}); err != nil {
			t.Fatal(err)
		}
	}
}

func same(a, b record.Entry) bool {
	return string(a.Marshal()) == string(b.Marshal()) && string(a.Body) == string(b.Body)
}

func keepsWhatItIsGiven(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	first := []record.Entry{c.next("c", "a", body("a")), c.next("c", "b", body("b")), c.next("c.access", "log", body("log"))}
	if err := l.Append(ctx, ods, ident.Position{"c": 0, "c.access": 0}, first); err != nil {
		t.Fatal(err)
	}
	got, err := l.Read(ctx, ods, nil, 10)
	if err != nil || len(got) != 3 {
		t.Fatalf("read %d entries: %v", len(got), err)
	}
	for i := range got {
		if !same(got[i], first[i]) || !got[i].Sealed() {
			t.Errorf("entry %d came back as %+v", i, got[i])
		}
	}
	e, err := l.Entry(ctx, ods, "c", 2)
	if err != nil || !same(e, first[1]) {
		t.Errorf("entry c.2 came back as %+v, %v", e, err)
	}
	if h, err := l.Heads(ctx, ods); err != nil || h.String() != "c:2,c.access:1" {
		t.Errorf("heads %v %v", h, err)
	}
}

func refusesAMovedHead(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	grow(t, l, c, 3)
	for _, wrong := range []uint64{0, 2, 4} {
		c2 := newChainer(ods)
		c2.last["c"] = record.Entry{Seq: wrong}
		err := l.Append(ctx, ods, ident.Position{"c": wrong}, []record.Entry{c2.next("c", "x", body("x"))})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("append at head %d: %v, want a conflict", wrong, err)
		}
	}
	// One stream's head is right and the other's is not: neither is written.
	c2 := newChainer(ods)
	c2.last["c"] = c.last["c"]
	c2.last["s1"] = record.Entry{Seq: 7}
	err := l.Append(ctx, ods, ident.Position{"c": 3, "s1": 7}, []record.Entry{c2.next("c", "x", body("x")), c2.next("s1", "y", body("y"))})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("append at half a head: %v, want a conflict", err)
	}
	if h, _ := l.Heads(ctx, ods); h.String() != "c:3" {
		t.Errorf("a refused append moved the heads to %s", h)
	}
}

func refusesAGap(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	grow(t, l, c, 1)
	c.next("c", "skipped", body("skipped"))
	if err := l.Append(ctx, ods, ident.Position{"c": 1}, []record.Entry{c.next("c", "x", body("x"))}); err == nil {
		t.Error("an append with a gap was taken")
	}
	c2 := newChainer(ods)
	if err := l.Append(ctx, ods, ident.Position{"c": 1}, []record.Entry{c2.next("s9", "x", body("x"))}); err == nil {
		t.Error("an append to a stream that was not named was taken")
	}
	if h, _ := l.Heads(ctx, ods); h.String() != "c:1" {
		t.Errorf("heads %s", h)
	}
}

func pagesThroughStreams(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	for i := range 10 {
		s := []string{"c", "s1"}[i%2]
		n := []record.Entry{}
		at := c.heads(s)
		for j := range i + 1 {
			n = append(n, c.next(s, fmt.Sprintf("e%d-%d", i, j), body(fmt.Sprintf("e%d-%d", i, j))))
		}
		if err := l.Append(ctx, ods, at, n); err != nil {
			t.Fatal(err)
		}
	}
	for _, max := range []int{1, 3, 7, 100} {
		pos, n := ident.Position{}, 0
		for {
			got, err := l.Read(ctx, ods, pos, max)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				break
			}
			if len(got) > max {
				t.Fatalf("asked for %d, got %d", max, len(got))
			}
			for _, e := range got {
				if e.Seq != pos[e.Stream]+1 {
					t.Fatalf("after %s came %s", pos, e.Version())
				}
				pos[e.Stream] = e.Seq
				n++
			}
		}
		if n != 55 || pos.String() != "c:25,s1:30" {
			t.Errorf("by %d: read %d entries up to %s", max, n, pos)
		}
	}
}

func keepsPracticesApart(t *testing.T, l record.Log) {
	ctx := context.Background()
	for _, o := range []ident.ODS{"Z99901", "Z999011", "Z9990"} { // each a prefix of another
		grow(t, l, newChainer(o), 2)
	}
	all, err := l.Practices(ctx)
	if err != nil || len(all) != 3 {
		t.Errorf("practices %v %v", all, err)
	}
	for _, o := range all {
		got, err := l.Read(ctx, o, nil, 100)
		if err != nil || len(got) != 2 || got[0].Practice != o {
			t.Errorf("%s: %d entries, %v", o, len(got), err)
		}
	}
	if _, err := l.Body(ctx, "Z99909", record.HashBody([]byte(body("b1")))); !fault.Is(err, fault.NotFound) {
		t.Errorf("a practice without a record has a body: %v", err)
	}
}

func keepsOneBodyOnce(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	es := []record.Entry{c.next("c", "a", body("same")), c.next("c", "b", body("same")), c.next("c", "c", body("same"))}
	if err := l.Append(ctx, ods, ident.Position{"c": 0}, es); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, ods, ident.Position{"c": 3}, []record.Entry{c.next("c", "d", body("same"))}); err != nil {
		t.Fatal(err)
	}
	b, err := l.Body(ctx, ods, record.HashBody([]byte(body("same"))))
	if err != nil || string(b) != body("same") {
		t.Errorf("body %s %v", b, err)
	}
}

func manyWritersOneWins(t *testing.T, l record.Log) {
	ctx := context.Background()
	const writers, rounds = 8, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for won := 0; won < rounds; {
				h, err := l.Heads(ctx, ods)
				if err != nil {
					t.Error(err)
					return
				}
				c := newChainer(ods)
				if h["c"] > 0 {
					last, err := l.Entry(ctx, ods, "c", h["c"])
					if err != nil {
						t.Error(err)
						return
					}
					c.last["c"], c.tick = last, last.Time
				}
				id := fmt.Sprintf("w%d-%d", w, won)
				switch err := l.Append(ctx, ods, ident.Position{"c": h["c"]}, []record.Entry{c.next("c", id, body(id))}); {
				case err == nil:
					won++
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	p, err := record.Verify(ctx, l, nil)
	if err != nil || p.Entries != writers*rounds {
		t.Errorf("%+v %v", p, err)
	}
}

func saysWhatIsNotThere(t *testing.T, l record.Log) {
	ctx := context.Background()
	if _, err := l.Entry(ctx, ods, "c", 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("entry: %v", err)
	}
	if _, err := l.Body(ctx, ods, record.Hash{1}); !fault.Is(err, fault.NotFound) {
		t.Errorf("body: %v", err)
	}
	if got, err := l.Read(ctx, ods, nil, 10); err != nil || len(got) != 0 {
		t.Errorf("read: %v %v", got, err)
	}
	if all, err := l.Practices(ctx); err != nil || len(all) != 0 {
		t.Errorf("practices: %v %v", all, err)
	}
}

func keepsLargeAndOddBodies(t *testing.T, l record.Log) {
	ctx, c := context.Background(), newChainer(ods)
	odd := []string{
		`{"resourceType":"Basic","id":"nul","x":"` + "\x00\x01" + `"}`,
		strings.Repeat("x", 6<<20), "", "{}", "\xff\xfe",
	}
	for i, b := range odd {
		at := c.heads("c")
		e := c.next("c", fmt.Sprint("o", i), b)
		if err := l.Append(ctx, ods, at, []record.Entry{e}); err != nil {
			t.Fatal(err)
		}
		got, err := l.Body(ctx, ods, e.BodyHash)
		if err != nil || string(got) != b {
			t.Errorf("body %d came back wrong: %d bytes, %v", i, len(got), err)
		}
	}
}
