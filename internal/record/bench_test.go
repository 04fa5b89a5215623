package record_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pebble"
)

func observation(id string, patient int) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Observation","id":"%s","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8310-5","display":"Body temperature"}]},"subject":{"reference":"Patient/p%d"},"effectiveDateTime":"2026-11-22T09:00:00Z","valueQuantity":{"value":37.0,"unit":"Cel","system":"http://unitsofmeasure.org","code":"Cel"}}`, id, patient)
}

func onDisk(b *testing.B) *record.Practice {
	dir := b.TempDir()
	log, err := pebble.Open(pebble.Config{Dir: dir + "/log"})
	if err != nil {
		b.Fatal(err)
	}
	s, err := record.Open(context.Background(), record.Config{Log: log, Dir: dir + "/index"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(); _ = log.Close() })
	p, err := s.Practice(ods)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkCommit(b *testing.B) {
	p := onDisk(b)
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			w, err := record.Prepare(ident.Ref{Type: "Observation", ID: fmt.Sprint("o", i)}, observation(fmt.Sprint("o", i), int(i%1000)))
			if err == nil {
				_, err = p.Commit(context.Background(), record.Change{Writes: []record.Write{w}})
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	p := onDisk(b)
	for i := range 5000 {
		id := fmt.Sprint("o", i)
		w, _ := record.Prepare(ident.Ref{Type: "Observation", ID: id}, observation(id, i%100))
		if _, err := p.Commit(context.Background(), record.Change{Writes: []record.Write{w}}); err != nil {
			b.Fatal(err)
		}
	}
	var n atomic.Int64
	b.Run("read", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				v, err := p.Read(context.Background(), ident.Ref{Type: "Observation", ID: fmt.Sprint("o", n.Add(1)%5000)})
				if err != nil || len(v.JSON()) == 0 {
					b.Error(err)
				}
			}
		})
	})
	b.Run("find20", func(b *testing.B) {
		for b.Loop() {
			page, err := p.Find(context.Background(), fmt.Sprintf("Observation?patient=Patient/p%d&_count=20", n.Add(1)%100))
			if err != nil || len(page.Matches) != 20 {
				b.Error(err, len(page.Matches))
			}
		}
	})
}
