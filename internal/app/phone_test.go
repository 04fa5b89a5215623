package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heartwood/internal/hazard"
)

// The example of docs/telephone.md is one that is read, to the last word of
// it, and makes the two trunks that it names.
func TestPhoneExample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(hazard.Root(t), "docs", "telephone.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```toml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("phone.toml", example)
	write("carrier.key", "a word")
	c, err := LoadPhone(dir)
	if err != nil {
		t.Fatal(err)
	}
	trunks, err := c.trunks(dir)
	if err != nil || len(trunks) != 2 || trunks[0].Secret.IsZero() || len(trunks[1].Allow) != 1 {
		t.Fatalf("%d trunks, %v", len(trunks), err)
	}
	write("phone.toml", example+"\nmore = 1\n")
	if _, err := LoadPhone(dir); err == nil {
		t.Error("a word that means nothing is taken")
	}
}
