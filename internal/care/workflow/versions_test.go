package workflow_test

import (
	"strings"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/workflow"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
)

// Each version that was saved can be seen as it was, and what it changed.
func TestVersions(t *testing.T) {
	hazard.Covers(t, "H-041")
	_, _, p := open(t)
	id, err := workflow.Save(ctx, p, boss, registration(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d, err := workflow.Load(ctx, p, id)
		if err != nil {
			t.Fatal(err)
		}
		d.Steps[0].Days++
		if _, err := workflow.Save(ctx, p, boss, d, ""); err != nil {
			t.Fatal(err)
		}
	}
	all, err := workflow.Versions(ctx, p, id)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	for i, k := range all {
		if k.Number != 3-i || k.Steps[0].Days != 3-i || k.By != boss.Ref || k.From.IsZero() {
			t.Errorf("%+v", k)
		}
	}
	for _, gone := range []string{"nothing", "not/an/id"} {
		if _, err := workflow.Versions(ctx, p, gone); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", gone, err)
		}
	}
}

func TestDiffer(t *testing.T) {
	name := func(ref string) string { return strings.TrimPrefix(ref, "CareTeam/") }
	for want, change := range map[string]func(*workflow.Definition){
		"": func(*workflow.Definition) {},
		"Called “New registration” before, now “Newcomers”":      func(d *workflow.Definition) { d.Title = "Newcomers" },
		"Begun by hand before, now when a patient is registered": func(d *workflow.Definition) { d.Trigger = workflow.Registered },
		"Not used any more":                                                                     func(d *workflow.Definition) { d.Retired = true },
		"Taken away: “New patient check”":                                                       func(d *workflow.Definition) { d.Steps = d.Steps[:2] },
		"“Check who they are” stands further down than before":                                  func(d *workflow.Definition) { d.Steps[0], d.Steps[1] = d.Steps[1], d.Steps[0] },
		"“Check who they are”: done by triage before, now nurses":                               func(d *workflow.Definition) { d.Steps[0].Owner = "CareTeam/nurses" },
		"“Check who they are”: may take 1 working day before, now 3 working days":               func(d *workflow.Definition) { d.Steps[0].Days = 3 },
		"“Look who they are”: called “Check who they are” before":                               func(d *workflow.Definition) { d.Steps[0].Title = "Look who they are" },
		"“Check who they are”: what to do was “”, now “Two documents”":                          func(d *workflow.Definition) { d.Steps[0].What = "Two documents" },
		"“New patient check”: once overdue with nobody else before, now triage":                 func(d *workflow.Definition) { d.Steps[2].Escalate = care.Triage },
		"“Summarise the notes”: begins when “Check who they are” has ended before, now at once": func(d *workflow.Definition) { d.Steps[1].After = "" },
		"New: “Ring them”, by triage, in 2 working days": func(d *workflow.Definition) {
			d.Steps = append(d.Steps, workflow.Step{ID: "s4", Title: "Ring them", Owner: care.Triage, Days: 2})
		},
	} {
		now := registration()
		change(&now)
		if got := strings.Join(workflow.Differ(registration(), now, name), "; "); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
