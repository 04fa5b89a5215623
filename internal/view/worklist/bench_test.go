package worklist

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A practice of 10,000 patients with 400 open requests: far more than a bad
// Monday leaves.
func BenchmarkNext(b *testing.B) {
	p, done := open(b)
	defer done()
	var batch []record.Write
	flush := func() {
		if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Device/x"}, Reason: "bench", Writes: batch}); err != nil {
			b.Fatal(err)
		}
		batch = nil
	}
	for i := range 10_000 {
		w, err := record.Prepare(ident.Ref{Type: "Patient", ID: fmt.Sprint(i)},
			fmt.Appendf(nil, `{"resourceType":"Patient","birthDate":"1980-01-01","name":[{"given":["Ann"],"family":"Example%d"}]}`, i))
		if err != nil {
			b.Fatal(err)
		}
		if batch = append(batch, w); len(batch) == 500 {
			flush()
		}
	}
	for i := range 400 {
		id := fmt.Sprint(i)
		p.asked(id, "my knee hurts")
		p.task(task{id: id, status: "requested", state: "waiting", priority: []string{"routine", "urgent"}[i%2], patient: fmt.Sprint(i * 20), by: "2026-03-03T18:30:00Z", owner: "CareTeam/triage", channel: "web"})
	}
	l := New(p.Practice)
	start := time.Now()
	if err := l.load(ctx); err != nil {
		b.Fatal(err)
	}
	loaded := time.Since(start)
	me := Person{Ref: ident.Ref{Type: "Practitioner", ID: "me"}}
	var after ident.Ref
	for b.Loop() {
		r, ok := l.Next(Filter{Nobody: true}, after, me.Ref)
		if !ok {
			b.Fatal("nothing is next")
		}
		l.Open(context.Background(), r.Task, me)
		_ = l.View(Filter{Nobody: true})
		after = r.Task
	}
	b.ReportMetric(float64(loaded.Milliseconds()), "load-ms")
}
