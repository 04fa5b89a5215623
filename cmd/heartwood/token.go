package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/ident"
)

type tokenCmd struct {
	Data     string        `required:"" type:"path" placeholder:"DIR" help:"The installation's data folder; its server may be running."`
	Practice ident.ODS     `placeholder:"ODS" help:"The practice that the token is for."`
	Scope    string        `placeholder:"SCOPE" help:"What it may do, as SMART scopes: \"system/*.cruds\"."`
	For      time.Duration `default:"24h" help:"How long it works."`
	Name     string        `default:"script" help:"What it is for; the access log shows it."`
	Revoke   string        `placeholder:"TOKEN" help:"Withdraw this token for good, instead of minting one."`
}

// Validate asks for what minting needs, and for nothing else when a token is
// withdrawn.
func (c tokenCmd) Validate() error {
	if c.Revoke != "" {
		if c.Practice != "" || c.Scope != "" {
			return errors.New("--revoke goes without --practice and --scope: a token says these itself")
		}
		return nil
	}
	var missing []string
	if c.Practice == "" {
		missing = append(missing, "--practice=ODS")
	}
	if c.Scope == "" {
		missing = append(missing, "--scope=SCOPE")
	}
	if len(missing) > 0 {
		return errors.New("missing flags: " + strings.Join(missing, ", "))
	}
	return nil
}

// Run mints or withdraws a token.
func (c tokenCmd) Run(s streams) error {
	k, err := access.OpenKeys(filepath.Join(c.Data, "keys"), nil)
	if err != nil {
		return err
	}
	if c.Revoke != "" {
		if err := k.Revoke(strings.TrimSpace(c.Revoke)); err != nil {
			return err
		}
		fmt.Fprintln(s.out, "withdrawn: it no longer works")
		return nil
	}
	t, err := k.Mint(c.Practice, c.Scope, c.For, c.Name)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, t)
	return nil
}
