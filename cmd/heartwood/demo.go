package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/app"
	"heartwood/internal/demo"
	"heartwood/internal/fault"
)

type demoCmd struct {
	Listen    string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Where to listen."`
	Data      string   `type:"path" placeholder:"DIR" help:"Keep the demonstration here and go on with it next time; without it, it is gone at the end."`
	Patients  int      `default:"1500" help:"Patients of each practice."`
	Practices int      `default:"3" help:"Practices of the network, at most 99."`
	Seed      int64    `default:"1" help:"The same seed makes the same people."`
	Import    []string `type:"existingpath" placeholder:"PATH" help:"Also load these files into the first practice."`
}

// demoTokenFor is how long the printed bearer tokens work.
const demoTokenFor = 30 * 24 * time.Hour

// Run makes the network where it is not there yet, and serves it.
func (c demoCmd) Run(ctx context.Context, s streams) (err error) {
	l, err := listen(ctx, c.Listen, "", "")
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	n, err := demo.New(demo.Config{Seed: c.Seed, Practices: c.Practices, Patients: c.Patients, Today: time.Now()})
	if err != nil {
		return err
	}
	if c.Data == "" {
		if c.Data, err = os.MkdirTemp("", "heartwood-demo-"); err != nil {
			return fault.Wrap(err, fault.Internal, "There is no room for the demonstration's data.")
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	}
	a, err := app.Open(ctx, app.Config{Data: c.Data, Origin: originOf(l, c.Listen, false), Demo: true, Version: version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := c.fill(ctx, a, n, s); err != nil {
		return err
	}
	var numbers []string
	for _, p := range n.Practices() {
		numbers = append(numbers, p.Phone)
	}
	if err := a.DemoPhone(numbers); err != nil {
		return err
	}
	ready(s, a.Origin)
	if err := c.table(a, n, s); err != nil {
		return err
	}
	return a.Serve(ctx, l)
}

// ready prints the one line that scripts wait for.
func ready(s streams, origin string) { fmt.Fprintln(s.out, "ready", origin) }

func (c demoCmd) fill(ctx context.Context, a *app.App, n *demo.Network, s streams) error {
	last := time.Now()
	err := a.SeedDemo(ctx, n, func(stored int64) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Fprintf(s.err, "making the practices: %d resources\n", stored)
		}
	})
	if err != nil || len(c.Import) == 0 {
		return err
	}
	return importInto(ctx, a, n.Practices()[0].ODS, loadFlags{Paths: c.Import}, s)
}

// table prints who can sign in, and a bearer token for each practice.
func (c demoCmd) table(a *app.App, n *demo.Network, s streams) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nSign in with one click at %s/demo as:\n\n", a.Origin)
	for _, p := range n.Practices() {
		fmt.Fprintf(w, "%s\t%s, telephone %s\n", p.ODS, p.Name, p.Phone)
		for _, one := range p.Staff() {
			fmt.Fprintf(w, "\t%s\t%s (%s)\n", one.Name, one.Role, one.Job)
		}
		for _, one := range p.SamplePatients() {
			fmt.Fprintf(w, "\t%s\tpatient: %s\n", one.Name, one.Why)
		}
		fmt.Fprintln(w)
	}
	if at := a.Telephone(); at != "" {
		fmt.Fprintf(w, "SIP %s\tthe telephones of the practices, for calls from this machine\n\n", at)
	}
	board := n.Commissioner()
	fmt.Fprintf(w, "%s\t%s\n\t%s\t%s\n\n", demo.ICB, demo.ICBName, board.Name, access.Commissioner)
	for _, p := range n.Practices() {
		token, err := a.Keys.Mint(p.ODS, "system/*.cruds", demoTokenFor, "demonstration")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "FHIR %s/fhir/%s\tBearer %s\n", a.Origin, p.ODS, token)
	}
	return w.Flush()
}
