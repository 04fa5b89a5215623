package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var pathInText = regexp.MustCompile("`((?:internal|cmd|docs|test|web|tools)/[A-Za-z0-9_./-]*[A-Za-z0-9])/?`")

// TestDocumentsNameWhatIsThere keeps paths in the documents from rotting.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	docs := []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}
	for _, pattern := range []string{"docs/*.md", "docs/decision/*.md", "docs/hazard/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, rel)
		}
	}
	seen := 0
	for _, doc := range docs {
		b, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range pathInText.FindAllSubmatch(b, -1) {
			seen++
			if _, err := os.Stat(filepath.Join(root, string(m[1]))); err != nil {
				t.Errorf("%s names %s, which is not there", doc, m[1])
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d paths were found in the documents", seen)
	}
}
