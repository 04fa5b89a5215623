package doorlog

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

const ods = ident.ODS("Z99901")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func opened(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func sight(t *testing.T, j *Journal) Sight {
	t.Helper()
	s, err := j.Read(ods)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatCameIsThere(t *testing.T) {
	hazard.Covers(t, "H-001")
	dir := t.TempDir()
	j := opened(t, dir)
	claim := j.Came(ods, "secret-token", "web", noon)
	if claim != j.Node()+"/"+Digest("secret-token") {
		t.Fatalf("claims %q", claim)
	}
	j.Came(ods, "two", "phone", noon.Add(time.Second))
	j.Refused(ods, "two", noon.Add(time.Second))
	j.Came(ods, "three", "desk", noon)
	j.Refused(ods, "three", noon)
	j.Came(ods, "three", "desk", noon.Add(time.Minute))
	j.Kept(ods, "three", "HW-1", noon.Add(time.Minute))
	j.Came(ods, "four", "sms", noon)
	if err := j.Settle(ods, Digest("four"), "rang them", "Practitioner/m", noon); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := opened(t, dir)
	if again.Node() != j.Node() {
		t.Error("the node has another name after a restart")
	}
	s := sight(t, again)
	e := s.Entries
	if len(e) != 4 || s.Spoiled != 0 || !s.Since.Equal(noon) || e[Digest("secret-token")].Channel != "web" ||
		!e[Digest("two")].Refused || e[Digest("three")].Refused || e[Digest("three")].Reference != "HW-1" || e[Digest("four")].Settled != "rang them" {
		t.Errorf("%+v", s)
	}
	b, err := os.ReadFile(filepath.Join(dir, string(ods)+".log"))
	if err != nil || strings.Contains(string(b), "secret") {
		t.Error("the key itself is in the journal")
	}
}

// A line that a crash cut short spoils nothing after it, and one that was
// altered is counted.
func TestCutShortAndAltered(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, string(ods)+".log")
	j := opened(t, dir)
	j.Came(ods, "one", "web", noon)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(b, b[:20]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := sight(t, j); len(s.Entries) != 1 || s.Spoiled != 0 {
		t.Errorf("%+v", s)
	}
	j2 := opened(t, dir)
	j2.Came(ods, "two", "web", noon)
	if s := sight(t, j2); len(s.Entries) != 2 || s.Spoiled != 1 {
		t.Errorf("%+v", s)
	}
}

func TestManyAtOnce(t *testing.T) {
	j := opened(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { j.Came(ods, string(rune('a'+i)), "web", noon) })
	}
	wg.Wait()
	if s := sight(t, j); len(s.Entries) != 50 || s.Spoiled != 0 {
		t.Errorf("%d entries, %d spoiled", len(s.Entries), s.Spoiled)
	}
}

func TestNoJournalKeepsNobodyOut(t *testing.T) {
	var j *Journal
	if j.Came(ods, "k", "web", noon) != "" || j.Node() != "" || j.Close() != nil {
		t.Error("it is not nothing")
	}
	j.Kept(ods, "k", "HW", noon)
	if s := sight(t, j); len(s.Entries) != 0 {
		t.Error("it has entries")
	}
}

func FuzzRead(f *testing.F) {
	f.Add("{\"did\":\"came\",\"form\":\"x\"}\t00000000\n")
	f.Add("\t\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := Sight{Entries: map[string]Entry{}}
		if err := s.read(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		if got := s.Spoiled + len(s.Entries); got > strings.Count(text, "\n") {
			t.Errorf("%d lines became %d", strings.Count(text, "\n"), got)
		}
	})
}
