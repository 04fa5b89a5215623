package atomicfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"heartwood/internal/atomicfile"
)

// Many write one file at once while somebody reads: each sees one version
// whole, no write fails, and nothing is left over.
func TestWholeUnderManyWriters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	path := filepath.Join(dir, "mark")
	if err := atomicfile.WriteDurable(path, bytes.Repeat([]byte{'a'}, 9000)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for range 50 {
				if err := atomicfile.Write(path, bytes.Repeat([]byte{byte('b' + i)}, 9000)); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer wg.Done()
			for range 50 {
				got, err := os.ReadFile(path)
				if err != nil || len(got) != 9000 || bytes.Count(got, got[:1]) != 9000 {
					t.Errorf("read %d bytes of a version, error %v", len(got), err)
				}
			}
		}()
	}
	wg.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files in the folder, want the one: %v", len(entries), err)
	}
}

// What cannot be written says so and leaves what was there.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(filepath.Join(dir, "taken"), nil); err == nil {
		t.Error("a folder was replaced by a file")
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d entries are left, want the folder alone", len(entries))
	}
}
