//go:build !race

package collections

import (
	"bytes"
	"os"
	"testing"

	"heartwood/internal/door/load"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

const data = "../../../shared/data/"

const synthea = data + "synthea/synthea_r4_us_160-patients.tar.zst"

func shared(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs " + path[len("../../"):] + ", which is not here")
	}
	return path
}

func put(t testing.TB, p *record.Practice, path string) load.Summary {
	t.Helper()
	sink := load.StoreSink{Practice: p, Author: record.Author{Ref: "Device/import", Role: "system"}}
	sum, err := load.Run(t.Context(), load.Config{Sink: sink, Paths: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// Nothing of a collection is refused, and loading it again changes nothing,
// but for the few resources that it holds in two forms, of which the later one
// stands each time.
func TestCollectionsLoadWhole(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		stored int
		forms  int // how many are written again
	}{
		"Synthea":  {synthea, 25_000, 0},
		"examples": {data + "fhir-r4/hl7.fhir.r4.examples-4.0.1-instances.tar.zst", 1_000, 20},
		"ODS":      {data + "ods", 15_389, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := shared(t, c.path)
			p := memory.Practice(t, "Z90001", nil)
			sum := put(t, p, path)
			var print bytes.Buffer
			if err := sum.Print(&print); err != nil {
				t.Fatal(err)
			}
			if sum.Faults > 0 || sum.Total().Stored < c.stored {
				t.Errorf("%s", print.String())
			} else if testing.Verbose() {
				t.Logf("%s", print.String())
			}
			at := p.Position().String()
			if again := put(t, p, path); again.Total().Stored > c.forms || c.forms == 0 && p.Position().String() != at {
				t.Errorf("loading again stored %d", again.Total().Stored)
			}
		})
	}
}

func BenchmarkSynthea(b *testing.B) {
	path := shared(b, synthea)
	stored := 0
	for b.Loop() {
		sum := put(b, memory.Practice(b, "Z90001", nil), path)
		stored += sum.Total().Stored
	}
	b.ReportMetric(float64(stored)/b.Elapsed().Seconds(), "resources/s")
}
