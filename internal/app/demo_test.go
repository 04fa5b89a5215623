package app

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/demo"
)

// No patient's record is divided, and no chunk is large.
func TestChunksOfTheDemonstration(t *testing.T) {
	n, err := demo.New(demo.Config{Seed: 1, Practices: 1, Patients: 300, Today: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	all, in := 0, map[string]bool{} // patients of the chunk
	for chunk := range chunksOf(n.Practices()[0].Resources()) {
		clear(in)
		for _, it := range chunk {
			if it.Type == "Patient" {
				in[it.ID] = true
			}
			if whose, _, ok := strings.Cut(it.ID, "-"); ok && it.Type == "Task" && !in[whose] {
				t.Errorf("Task/%s is not with its patient", it.ID)
			}
		}
		if all += len(chunk); len(chunk) > 2*demoChunk {
			t.Errorf("a chunk of %d", len(chunk))
		}
	}
	made := 0
	for range n.Practices()[0].Resources() {
		made++
	}
	if all != made {
		t.Errorf("%d of %d", all, made)
	}
}
