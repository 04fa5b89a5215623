package worktime_test

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/worktime"
	"heartwood/internal/fault"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

func TestSetting(t *testing.T) {
	ctx := context.Background()
	p := memory.Practice(t, "Z99901", nil)
	by := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	s, err := worktime.Load(ctx, p)
	if err != nil || s.Of("triage") != 4*time.Minute || s.Of("juggling") != 0 || s.Check() != nil {
		t.Fatalf("the defaults: %+v, %v", s, err)
	}
	s.Items[1].Minutes, s.Items[1].Source = 7, "a stopwatch in October"
	if err := worktime.Save(ctx, p, by, s); err != nil {
		t.Fatal(err)
	}
	got, err := worktime.Load(ctx, p)
	if err != nil || got.Of("triage") != 7*time.Minute || got.Items[1].Source != "a stopwatch in October" || got.Of("result") != 2*time.Minute || got.Version == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := worktime.Save(ctx, p, by, s); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody else's change was overwritten: %v", err)
	}
	for where, spoil := range map[string]func(*worktime.Item){
		"taking":        func(i *worktime.Item) { i.Minutes = -1 },
		"taking-source": func(i *worktime.Item) { i.Source = "" },
	} {
		bad := worktime.Setting{Items: worktime.Defaults()}
		spoil(&bad.Items[0])
		if f := care.Fields(bad.Check()); len(f) != 1 || f[0].Where != where {
			t.Errorf("%s: %v", where, f)
		}
	}
}
