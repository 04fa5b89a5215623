package load

import (
	"bytes"
	"os"
	"runtime"
	"testing"
)

const (
	synthea  = "../../../../shared/data/synthea/synthea_r4_us_160-patients.tar.zst"
	examples = "../../../../shared/data/fhir-r4/hl7.fhir.r4.examples-4.0.1-instances.tar.zst"
	ods      = "../../../../shared/data/ods"
)

func shared(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs " + path[9:] + ", which is not here")
	}
	return path
}

// TestSharedData loads real collections: nothing of them is refused, and
// loading them again changes nothing, but for the few resources that a
// collection holds in two forms, of which the later one stands each time.
func TestSharedData(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		stored int
		forms  int // how many are written again
	}{
		"Synthea":  {synthea, 25_000, 0},
		"examples": {examples, 1_000, 20},
		"ODS":      {ods, 15_389, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := shared(t, c.path)
			p := practice(t)
			sum := load(t, p, path)
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
			if again := load(t, p, path); again.Total().Stored > c.forms || c.forms == 0 && p.Position().String() != at {
				t.Errorf("loading again stored %d", again.Total().Stored)
			}
		})
	}
}

func BenchmarkSynthea(b *testing.B) {
	path := shared(b, synthea)
	stored := 0
	for b.Loop() {
		sum := load(b, practice(b), path)
		stored += sum.Total().Stored
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(stored)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(m.Sys)/1e6, "MB")
}
