package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"heartwood/internal/app"
	"heartwood/internal/care/reconcile"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type reconcileCmd struct {
	place
	Practice ident.ODS `required:"" placeholder:"ODS" help:"The practice."`
	From     string    `placeholder:"DATE" help:"First day, 2026-11-22; the beginning when left out."`
	JSON     bool      `help:"Print the whole report as JSON."`
	To       string    `placeholder:"DATE" help:"Last day; today when left out."`
}

// Run prints the report, and fails when something is unaccounted for.
func (c reconcileCmd) Run(ctx context.Context, s streams) (err error) {
	from, to, err := c.span()
	if err != nil {
		return err
	}
	rep, err := c.report(ctx, from, to)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		err = e.Encode(rep)
	} else {
		err = printReport(rep, s)
	}
	if err != nil {
		return err
	}
	if !rep.Balanced() {
		return fault.New(fault.Refused, "NOT BALANCED: %d differences.", len(rep.Differences))
	}
	if !c.JSON {
		fmt.Fprintln(s.out, "balanced: in = answered + open")
	}
	return nil
}

func (c reconcileCmd) span() (from, to time.Time, err error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return from, to, fault.Wrap(err, fault.Internal, "The time zone of London is missing.")
	}
	to = time.Now().Add(time.Minute)
	if c.From != "" {
		if from, err = time.ParseInLocation(time.DateOnly, c.From, london); err != nil {
			return from, to, fault.At(fault.Invalid, "from", "--from is not a date like 2026-11-22.")
		}
	}
	if c.To != "" {
		if to, err = time.ParseInLocation(time.DateOnly, c.To, london); err != nil {
			return from, to, fault.At(fault.Invalid, "to", "--to is not a date like 2026-11-22.")
		}
		to = to.AddDate(0, 0, 1)
	}
	return from, to, nil
}

func (c reconcileCmd) report(ctx context.Context, from, to time.Time) (rep reconcile.Report, err error) {
	if run, ok := app.Running(ctx, c.Data); ok {
		return run.Reconcile(ctx, c.Practice, from, to)
	}
	err = c.opened(ctx, c.Practice, func(a *app.App) (err error) {
		rep, err = reconcile.New(a.Store).Run(ctx, c.Practice, from, to)
		return err
	})
	return rep, err
}

func printReport(rep reconcile.Report, s streams) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "channel\tdoor\tin\tsplit\tanswered\topen\ttold\t")
	for _, r := range append(rep.Channels, rep.Total) {
		name := r.Channel
		if name == "" {
			name = "all"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, r.Door, r.In, r.Split, r.Answered, r.Open, r.Told)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range rep.Differences {
		fmt.Fprintf(s.out, "%s %s %s (%s): %s\n", d.Reference, d.Request, d.Response, d.Channel, d.What)
	}
	return nil
}
