package evaluate

import (
	"os"
	"path/filepath"
	"testing"

	"heartwood/internal/hazard"
)

// What the rules find and flag may not fall below what was measured and
// written into docs/triage-evaluation.md. The development sets were tuned on,
// so their floors say only that nothing broke; the held-out set and fresh were
// not, and fresh is the one to believe.
func TestFloors(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-007")
	for _, c := range []struct {
		file             string
		sensitivity      float64 // at least
		over             float64 // at most, of those that are not urgent
		urgent, notThose int     // how many there are, so that a set cannot shrink
	}{
		{"development", 0.98, 0.04, 91, 86},
		{"development-2", 0.97, 0.05, 261, 277},
		{"development-3", 0.95, 0.34, 24, 36},
		{"held-out", 0.97, 0.09, 85, 89},
		{"fresh", 0.74, 0.05, 55, 50},
		{"unseen", 0.93, 0.26, 120, 120},
		{"unseen-2", 0.91, 0.12, 120, 120},
	} {
		t.Run(c.file, func(t *testing.T) {
			o := measure(t, c.file).Overall
			t.Logf("sensitivity %s, over-flagged %s", o.Sensitivity().text(true), o.OverFlagging().text(true))
			if n := o.Sensitivity().N; n != c.urgent {
				t.Errorf("%d urgent cases, not %d", n, c.urgent)
			}
			if n := o.OverFlagging().N; n != c.notThose {
				t.Errorf("%d other cases, not %d", n, c.notThose)
			}
			if got := o.Sensitivity().Value(); got < c.sensitivity {
				t.Errorf("%.1f %% of the urgent are found, and at least %.1f %% must be", 100*got, 100*c.sensitivity)
			}
			if got := o.OverFlagging().Value(); got > c.over {
				t.Errorf("%.1f %% of the others are flagged, and at most %.1f %% may be", 100*got, 100*c.over)
			}
		})
	}
}

func measure(t *testing.T, name string) Report {
	t.Helper()
	f, err := os.Open(filepath.Join(hazard.Root(t), "test", "vignettes", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // only read
	cases, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return Run(cases)
}

// A floor can fail: a set whose urgent texts are all of nothing is under it.
func TestAFloorCanFail(t *testing.T) {
	rep := Run([]Case{{ID: "1", Text: "the weather is nice", Urgent: true}, {ID: "2", Text: "crushing chest pain"}})
	if rep.Overall.Sensitivity().Value() != 0 || rep.Overall.OverFlagging().Value() != 1 {
		t.Errorf("%+v", rep.Overall)
	}
}
