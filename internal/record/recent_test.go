package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

// Whoever follows the log, from wherever, is told exactly what the log holds:
// what is kept of its end and what is read of it are the same.
func TestFollowersSeeTheLog(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		log, err := pebble.Open(pebble.Config{})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = log.Close() }()
		s, err := record.Open(ctx, record.Config{Log: log})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		p, err := s.Practice(ods)
		if err != nil {
			rt.Fatal(err)
		}
		for i := range rapid.IntRange(1, 12).Draw(rt, "changes") {
			var c record.Change
			for j := range rapid.IntRange(1, 40).Draw(rt, "writes") {
				id := fmt.Sprint("p-", rapid.IntRange(0, 50).Draw(rt, "id"), "-", j)
				if rapid.IntRange(0, 9).Draw(rt, "remove") == 0 {
					c.Writes = append(c.Writes, record.Remove(ident.Ref{Type: "Patient", ID: id}))
					continue
				}
				long := strings.Repeat("x", rapid.SampledFrom([]int{1, 100, 40_000}).Draw(rt, "long"))
				c.Writes = append(c.Writes, put(t, "Patient", id, fmt.Sprintf(`"language":"%d","implicitRules":%q`, i, long)))
			}
			_, _ = p.Commit(ctx, c) // one that removes what is not there changes nothing
			if err := p.Saw(ctx, record.Access{Purpose: "direct care", Patient: "Patient/p", Type: "Patient", Count: 1}); err != nil {
				rt.Fatal(err)
			}
		}
		seen := p.Position()
		from := ident.Position{"c": uint64(rapid.IntRange(0, int(seen["c"])).Draw(rt, "from"))}
		var got, want []record.Entry
		at, err := p.Since(ctx, from, func(some []record.Entry) error { got = append(got, some...); return nil })
		if err != nil || at["c"] != seen["c"] {
			rt.Fatalf("%v, %v", at, err)
		}
		all, err := log.Read(ctx, ods, from, 1<<20)
		if err != nil {
			rt.Fatal(err)
		}
		for _, e := range all {
			if e.Stream == "c" {
				want = append(want, e)
			}
		}
		if len(got) != len(want) {
			rt.Fatalf("%d entries after %v, not %d", len(got), from, len(want))
		}
		for i := range got {
			if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want[i]) {
				rt.Fatalf("entry %d is %+v, not %+v", i, got[i], want[i])
			}
		}
	})
}
