package setting_test

import (
	"context"
	"testing"

	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

var (
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: "manager"}
	stale   = fault.New(fault.Conflict, "Changed meanwhile.")
)

func text(s string) func(*fhir.Resource) write.Obj {
	return func(*fhir.Resource) write.Obj { return write.Obj{"code": write.Obj{"text": s}} }
}

// A setting is saved over the version that was seen and over no other, the
// first one included; what other programs put there stays unless it is kept
// whole.
func TestSave(t *testing.T) {
	hazard.Covers(t, "H-008")
	for _, whole := range []bool{false, true} {
		p := memory.Practice(t, "Z99901", nil)
		k := setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "s"}, Stale: stale, Whole: whole}
		if res, _, err := k.Load(ctx, p); res != nil || err != nil {
			t.Fatalf("before it is set: %v, %v", res, err)
		}
		if err := k.Save(ctx, p, manager, "set", "c.9", text("one")); !fault.Is(err, fault.Conflict) {
			t.Errorf("over a version that never was: %v", err)
		}
		if err := k.Save(ctx, p, manager, "set", "", text("one")); err != nil {
			t.Fatal(err)
		}
		if err := k.Save(ctx, p, manager, "set", "", text("two")); !fault.Is(err, fault.Conflict) {
			t.Errorf("as the first, when there is one: %v", err)
		}
		_, v, err := k.Load(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		w, err := record.Prepare(k.Ref, []byte(`{"resourceType":"Basic","id":"s","code":{"text":"one"},"language":"cy"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(ctx, record.Change{Author: manager, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
		if err := k.Save(ctx, p, manager, "set", v.ID, text("two")); !fault.Is(err, fault.Conflict) {
			t.Errorf("over an old version: %v", err)
		}
		_, v, _ = k.Load(ctx, p)
		if err := k.Save(ctx, p, manager, "set", v.ID, text("two")); err != nil {
			t.Fatal(err)
		}
		res, _, err := k.Load(ctx, p)
		if err != nil || res.Get("code", "text").Str() != "two" || (res.Get("language").Str() == "cy") == whole {
			t.Errorf("whole %v: %s, %v", whole, res.Root().Raw(), err)
		}
	}
}
