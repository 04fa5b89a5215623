package starts

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a crash cut off is lost alone: what was added before and after stands.
func TestALineCutOff(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	m := New(dir, func() time.Time { return now })
	open := Mark{Day: "2026-11-24", Form: "admin", Step: "what", Until: now.Add(time.Hour)}
	m.Note("Z99901", "aa", open)
	m.Note("Z99901", "bb", open)
	path := filepath.Join(dir, "Z99901", "marks")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	m.Note("Z99901", "cc", open)
	got, _ := m.journal("Z99901").read()
	if want := (map[string]Mark{"aa": open, "cc": open}); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// Whatever is in the file is read without a crash, and what is read is read
// the same once it has been written again.
func FuzzJournal(f *testing.F) {
	f.Add([]byte("\n{\"name\":\"aa\",\"Day\":\"2026-11-24\",\"Sent\":true}\n{\"name\":\"aa\"}\n{\"na"))
	f.Add([]byte("\x00\n{}\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		j := journal(filepath.Join(t.TempDir(), "marks"))
		want, lines := parse(b)
		if lines < len(want) {
			t.Fatalf("%d lines, %d marks", lines, len(want))
		}
		if err := j.write(want); err != nil {
			t.Skip(err) // a year that JSON cannot say
		}
		if got, _ := j.read(); !maps.EqualFunc(got, want, func(a, b Mark) bool { return a.Until.Equal(b.Until) && a.Step == b.Step && a.Sent == b.Sent }) {
			t.Errorf("%v, not %v", got, want)
		}
	})
}
