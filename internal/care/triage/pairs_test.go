package triage

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// pair is two contacts by one person, and whether they are about the same or
// a related problem within the window: test/vignettes/pairs.jsonl.
type pair struct {
	ID, First, Second, Group string
	Days                     int
	Related                  bool
}

// The links that the worsening detector finds and invents among seeded pairs
// may not become fewer and more than docs/triage-evaluation.md says.
func TestSeededPairs(t *testing.T) {
	hazard.Covers(t, "H-022")
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	type count struct{ hit, all int }
	groups := map[string]*count{}
	var related, found, other, invented int
	for _, p := range readPairs(t) {
		first := Contact{ID: "first", Texts: []string{p.First}, At: now.AddDate(0, 0, -p.Days)}
		links, _ := Again(Contact{ID: "second", Texts: []string{p.Second}, At: now}, []Contact{first}, Window)
		c := groups[p.Group]
		if c == nil {
			c = &count{}
			groups[p.Group] = c
		}
		c.all++
		linked := len(links) == 1
		if linked == p.Related {
			c.hit++
		} else {
			t.Logf("%s [%s] related %v, linked %v: %q … %q", p.ID, p.Group, p.Related, linked, p.First, p.Second)
		}
		switch {
		case p.Related:
			related++
			found += one(linked)
		default:
			other++
			invented += one(linked)
		}
	}
	for name, c := range groups {
		t.Logf("%s: %d of %d right", name, c.hit, c.all)
	}
	recall, wrong := float64(found)/float64(related), float64(invented)/float64(other)
	t.Logf("recall %.1f %% (%d of %d), false links %.1f %% (%d of %d)", 100*recall, found, related, 100*wrong, invented, other)
	if related < 60 || other < 45 {
		t.Errorf("%d related pairs and %d others: there must be at least 60 and 45", related, other)
	}
	if recall < pairRecall {
		t.Errorf("recall is %.3f, and must be at least %.3f", recall, pairRecall)
	}
	if wrong > pairFalse {
		t.Errorf("false links are %.3f, and may be at most %.3f", wrong, pairFalse)
	}
}

// The floors of the pairs.
const (
	pairRecall = 0.95
	pairFalse  = 0.05
)

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func readPairs(t *testing.T) []pair {
	t.Helper()
	f, err := os.Open(filepath.Join(hazard.Root(t), "test", "vignettes", "pairs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // only read
	var out []pair
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var p pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
