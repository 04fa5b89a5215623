package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/bench"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

type benchCmd struct {
	Base     string        `placeholder:"URL" help:"Measure this FHIR base instead of a server of our own. It will be written to."`
	Token    string        `placeholder:"TOKEN" env:"HEARTWOOD_TOKEN" help:"Bearer token for --base."`
	Clients  int           `default:"16" help:"How many clients at once."`
	Duration time.Duration `default:"5s" help:"How long each measurement takes."`
	JSON     string        `type:"path" placeholder:"FILE" help:"Also write the figures here as JSON."`
}

// benchPractice is in the range that no real practice has.
const benchPractice = ident.ODS("Z99999")

// Run measures a server of our own in another process, with its data in a
// temporary folder, or the base it is given.
func (c benchCmd) Run(ctx context.Context, s streams) (err error) {
	conf := bench.Config{Base: c.Base, Token: c.Token, Clients: c.Clients, Duration: c.Duration}
	if c.Base == "" {
		dir, err := os.MkdirTemp("", "heartwood-bench-")
		if err != nil {
			return fault.Wrap(err, fault.Internal, "There is no room for the benchmark's data.")
		}
		defer func() { _ = os.RemoveAll(dir) }()
		stop, origin, pid, err := startServer(ctx, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer stop()
		k, err := access.OpenKeys(filepath.Join(dir, "keys"), nil)
		if err != nil {
			return err
		}
		if conf.Token, err = k.Mint(benchPractice, "system/*.cruds", time.Hour, "bench"); err != nil {
			return err
		}
		conf.Base, conf.PID = origin+"/fhir/"+string(benchPractice), pid
	}
	res, err := bench.Run(ctx, conf, s.out)
	if err != nil || c.JSON == "" {
		return err
	}
	b, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.JSON, append(b, '\n'), 0o600)
}

// startServer runs this binary as a server and waits until it is ready.
func startServer(ctx context.Context, args ...string) (stop func(), origin string, pid int, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", 0, fault.Wrap(err, fault.Internal, "The program cannot find itself.")
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // ourselves
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, "", 0, fault.Wrap(err, fault.Internal, "The server to measure cannot be started.")
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	origin, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		stop()
		return nil, "", 0, fault.Wrap(fmt.Errorf("it said %q: %w", line, err), fault.Internal, "The server to measure did not start.")
	}
	return stop, origin, cmd.Process.Pid, nil
}
