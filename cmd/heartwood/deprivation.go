package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"heartwood/internal/app"
	"heartwood/internal/care/deprivation"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

type deprivationCmd struct {
	place
	Practice  ident.ODS `required:"" placeholder:"ODS" help:"The practice."`
	Deciles   string    `arg:"" type:"existingfile" help:"CSV of small areas (LSOA 2021) and their tenths of the Index of Multiple Deprivation, plain or gzip."`
	Postcodes string    `arg:"" type:"existingfile" help:"CSV of postcodes and the small areas they lie in, such as the ONS Postcode Directory, plain or gzip."`
}

// Run writes into each patient's record the tenth of deprivation they live in.
// Both tables are read whole before anything is written.
func (c deprivationCmd) Run(ctx context.Context, s streams) error {
	if _, ok := app.Running(ctx, c.Data); ok {
		return fault.New(fault.Refused, "The server is running with this data folder. Stop it first: this reads every patient and takes a minute.")
	}
	var n deprivation.Counts
	err := c.opened(ctx, c.Practice, func(a *app.App) error {
		p, err := a.Store.Practice(c.Practice)
		if err == nil {
			n, err = c.apply(ctx, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d patients: %d written, %d had it already, %d have no postcode, %d have one that is not in the table, %d live where there is no tenth\n",
		n.Patients, n.Written, n.Same, n.NoPostcode, n.Unknown, n.NoTenth)
	return nil
}

func (c deprivationCmd) apply(ctx context.Context, p *record.Practice) (n deprivation.Counts, err error) {
	deciles, err := reading(c.Deciles, deprivation.Deciles)
	if err != nil {
		return n, err
	}
	wanted, err := deprivation.Postcodes(ctx, p)
	if err != nil {
		return n, err
	}
	table, err := reading(c.Postcodes, func(r io.Reader) (deprivation.Table, error) { return deprivation.Of(r, deciles, wanted) })
	if err != nil {
		return n, err
	}
	return deprivation.Apply(ctx, p, table)
}

// reading reads a file with a function.
func reading[T any](path string, read func(io.Reader) (T, error)) (out T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return out, fault.Wrap(err, fault.Invalid, "The file cannot be read.")
	}
	defer func() { _ = f.Close() }()
	return read(f)
}
