// Package hazard ties tests to the clinical hazards that they prove controls
// of (DCB0129): docs/hazard/H-nnn.md.
//
// What comes in: a test and a hazard's id. What goes out: a line in the
// test's log, and a failure when there is no such hazard. It must never be
// imported outside tests.
package hazard

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var form = regexp.MustCompile(`^H-\d{3}$`)

// Covers says that a test proves a control of a hazard.
func Covers(t testing.TB, id string) {
	t.Helper()
	if !form.MatchString(id) {
		t.Fatalf("%q is not the id of a hazard: it looks like H-001", id)
	}
	if _, err := os.Stat(filepath.Join(Root(t), "docs", "hazard", id+".md")); err != nil {
		t.Fatalf("there is no docs/hazard/%s.md", id)
	}
	t.Logf("covers %s", id)
}

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("there is no go.mod above this folder")
		}
		dir = up
	}
}
