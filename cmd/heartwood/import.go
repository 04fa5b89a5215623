package main

import (
	"context"
	"errors"
	"os"

	"heartwood/internal/app"
	"heartwood/internal/care/request"
	"heartwood/internal/door/load"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

type importCmd struct {
	Data     string    `type:"path" placeholder:"DIR" help:"The installation's data folder, while no server uses it."`
	Database string    `placeholder:"URL" help:"The database that keeps the record instead of the folder."`
	Practice ident.ODS `placeholder:"ODS" help:"The practice whose record it goes into (with --data)."`
	Base     string    `placeholder:"URL" help:"The FHIR base of a running server: https://care.example/fhir/A12345."`
	Token    string    `placeholder:"TOKEN" env:"HEARTWOOD_TOKEN" help:"Bearer token for --base."`
	loadFlags
}

type loadFlags struct {
	Refused string   `type:"path" placeholder:"FILE" help:"Write every refusal here, one JSON object a line."`
	Paths   []string `arg:"" type:"existingpath" name:"path" help:"Files and folders: Bundles, resources, NDJSON, ODS files; plain, .gz, .zst, .tar, .zip."`
}

// Run imports into a closed store, or through a running server.
func (c importCmd) Run(ctx context.Context, s streams) (err error) {
	switch {
	case c.Base != "" && c.Data != "":
		return fault.New(fault.Invalid, "Give either --data or --base, not both.")
	case c.Base != "":
		return loadInto(ctx, &load.HTTPSink{Base: c.Base, Token: c.Token}, c.loadFlags, s)
	case c.Data == "" || c.Practice == "":
		return fault.New(fault.Invalid, "Give --data DIR and --practice ODS, or --base URL and --token TOKEN.")
	}
	if _, ok := app.Running(ctx, c.Data); ok {
		return fault.New(fault.Busy, "A server is running on %s. Import through it with --base and --token, or stop it first.", c.Data)
	}
	a, err := app.Open(ctx, app.Config{Data: c.Data, Database: c.Database, Version: version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return importInto(ctx, a, c.Practice, c.loadFlags, s)
}

func importInto(ctx context.Context, a *app.App, ods ident.ODS, f loadFlags, s streams) error {
	p, err := a.Store.Practice(ods)
	if err != nil {
		return err
	}
	return loadInto(ctx, load.StoreSink{
		Practice: p, Author: record.Author{Ref: "Device/import", Role: "program"}, Guard: request.Guarded,
	}, f, s)
}

func loadInto(ctx context.Context, sink load.Sink, f loadFlags, s streams) (err error) {
	c := load.Config{Sink: sink, Paths: f.Paths, Progress: s.err}
	if f.Refused != "" {
		w, err := os.OpenFile(f.Refused, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "The file for refusals cannot be written.")
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		c.Refused = w
	}
	sum, err := load.Run(ctx, c)
	if err != nil {
		return err
	}
	if err := sum.Print(s.out); err != nil {
		return err
	}
	if sum.Faults > 0 {
		return fault.New(fault.Refused, "Not everything went in: %d refused.", sum.Faults)
	}
	return nil
}
