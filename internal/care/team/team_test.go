package team_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/care"
	"heartwood/internal/care/team"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/words"
)

var (
	ctx     = context.Background()
	manager = record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	monday  = time.Date(2026, 11, 23, 10, 0, 0, 0, words.London)
)

func practice(t *testing.T) *record.Practice {
	t.Helper()
	p := memory.Practice(t, "Z99901", func() time.Time { return monday })
	for _, body := range []string{
		`{"resourceType":"Practitioner","id":"gp","active":true,"name":[{"text":"Dr Gill Pea"}]}`,
		`{"resourceType":"Practitioner","id":"nav","active":true,"name":[{"text":"Nat Vigator"}]}`,
		`{"resourceType":"PractitionerRole","id":"gp-role","active":true,"practitioner":{"reference":"Practitioner/gp"},"code":[{"text":"GP"}]}`,
		`{"resourceType":"CareTeam","id":"triage","status":"active","name":"Triage team","participant":[{"member":{"reference":"Practitioner/nav"}}]}`,
		`{"resourceType":"CareTeam","id":"old","status":"inactive","name":"Old team"}`,
		`{"resourceType":"CareTeam","id":"gps","name":"GPs","language":"cy","extension":[{"url":"https://other.example/x","valueCode":"y"}],"participant":[{"member":{"reference":"Practitioner/gp"},"onBehalfOf":{"reference":"Organization/o"}},{"member":{"reference":"Organization/o"}}]}`,
	} {
		r, err := fhir.ParseResource([]byte(body))
		fatal(t, err)
		w, err := record.Prepare(r.Ref(), []byte(body))
		fatal(t, err)
		_, err = p.Commit(ctx, record.Change{Author: manager, Reason: "test", Writes: []record.Write{w}})
		fatal(t, err)
	}
	return p
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func house(t *testing.T, p *record.Practice) team.House {
	t.Helper()
	h, err := team.Load(ctx, p)
	fatal(t, err)
	return h
}

// A team keeps what another program put in it; a kind has one team.
func TestTeams(t *testing.T) {
	p := practice(t)
	h := house(t, p)
	if len(h.Teams) != 2 || h.Teams[0].Name != "GPs" || len(h.Teams[0].Members) != 1 {
		t.Fatalf("%+v", h.Teams)
	}
	gps := h.Teams[0]
	gps.Kinds, gps.Members = []string{"fit-note", "review"}, []string{"Practitioner/gp", "Practitioner/nav"}
	fatal(t, team.Save(ctx, p, manager, gps))
	if err := team.Save(ctx, p, manager, gps); !fault.Is(err, fault.Conflict) {
		t.Errorf("overwritten: %v", err)
	}
	v, err := p.Read(ctx, ident.Ref{Type: "CareTeam", ID: "gps"})
	fatal(t, err)
	res, err := v.Resource()
	fatal(t, err)
	if res.Get("language").Str() != "cy" || res.Get("participant").Len() != 3 || res.Get("extension").Len() != 3 ||
		res.Get("participant").First().Get("onBehalfOf", "reference").Str() != "Organization/o" {
		t.Errorf("what another program wrote is gone: %s", res.Root().Raw())
	}
	fatal(t, team.Save(ctx, p, manager, team.Team{Name: "Pharmacy", Members: []string{"Practitioner/nav"}, Kinds: []string{"medicine"}}))
	h = house(t, p)
	if got, ok := h.Of("medicine"); !ok || got.Name != "Pharmacy" {
		t.Errorf("%+v", h.Teams)
	}
	if _, ok := h.Of("admin"); ok {
		t.Error("a kind of nobody's has a team")
	}
	navigator := record.Author{Ref: "Practitioner/nav", Role: care.RoleNavigator}
	if err := team.Save(ctx, p, navigator, team.Team{Name: "Mine"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a navigator: %v", err)
	}
	for where, bad := range map[string]team.Team{
		"name":    {Name: "pharmacy"},
		"kinds":   {Name: "New", Members: []string{"Practitioner/gp"}, Kinds: []string{"medicine"}},
		"members": {Name: "New", Members: []string{"Practitioner/gone"}},
	} {
		if f := care.Fields(team.Save(ctx, p, manager, bad)); len(f) != 1 || f[0].Where != where {
			t.Errorf("%s: %v", where, f)
		}
	}
}

func TestAbsences(t *testing.T) {
	p := practice(t)
	a := team.Absence{Who: "Practitioner/gp", From: "2026-11-24", To: "2026-11-25", Why: "leave"}
	fatal(t, team.SaveAbsence(ctx, p, manager, a))
	fatal(t, team.SaveAbsence(ctx, p, manager, team.Absence{Who: "Practitioner/nav", From: "2026-11-23", To: "2026-11-23"})) // who has no role yet
	h := house(t, p)
	for at, want := range map[time.Time]bool{
		monday: false, time.Date(2026, 11, 24, 0, 0, 0, 0, words.London): true,
		time.Date(2026, 11, 25, 23, 59, 0, 0, words.London): true, time.Date(2026, 11, 26, 0, 0, 0, 0, words.London): false,
	} {
		if _, away := h.Away("Practitioner/gp", at); away != want {
			t.Errorf("%v: away is %v", at, away)
		}
	}
	if b, away := h.Away("Practitioner/nav", monday); !away || b.Name != "Nat Vigator" {
		t.Errorf("%+v", h.Absences)
	}
	for where, bad := range map[string]team.Absence{
		"who":  {Who: "Practitioner/gone", From: "2026-12-01", To: "2026-12-01"},
		"from": {Who: "Practitioner/gp", From: "2026-11-25", To: "2026-11-30"}, // twice away
		"to":   {Who: "Practitioner/gp", From: "2026-12-02", To: "2026-12-01"},
	} {
		if f := care.Fields(team.SaveAbsence(ctx, p, manager, bad)); len(f) != 1 || f[0].Where != where {
			t.Errorf("%s: %v", where, f)
		}
	}
	fatal(t, team.EndAbsence(ctx, p, manager, a))
	if err := team.EndAbsence(ctx, p, manager, a); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken back twice: %v", err)
	}
	if h = house(t, p); len(h.Absences) != 1 {
		t.Errorf("%+v", h.Absences)
	}
}

// Whoever is away, there is a team to have their work, one of theirs if they
// have any that is not the triage team.
func TestBack(t *testing.T) {
	refs := []string{care.Triage, "CareTeam/a", "CareTeam/b"}
	rapid.Check(t, func(t *rapid.T) {
		var h team.House
		theirs := map[string]bool{}
		for _, ref := range refs {
			if !rapid.Bool().Draw(t, "exists") {
				continue
			}
			one := team.Team{Ref: ref, Name: ref}
			if rapid.Bool().Draw(t, "in it") {
				one.Members, theirs[ref] = []string{"Practitioner/x"}, ref != care.Triage
			}
			if rapid.Bool().Draw(t, "owns") && len(one.Members) > 0 {
				one.Kinds = []string{ref + "-kind"}
			}
			h.Teams = append(h.Teams, one)
		}
		got := h.Back("Practitioner/x", "CareTeam/b-kind")
		any := theirs["CareTeam/a"] || theirs["CareTeam/b"]
		switch {
		case got.Ref == "", any && got.Ref == care.Triage, !any && got.Ref != care.Triage:
			t.Fatalf("%+v gives %+v", h, got)
		}
		if of, ok := h.Of("CareTeam/b-kind"); ok && got.Ref != of.Ref {
			t.Fatalf("the kind is of %s, given to %s", of.Ref, got.Ref)
		}
	})
}
