package escalate_test

import (
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/opening"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
)

func TestMany(t *testing.T) {
	for _, c := range []struct {
		open, short int
		want        bool
	}{{10, 4, false}, {10, 5, true}, {50, 5, true}, {51, 5, false}, {200, 19, false}, {200, 20, true}, {0, 0, false}} {
		if got := (escalate.Risk{Open: c.open, Short: c.short}).Many(); got != c.want {
			t.Errorf("%d of %d: %v", c.short, c.open, got)
		}
	}
}

// Before many clocks run out the manager is warned: once a core-hours period,
// until somebody has taken it, and again in the next.
func TestManyAtRisk(t *testing.T) {
	hazard.Covers(t, "H-019")
	h := open(t)
	warn := func(short int) []escalate.Alarm {
		t.Helper()
		must(t, escalate.Warn(ctx, h.p, opening.Core(), escalate.Risk{Open: 20, Short: short, First: at("2026-11-23 18:30")}))
		return h.alarms(t)
	}
	if all := warn(4); len(all) != 0 {
		t.Fatalf("a few are at risk: %+v", all)
	}
	for short := 8; short < 12; short++ { // it grows: the same alarm
		if all := warn(short); len(all) != 1 || all[0].Kind != escalate.AtRisk || !strings.Contains(all[0].About, "8 of 20") || !strings.Contains(all[0].About, "6:30pm today") {
			t.Fatalf("%+v", all)
		}
	}
	h.pass(6 * time.Minute)
	h.round(t)
	if got := strings.Join(h.told(t), " "); got != "Practitioner/boss" {
		t.Errorf("told: %s", got)
	}
	warn(3) // fewer: it rings on until somebody has looked
	if all := h.alarms(t); len(all) != 1 || !all[0].Rings() {
		t.Fatalf("%+v", all)
	}
	boss := record.Author{Ref: "Practitioner/boss", Role: care.RoleManager}
	must(t, escalate.Take(ctx, h.p, boss, "Boss", h.alarms(t)[0].ID))
	h.pass(time.Hour)
	warn(12)
	h.round(t)
	if all := h.alarms(t); len(all) != 1 || all[0].Rings() || len(h.told(t)) != 1 {
		t.Errorf("it rings twice in a period: %+v", all)
	}
	h.set("2026-11-24 09:00")
	if all := warn(12); len(all) != 1 || !all[0].Rings() {
		t.Errorf("the next day: %+v", all)
	}
	h.set("2026-11-25 09:00")
	if all := warn(0); len(all) != 0 {
		t.Errorf("what is over rings on: %+v", all)
	}
}

// A rule that does not work rings at the managers until one takes it, again
// when another breaks, and no more when all are set right.
func TestABrokenRuleRings(t *testing.T) {
	hazard.Covers(t, "H-039")
	h := open(t)
	must(t, escalate.WarnOfRules(ctx, h.p, ""))
	if all := h.alarms(t); len(all) != 0 {
		t.Fatalf("nothing is wrong: %+v", all)
	}
	for range 3 {
		must(t, escalate.WarnOfRules(ctx, h.p, "LR-001 is not in force."))
	}
	h.pass(6 * time.Minute)
	h.round(t)
	all := h.alarms(t)
	if len(all) != 1 || all[0].Kind != escalate.Ruleless || !all[0].Rings() || strings.Join(h.told(t), " ") != "Practitioner/boss" {
		t.Fatalf("%+v, told %v", all, h.told(t))
	}
	boss := record.Author{Ref: "Practitioner/boss", Role: care.RoleManager}
	must(t, escalate.Take(ctx, h.p, boss, "Boss", all[0].ID))
	must(t, escalate.WarnOfRules(ctx, h.p, "LR-001 is not in force."))
	if all = h.alarms(t); len(all) != 1 || all[0].Rings() {
		t.Errorf("it rings when it has been taken: %+v", all)
	}
	must(t, escalate.WarnOfRules(ctx, h.p, "LR-001, LR-002 are not in force."))
	if all = h.alarms(t); len(all) != 1 || !all[0].Rings() {
		t.Errorf("another broke and nothing rings: %+v", all)
	}
	must(t, escalate.WarnOfRules(ctx, h.p, ""))
	if all = h.alarms(t); len(all) != 0 {
		t.Errorf("all is right and it rings: %+v", all)
	}
}
