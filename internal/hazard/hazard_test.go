package hazard

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var covers = regexp.MustCompile(`hazard\.Covers\(\w+, "(H-\d{3})"\)`)

// Every hazard that a test names exists; those that no test proves are listed.
func TestEveryHazard(t *testing.T) {
	root := Root(t)
	by := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		for _, m := range covers.FindAllStringSubmatch(string(src), -1) {
			by[m[1]] = append(by[m[1]], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "docs", "hazard", "H-*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no hazards: %v", err)
	}
	known := map[string]bool{}
	for _, f := range files {
		id := strings.TrimSuffix(filepath.Base(f), ".md")
		known[id] = true
		if len(by[id]) == 0 {
			t.Logf("no test covers %s yet", id)
		}
	}
	for id, tests := range by {
		if !known[id] {
			t.Errorf("%s is covered by %v and is not in docs/hazard", id, tests)
		}
	}
}

func TestCovers(t *testing.T) { Covers(t, "H-001") }
