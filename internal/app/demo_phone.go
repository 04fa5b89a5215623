package app

import (
	"context"
	"slices"

	"heartwood/internal/care/callflow"
	"heartwood/internal/demo"
	"heartwood/internal/record"
)

// seedPhone gives a practice of the demonstration its telephone number, if its
// plan of calls has not been touched yet.
func seedPhone(ctx context.Context, p *record.Practice, one demo.Practice) error {
	plan, err := callflow.Load(ctx, p)
	if err != nil || plan.Version != "" {
		return err
	}
	number, err := callflow.ParseNumber(one.Phone)
	if err != nil {
		return err
	}
	teams, err := callflow.Teams(ctx, p)
	if err != nil {
		return err
	}
	// A demonstration is answered at any hour: whoever tries it is awake.
	plan.Start = "welcome"
	plan.Nodes = slices.DeleteFunc(plan.Nodes, func(n callflow.Node) bool { return n.ID == "hours" || n.ID == "shut" })
	plan.Numbers = []callflow.Number{{E164: number, Label: "Main line"}}
	return callflow.Save(ctx, p, record.System, plan, callflow.World{Teams: teams})
}
