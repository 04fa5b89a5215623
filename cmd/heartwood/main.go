// Command heartwood runs general practice: one binary serves the pages and the
// FHIR API of one practice or many, and does the chores of its record.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"heartwood/internal/app"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// version is set when the binary is built.
var version = "dev"

type cli struct {
	Demo        demoCmd        `cmd:"" help:"Run an invented network of practices, to try everything."`
	Serve       serveCmd       `cmd:"" help:"Serve the practices in a data folder or a database."`
	Import      importCmd      `cmd:"" help:"Load FHIR resources or NHS organisation files into a practice's record."`
	Verify      verifyCmd      `cmd:"" help:"Prove the record's chains, bodies and indexes; name the first thing that is wrong."`
	Backup      backupCmd      `cmd:"" help:"Write a backup of everything, while the server runs or not."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup into an empty data folder or database."`
	Reconcile   reconcileCmd   `cmd:"" help:"Prove that no request was lost: in = answered + open."`
	Return      returnCmd      `cmd:"" help:"Make a national return: weekly or monthly, checked against the ledger."`
	Deprivation deprivationCmd `cmd:"" help:"Write into patients' records the tenth of deprivation they live in, from national tables."`
	Account     accountCmd     `cmd:"" help:"Make a staff account and print its invitation link."`
	Token       tokenCmd       `cmd:"" help:"Mint a bearer token for a program, or withdraw one."`
	Bench       benchCmd       `cmd:"" help:"Measure this machine: creates, reads, searches and imports a second."`
	Surge       surgeCmd       `cmd:"" help:"Send a Monday morning at a demonstration: forms, callers and busy navigators."`
	Triage      triageCmd      `cmd:"" help:"Check, test, list and measure the red-flag rules."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// place says where an installation is kept.
type place struct {
	Data     string `required:"" type:"path" placeholder:"DIR" help:"The folder of everything that is kept."`
	Database string `placeholder:"URL" help:"A PostgreSQL-compatible database that keeps the record instead of the folder. Its password belongs in a password file (PGPASSFILE)."`
}

func (p place) config() app.Config {
	return app.Config{Data: p.Data, Database: p.Database, Version: version}
}

// there refuses a folder without a record: a chore that was given the wrong
// folder must not make a new one there and find nothing wrong with it.
func (p place) there() error {
	if p.Database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(p.Data, "log")); err != nil {
		return fault.New(fault.NotFound, "There is no record in %s.", p.Data)
	}
	return nil
}

// opened opens a record that is there and calls f, if it has the practice.
func (p place) opened(ctx context.Context, practice ident.ODS, f func(*app.App) error) (err error) {
	if err := p.there(); err != nil {
		return err
	}
	a, err := app.Open(ctx, p.config())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	all, err := a.Store.Practices(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(all, practice) {
		return fault.New(fault.NotFound, "There is no record of %s here.", practice)
	}
	return f(a)
}

// log opens the log of a record that is there.
func (p place) log(ctx context.Context) (record.Log, error) {
	if err := p.there(); err != nil {
		return nil, err
	}
	return app.OpenLog(ctx, p.Data, p.Database, nil)
}

// streams are where a command reads and writes.
type streams struct {
	out, err io.Writer
}

func main() { os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr})) }

// run is the whole program: it returns the exit status.
func run(args []string, s streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status := -1
	k, err := kong.New(&cli{},
		kong.Name("heartwood"),
		kong.Description("General practice that never closes its door and never loses a request."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(n int) { status = n }),
		kong.TypeMapper(odsType, kong.MapperFunc(decodeODS)),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(s.err, err)
		return 1
	}
	c, err := k.Parse(args)
	if status >= 0 {
		return status // --help
	}
	if err != nil {
		fmt.Fprintln(s.err, "heartwood:", err)
		return 2
	}
	if err := c.Run(); err != nil {
		return report(err, s)
	}
	return 0
}

// report prints a fault's sentence; the cause goes to the log.
func report(err error, s streams) int {
	var status exitStatus
	if errors.As(err, &status) {
		return int(status)
	}
	f := fault.From(err)
	fmt.Fprintln(s.err, "heartwood:", f.Message)
	if f.Cause != nil {
		slog.Error("heartwood", "cause", f.Cause)
	}
	return 1
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s streams) error {
	fmt.Fprintln(s.out, "heartwood", version)
	return nil
}

// decodeODS lets flags hold ODS codes.
func decodeODS(ctx *kong.DecodeContext, target reflectValue) error {
	var s string
	if err := ctx.Scan.PopValueInto("ODS code", &s); err != nil {
		return err
	}
	ods, err := ident.ParseODS(s)
	if err != nil {
		return fmt.Errorf("%s", fault.From(err).Message)
	}
	target.SetString(string(ods))
	return nil
}
