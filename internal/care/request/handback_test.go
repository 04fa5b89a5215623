package request_test

import (
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/team"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

var boss = record.Author{Ref: "Practitioner/boss", Role: care.RoleManager}

func (h *house) handBack(t testing.TB, leave ...team.Absence) {
	t.Helper()
	if err := request.HandBackAbsent(ctx, h.p, leave); err != nil {
		t.Fatal(err)
	}
}

// What is with somebody who is away goes back to their team when the absence
// begins, once, by a decision in its history.
func TestHandBack(t *testing.T) {
	hazard.Covers(t, "H-017")
	h := open(t)
	h.set("2026-11-23 10:00")
	h.put(t, `{"resourceType":"Practitioner","id":"gp","active":true,"name":[{"text":"Dr Gill Pea"}]}`)
	if err := team.Save(ctx, h.p, boss, team.Team{Name: "Paper team", Members: []string{"Practitioner/gp"}, Kinds: []string{"admin"}}); err != nil {
		t.Fatal(err)
	}
	a := ask()
	a.Kind, a.What, a.HowBad = request.Admin, "A letter for my employer", 0
	letter := h.receive(t, a, "k1")
	v, err := h.Load(ctx, ods, letter.ID)
	if err != nil || v.Owner.Name != "Paper team" || !strings.Contains(v.Routed, "Paper team looks after it") {
		t.Fatalf("with %+v by %q, %v", v.Owner, v.Routed, err)
	}
	b := ask()
	b.HowBad = 0
	other := h.receive(t, b, "k2")
	gp := request.Owner{Ref: "Practitioner/gp", Name: "Dr Gill Pea"}
	for _, id := range []string{letter.ID, other.ID} {
		h.do(t, navigator, id, "", request.Start{To: gp})
	}
	by := v.AnswerBy
	if err := team.SaveAbsence(ctx, h.p, boss, team.Absence{Who: gp.Ref, From: "2026-11-24", To: "2026-11-25"}); err != nil {
		t.Fatal(err)
	}
	h.handBack(t)
	if v, _ = h.Load(ctx, ods, letter.ID); v.Owner != gp {
		t.Fatalf("handed back before it began: %+v", v.Owner)
	}
	h.set("2026-11-24 00:01")
	for range 3 {
		h.handBack(t)
	}
	h.valid(t)
	for _, id := range []string{letter.ID, other.ID} {
		v, err = h.Load(ctx, ods, id)
		if err != nil || v.Owner.Name != "Paper team" || v.State != request.Accepted {
			t.Fatalf("with %+v, %s, %v", v.Owner, v.State, err)
		}
		if e := v.History[0]; e.What != "handed back to the Paper team" || !strings.Contains(e.Note, "Dr Gill Pea is away until tomorrow") || e.Role != care.RoleSystem {
			t.Errorf("the history says %+v", e)
		}
		if n := len(v.History); n != 3 {
			t.Errorf("%d decisions, not 3", n)
		}
	}
	if v, _ = h.Load(ctx, ods, letter.ID); !v.AnswerBy.Equal(by) {
		t.Errorf("its clock moved from %v to %v", by, v.AnswerBy)
	}
	// What is given to them knowingly after that stays, and the alarm rings.
	h.do(t, navigator, letter.ID, "", request.Assign{To: gp})
	h.handBack(t)
	if v, _ = h.Load(ctx, ods, letter.ID); v.Owner != gp {
		t.Errorf("taken from them again: %+v", v.Owner)
	}
	// A kind that a team looks after goes past it in an emergency.
	c := ask()
	c.Kind, c.What = request.Admin, "A letter. I have crushing chest pain and I am sweating"
	r := h.receive(t, c, "k3")
	if v, _ = h.Load(ctx, ods, r.ID); v.Urgency != request.Stat || v.Owner.Ref != care.Triage {
		t.Errorf("%v with %+v", v.Urgency, v.Owner)
	}
}

// Leave that the rota keeps counts too.
func TestHandBackByRota(t *testing.T) {
	h := open(t)
	h.set("2026-11-23 10:00")
	h.put(t, `{"resourceType":"Practitioner","id":"gp","active":true,"name":[{"text":"Dr Gill Pea"}]}`)
	r := h.receive(t, ask(), "k")
	h.do(t, navigator, r.ID, "", request.Start{To: request.Owner{Ref: "Practitioner/gp"}})
	h.handBack(t, team.Absence{Who: "Practitioner/gp", From: "2026-11-20", To: "2026-11-23", Rota: true})
	if v, err := h.Load(ctx, ods, r.ID); err != nil || v.Owner.Ref != care.Triage {
		t.Errorf("with %+v, %v", v.Owner, err)
	}
}
