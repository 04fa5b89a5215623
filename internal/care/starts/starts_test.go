package starts_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care/search"
	"heartwood/internal/care/starts"
	"heartwood/internal/fhir"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var ctx = context.Background()

func counted(t interface{ Fatal(...any) }, p *record.Practice) map[starts.Key]int {
	out := map[starts.Key]int{}
	err := search.Each(ctx, p, "MeasureReport?status=complete", func(_ record.Version, res *fhir.Resource) error {
		for k, n := range starts.Read(res) {
			out[k] += n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// However forms are filled in, put by, sent and left, and however often they
// are counted and the process starts again in between, each counts once: as
// sent, as left, or as one that can still be sent.
func TestEachFormCountsOnce(t *testing.T) {
	for _, kind := range []string{"folder", "memory"} {
		t.Run(kind, func(t *testing.T) {
			n := 0
			rapid.Check(t, func(rt *rapid.T) {
				now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
				clock := func() time.Time { return now }
				n++
				dir := ""
				if kind == "folder" {
					dir = filepath.Join(t.TempDir(), fmt.Sprint(n))
				}
				p, err := memory.Open(t, clock).Practice("Z99901")
				if err != nil {
					rt.Fatal(err)
				}
				m := starts.New(dir, clock)
				last := map[string]starts.Mark{} // each as it must come to be counted
				over := map[string]bool{}
				for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
					name := hex.EncodeToString([]byte{byte(rapid.IntRange(0, 9).Draw(rt, "form"))})
					x := last[name]
					switch rapid.IntRange(0, 5).Draw(rt, "what") {
					case 0:
						if err := m.Round(ctx, p); err != nil {
							rt.Fatal(err)
						}
					case 1:
						now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
					case 2:
						if dir != "" {
							m = starts.New(dir, clock)
						}
					default:
						if over[name] || x.Sent || !x.Until.IsZero() && !x.Until.After(now) {
							over[name] = true // its draft has gone: this one moves no more
							continue
						}
						x = starts.Mark{Day: "2026-11-24", Form: "admin", Step: fmt.Sprint("q", i%3), Until: now.Add(24 * time.Hour)}
						if rapid.Bool().Draw(rt, "put by") {
							x.PutBy, x.Until = true, now.Add(7*24*time.Hour)
						}
						x.Sent = rapid.IntRange(0, 3).Draw(rt, "sent") == 0
						last[name] = x
						m.Note("Z99901", name, x)
					}
				}
				want, open := map[starts.Key]int{}, 0
				for _, x := range last {
					switch {
					case x.Sent:
						want[starts.Key{Day: x.Day, Form: x.Form, Sent: true}]++
					case !x.Until.After(now):
						want[starts.Key{Day: x.Day, Form: x.Form, Step: x.Step}]++
					default:
						open++
					}
				}
				for range 2 {
					if err := m.Round(ctx, p); err != nil {
						rt.Fatal(err)
					}
				}
				if got := counted(t, p); !maps.Equal(got, want) {
					rt.Fatalf("counted %v, not %v", got, want)
				}
				if all, _ := m.Unfinished("Z99901"); all != open {
					rt.Fatalf("%d can still be sent, not %d", all, open)
				}
			})
		})
	}
}

// A count that was made, and cut off before its marks were forgotten, is not
// made twice, whatever has come meanwhile.
func TestACountCutOff(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	dir := t.TempDir()
	p, err := memory.Open(t, clock).Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	m := starts.New(dir, clock)
	sent := starts.Mark{Day: "2026-11-24", Form: "admin", Sent: true}
	m.Note("Z99901", "aa", sent)
	b, err := os.ReadFile(filepath.Join(dir, "Z99901", "marks"))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Round(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Z99901", "batch"), b, 0o600); err != nil { // as if it had not been forgotten
		t.Fatal(err)
	}
	m.Note("Z99901", "bb", sent)
	for range 2 {
		if err := m.Round(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if got := counted(t, p); got[starts.Key{Day: "2026-11-24", Form: "admin", Sent: true}] != 2 || len(got) != 1 {
		t.Errorf("%v", got)
	}
	if strings.Contains(string(b), "Patient") {
		t.Errorf("a mark names somebody: %s", b)
	}
}
