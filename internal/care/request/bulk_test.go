package request_test

import (
	"strings"
	"testing"

	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

func (h *house) three(t *testing.T) (ids [3]string, picked []request.Picked) {
	t.Helper()
	for i, key := range []string{"a", "b", "c"} {
		a := ask()
		a.Kind, a.What = request.Admin, "A letter for "+key
		ids[i] = h.receive(t, a, key).ID
		v, err := h.Load(ctx, ods, ids[i])
		if err != nil {
			t.Fatal(err)
		}
		picked = append(picked, request.Picked{ID: v.ID, Version: v.Version})
	}
	return ids, picked
}

func TestBulkLeavesOutWhatChangedAndUndoes(t *testing.T) {
	hazard.Covers(t, "H-018")
	h := open(t)
	ids, picked := h.three(t)
	h.do(t, navigator, ids[1], "", request.Start{}) // meanwhile
	cmd := request.Close{Outcome: request.AdminDone, Told: "Your letter is ready."}
	done, err := h.Bulk(ctx, ods, navigator, picked, cmd, "k")
	if err != nil || len(done.Done) != 2 || len(done.Left) != 1 || done.Left[0].ID != ids[1] || !strings.Contains(done.Left[0].Why, "changed") {
		t.Fatalf("%+v, %v", done, err)
	}
	again, err := h.Bulk(ctx, ods, navigator, picked, cmd, "k")
	if err != nil || again.ID != done.ID {
		t.Fatalf("sent twice it is %+v, %v", again, err)
	}
	if n := h.count(t, "Communication?category=outcome"); n != 2 {
		t.Errorf("%d were told", n)
	}
	h.do(t, navigator, ids[2], "", request.Reopen{Reason: "rang"}) // since
	undone, err := h.Undo(ctx, ods, clinician, done.ID)
	if err != nil || len(undone.Done) != 1 || len(undone.Left) != 1 || undone.Left[0].ID != ids[2] || !strings.Contains(undone.Left[0].Why, "reopened") {
		t.Fatalf("%+v, %v", undone, err)
	}
	v, err := h.Load(ctx, ods, ids[0])
	if err != nil || v.State != request.Received || v.Outcome != "" || v.Told != "" || v.Reopened != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if n := h.count(t, "Communication?category=message"); n != 1 {
		t.Errorf("%d were told that it is open again", n)
	}
	if twice, err := h.Undo(ctx, ods, navigator, done.ID); err != nil || twice.ID != undone.ID {
		t.Errorf("undone twice: %+v, %v", twice, err)
	}
	if p, err := request.LoadBatch(ctx, h.p, done.ID); err != nil || p.Undone != undone.ID {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := h.Undo(ctx, ods, navigator, undone.ID); !fault.Is(err, fault.Refused) {
		t.Errorf("an undo was undone: %v", err)
	}
	if _, err := h.Undo(ctx, ods, self, done.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a patient undid it: %v", err)
	}
}

func TestBulkIsRefused(t *testing.T) {
	h := open(t)
	ids, picked := h.three(t)
	h.do(t, navigator, ids[0], "", request.Confirm{Urgency: request.Prompt})
	v, err := h.Load(ctx, ods, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	urgent := []request.Picked{{ID: v.ID, Version: v.Version}, {ID: "none", Version: "c.1"}}
	got, err := h.Bulk(ctx, ods, navigator, urgent, request.Close{Outcome: request.AdminDone, Told: "x"}, "k1")
	if err != nil || len(got.Done) != 0 || len(got.Left) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	for what, err := range map[string]error{
		"nothing picked": second(h.Bulk(ctx, ods, navigator, nil, request.Wake{}, "k2")),
		"no command":     second(h.Bulk(ctx, ods, navigator, picked, request.Confirm{Urgency: request.Stat}, "k3")),
	} {
		if err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	if got, err := h.Bulk(ctx, ods, self, picked, request.Assign{To: request.Owner{Ref: "Practitioner/gp"}}, "k4"); err != nil || len(got.Done) != 0 {
		t.Errorf("a patient assigned: %+v, %v", got, err)
	}
}

func second(_ request.Batch, err error) error { return err }

func TestSplitAndMerge(t *testing.T) {
	hazard.Covers(t, "H-018")
	h := open(t)
	a := ask()
	a.What = "Crushing chest pain and sweating. I also need a fit note."
	id := h.receive(t, a, "a").ID
	before, err := h.Load(ctx, ods, id)
	if err != nil || len(before.Flags) == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	h.do(t, navigator, id, before.Version, request.Split{What: "A fit note", To: request.Owner{Ref: "CareTeam/admin", Name: "Admin"}})
	all, err := h.Of(ctx, ods, "Patient/ann")
	if err != nil || len(all) != 2 {
		t.Fatalf("%d requests, %v", len(all), err)
	}
	part := all[0]
	if part.ID == id {
		part = all[1]
	}
	part, err = h.Load(ctx, ods, part.ID)
	if err != nil || part.PartOf != id || part.Reference == before.Reference || len(part.Flags) != len(before.Flags) || part.Asked.What != before.Asked.What || part.Urgency != before.Urgency {
		t.Fatalf("the part is %+v, %v", part, err)
	}
	if n := h.count(t, "Communication?based-on=Task/"+part.ID); n != 2 { // the message and its notice
		t.Errorf("%d messages", n)
	}
	other := h.receive(t, ask(), "b").ID
	if err := h.Merge(ctx, ods, navigator, id, "", request.Merge{Into: other}, "m"); err != nil {
		t.Fatal(err)
	}
	if err := h.Merge(ctx, ods, navigator, id, "", request.Merge{Into: other}, "m"); err != nil {
		t.Fatalf("sent twice: %v", err)
	}
	kept, err := h.Load(ctx, ods, other)
	if err != nil || kept.Urgency != request.Stat || len(kept.Flags) != len(before.Flags) || !strings.Contains(kept.History[0].Note, "Crushing") {
		t.Errorf("kept %+v, %v", kept, err)
	}
	gone, err := h.Load(ctx, ods, id)
	if err != nil || gone.Open() || gone.MergedInto != other || gone.Outcome != request.DuplicateOf {
		t.Errorf("closed %+v, %v", gone, err)
	}
	if n := h.count(t, "Communication?category=outcome"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if v := h.do(t, navigator, id, "", request.Reopen{Reason: "not the same"}); v.MergedInto != "" || v.Reopened != 1 {
		t.Errorf("reopened %+v", v)
	}
}
