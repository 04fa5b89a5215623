package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/app"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

type verifyCmd struct{ place }

// Run verifies a closed store whole, and a running server's chains and bodies.
func (c verifyCmd) Run(ctx context.Context, s streams) error {
	if run, ok := app.Running(ctx, c.Data); ok {
		p, err := run.Verify(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "sound: %d entries and %d bodies of %s (indexes not compared: the server is running)\n", p.Entries, p.Bodies, practices(p.Practices))
		return nil
	}
	log, err := c.log(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	p, err := record.Verify(ctx, log, counter(s.err, "entries read"))
	if err != nil {
		return damaged(err)
	}
	store, err := record.Open(ctx, record.Config{Log: log, Dir: filepath.Join(c.Data, "index")})
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := record.VerifyIndexes(ctx, store); err != nil {
		return damaged(err)
	}
	fmt.Fprintf(s.out, "sound: %d entries, %d bodies and the indexes of %s\n", p.Entries, p.Bodies, practices(p.Practices))
	return nil
}

func practices(n int) string {
	if n == 1 {
		return "1 practice"
	}
	return fmt.Sprintf("%d practices", n)
}

// damaged makes damage a sentence to print.
func damaged(err error) error {
	var d *record.Damage
	if errors.As(err, &d) {
		return fault.New(fault.Refused, "NOT SOUND: %s", d.Error())
	}
	return err
}

// counter says every few seconds how far a long job has come.
func counter(w io.Writer, what string) func(uint64) {
	last := time.Now()
	return func(n uint64) {
		if time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(w, "%d %s\n", n, what)
		}
	}
}

type backupCmd struct {
	place
	File string `arg:"" type:"path" help:"The backup to write; it must not be there yet."`
}

// Run writes the backup beside its name first, so that half a one is never
// mistaken for a whole one.
func (c backupCmd) Run(ctx context.Context, s streams) (err error) {
	if _, err := os.Stat(c.File); err == nil {
		return fault.New(fault.Refused, "%s is there already.", c.File)
	}
	part := c.File + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The backup cannot be written there.")
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	err = c.write(ctx, f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, c.File); err != nil {
		return fault.Wrap(err, fault.Internal, "The backup cannot be given its name.")
	}
	fmt.Fprintln(s.out, "backed up to", c.File)
	return nil
}

func (c backupCmd) write(ctx context.Context, w io.Writer) error {
	if run, ok := app.Running(ctx, c.Data); ok {
		return run.Backup(ctx, w)
	}
	log, err := c.log(ctx)
	if err != nil {
		return err
	}
	_, err = record.Backup(ctx, log, w)
	return errors.Join(err, log.Close())
}

type restoreCmd struct {
	place
	File string `arg:"" type:"existingfile" help:"The backup."`
}

// Run restores into a log that must be empty, and proves it.
func (c restoreCmd) Run(ctx context.Context, s streams) (err error) {
	if _, err := os.Stat(filepath.Join(c.Data, "log")); err == nil && c.Database == "" {
		return fault.New(fault.Refused, "There is a record in %s already: restore into an empty folder.", c.Data)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The backup cannot be read.")
	}
	defer func() { _ = f.Close() }()
	log, err := app.OpenLog(ctx, c.Data, c.Database, nil)
	if err != nil {
		return err
	}
	n, err := record.Restore(ctx, log, f)
	if err = errors.Join(err, log.Close()); err != nil {
		if c.Database == "" {
			_ = os.RemoveAll(filepath.Join(c.Data, "log"))
		}
		return damaged(err)
	}
	fmt.Fprintf(s.out, "restored %d entries\n", n)
	return nil
}

type accountCmd struct {
	place
	Practice ident.ODS `required:"" placeholder:"ODS" help:"The practice."`
	Name     string    `required:"" help:"The person's name."`
	Email    string    `required:"" help:"Their e-mail address."`
	Role     string    `default:"manager" enum:"manager,clinician,navigator,commissioner" help:"manager, clinician, navigator or commissioner."`
	Origin   string    `required:"" placeholder:"URL" help:"What people type to come here, such as https://care.example."`
}

// Run makes an account and prints the link with which its owner sets a
// password and a second factor, or a passkey.
func (c accountCmd) Run(ctx context.Context, s streams) (err error) {
	conf := c.config()
	conf.Origin = c.Origin
	a, err := app.Open(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	acc, err := a.Accounts.Add(ctx, record.System, access.Account{Practice: c.Practice, Name: c.Name, Email: c.Email, Role: access.Role(c.Role)})
	if err != nil {
		return err
	}
	link, err := a.Accounts.Invite(ctx, record.System, c.Practice, acc.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, link)
	return nil
}
