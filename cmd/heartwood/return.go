package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"heartwood/internal/record"

	"heartwood/internal/app"
	"heartwood/internal/assure/returns"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type returnCmd struct {
	place
	Kind     string    `arg:"" enum:"weekly,monthly,calls" help:"weekly: online and video consultations. monthly: online requests and appointments. calls: telephone calls of a month."`
	Practice ident.ODS `required:"" placeholder:"ODS" help:"The practice."`
	Period   string    `placeholder:"DATE" help:"A day of the week, 2026-11-16, or a month, 2026-10; the last that has ended when left out."`
	Out      string    `type:"path" default:"." placeholder:"DIR" help:"The folder to write the files to."`
}

// Run makes a return, records that it was produced, writes its files and says
// whether it agrees with the ledger. It sends nothing.
func (c returnCmd) Run(ctx context.Context, s streams) error {
	r, err := c.make(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return fault.Wrap(err, fault.Invalid, "The folder %s cannot be made.", c.Out)
	}
	for _, f := range r.Files {
		if err := os.WriteFile(filepath.Join(c.Out, filepath.Base(f.Name)), f.Body, 0o600); err != nil {
			return fault.Wrap(err, fault.Internal, "The file %s cannot be written.", f.Name)
		}
		fmt.Fprintf(s.out, "%s: %d rows\n", f.Name, f.Rows)
	}
	for _, k := range r.Checks {
		verdict := "agree"
		if !k.Holds() {
			verdict = "DIFFER"
		}
		fmt.Fprintf(s.out, "%s: %d; %s: %d: %s\n", k.What, k.Return, k.Against, k.Other, verdict)
		if !k.Holds() {
			for _, n := range k.Named {
				fmt.Fprintln(s.out, "  "+n)
			}
		}
	}
	if !r.Balanced() {
		return fault.New(fault.Refused, "The return does not agree with the ledger. Find out why before you submit it.")
	}
	return nil
}

func (c returnCmd) make(ctx context.Context) (r returns.Return, err error) {
	kind := returns.Kind(c.Kind)
	if run, ok := app.Running(ctx, c.Data); ok {
		return run.Return(ctx, c.Practice, kind, c.Period)
	}
	err = c.opened(ctx, c.Practice, func(a *app.App) (err error) {
		r, err = a.Return(ctx, record.System, c.Practice, kind, c.Period)
		return err
	})
	return r, err
}
