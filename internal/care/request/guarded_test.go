package request_test

import (
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// A program deletes or rewrites what is in the ledger: refused, and what it
// may write it writes only over what it saw.
func TestGuarded(t *testing.T) {
	hazard.Covers(t, "H-001")
	h := open(t)
	a := ask()
	a.What = "My chest hurts"
	r := h.receive(t, a, "k")
	v, err := h.Load(ctx, ods, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	form, _ := ident.ParseRef(v.Response)
	task := ident.Ref{Type: "Task", ID: r.ID}
	page, err := h.p.Find(ctx, "DetectedIssue?implicated="+task.String())
	if err != nil || len(page.Matches) == 0 {
		t.Fatal(err)
	}
	for _, ref := range []ident.Ref{task, form, page.Matches[0].Ref} {
		c := record.Change{Writes: []record.Write{record.Remove(ref)}}
		if err := request.Guarded(ctx, h.p, &c); !fault.Is(err, fault.Refused) {
			t.Errorf("%s was deleted: %v", ref.Type, err)
		}
	}
	cur, err := h.p.Read(ctx, task)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := fhir.NewEdit(cur.JSON())
	e.Set("stat", "priority")
	body, _ := e.Bytes()
	w, err := record.Prepare(task, body)
	if err != nil {
		t.Fatal(err)
	}
	c := record.Change{Author: navigator, Writes: []record.Write{w}}
	if err := request.Guarded(ctx, h.p, &c); err != nil || len(c.Expect) != 1 || c.Expect[0].Version != cur.ID {
		t.Fatalf("%v %v", err, c.Expect)
	}
	h.do(t, navigator, r.ID, "", request.Assign{To: request.Owner{Ref: "Practitioner/gp"}})
	if _, err := h.p.Commit(ctx, c); !fault.Is(err, fault.Conflict) {
		t.Errorf("written over what it had not seen: %v", err)
	}
	// What is not the ledger's is not looked after.
	other, err := record.Prepare(ident.Ref{Type: "Task", ID: "x"}, []byte(`{"resourceType":"Task","status":"draft","intent":"plan"}`))
	if err != nil {
		t.Fatal(err)
	}
	c = record.Change{Writes: []record.Write{other, record.Remove(ident.Ref{Type: "Patient", ID: "ann"})}}
	if err := request.Guarded(ctx, h.p, &c); err != nil || len(c.Expect) != 0 {
		t.Errorf("%v %v", err, c.Expect)
	}
}
