package search_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"heartwood/internal/care/search"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// A list of more than one page is whole, and an error ends it.
func TestEach(t *testing.T) {
	ctx := context.Background()
	s := memory.Open(t, nil)
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	var c record.Change
	for i := range 450 {
		id := fmt.Sprint("t", i)
		w, err := record.Prepare(ident.Ref{Type: "Task", ID: id}, []byte(`{"resourceType":"Task","id":"`+id+`","status":"requested","intent":"order"}`))
		if err != nil {
			t.Fatal(err)
		}
		c.Writes = append(c.Writes, w)
	}
	if _, err := p.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	err = search.Each(ctx, p, "Task?status=requested", func(v record.Version, r *fhir.Resource) error {
		seen[r.ID()] = true
		return nil
	})
	if err != nil || len(seen) != 450 {
		t.Errorf("%d seen, %v", len(seen), err)
	}
	n, stop := 0, errors.New("stop")
	err = search.Each(ctx, p, "Task?status=requested", func(record.Version, *fhir.Resource) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if err := search.Each(ctx, p, "Task?nonsense=1", nil); err == nil {
		t.Error("a search that cannot be made is a whole list")
	}
}
