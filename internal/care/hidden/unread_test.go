package hidden_test

import (
	"context"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/hidden"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// Where what is hidden cannot be read it is an error, and no empty set, by
// which everything would show.
func TestWhatCannotBeReadHidesNothingInSilence(t *testing.T) {
	hazard.Covers(t, "H-016")
	ctx := context.Background()
	store := memory.Open(t, nil)
	p, err := store.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	ann, note := ident.Ref{Type: "Patient", ID: "ann"}, ident.Ref{Type: "Condition", ID: "note"}
	w, err := record.Prepare(note, []byte(`{"resourceType":"Condition","id":"note","subject":{"reference":"Patient/ann"}}`))
	if err != nil {
		t.Fatal(err)
	}
	gp := record.Author{Ref: "Practitioner/gp", Role: care.RoleClinician}
	if _, err := p.Commit(ctx, record.Change{Author: gp, Writes: []record.Write{w}}); err != nil {
		t.Fatal(err)
	}
	if err := hidden.Hide(ctx, p, gp, ann, note, "a third person is named"); err != nil {
		t.Fatal(err)
	}
	if set, err := hidden.Of(ctx, p, ann); err != nil || !set.Has(note) {
		t.Fatalf("%v, %v", set, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if set, err := hidden.Of(ctx, p, ann); err == nil {
		t.Errorf("nothing can be read, and this is hidden: %v", set)
	}
}
