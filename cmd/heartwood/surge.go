package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"heartwood/internal/bench/surge"
	"heartwood/internal/demo"
	"heartwood/internal/fault"
)

type surgeCmd struct {
	Scale []string      `default:"practice,pcn,icb" enum:"practice,pcn,icb" help:"Whose Monday morning: a practice of 10,300 patients, a PCN of 50,000, an ICB of 2 million."`
	Times []float64     `default:"1,10,100" help:"How many times as busy as England on a Monday from 8 to 10."`
	For   time.Duration `default:"30s" help:"How long each surge takes; it passes through the two hours at their own rates."`
	Think time.Duration `default:"300ms" help:"How long people pause between pages, on average. Shorter is harder."`
	Staff int           `default:"2" help:"Navigators of each practice who watch the queue."`
	Seed  uint64        `default:"1" help:"The same seed makes the same people."`
	JSON  string        `type:"path" placeholder:"FILE" help:"Also write the figures here as JSON."`
}

// scales are the patients that are stood for, and the practices of the
// demonstration that stand for them.
var scales = map[string]struct{ patients, practices int }{
	"practice": {10_300, 1}, "pcn": {50_000, 5}, "icb": {2_000_000, 20},
}

// surgePatients is how many each practice of the demonstration has in its
// record; the rate at which people come is that of the scale.
const surgePatients = 300

// Run makes a demonstration in another process for each scale, and sends one
// surge after another at it.
func (c surgeCmd) Run(ctx context.Context, s streams) error {
	debug.SetGCPercent(1000) // the people share the machine with what they measure
	var all []surge.Result
	for _, scale := range c.Scale {
		got, err := c.at(ctx, scale, s)
		if err != nil {
			return err
		}
		all = append(all, got...)
	}
	if c.JSON == "" {
		return nil
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.JSON, append(b, '\n'), 0o600)
}

func (c surgeCmd) at(ctx context.Context, scale string, s streams) ([]surge.Result, error) {
	size := scales[scale]
	n, err := demo.New(demo.Config{Seed: 1, Practices: size.practices, Patients: surgePatients, Today: time.Now()})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "heartwood-surge-")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "There is no room for the surge's data.")
	}
	defer func() { _ = os.RemoveAll(dir) }()
	stop, origin, _, err := startServer(ctx, "demo", "--data", dir, "--listen", "127.0.0.1:0",
		"--practices", strconv.Itoa(size.practices), "--patients", strconv.Itoa(surgePatients))
	if err != nil {
		return nil, err
	}
	defer stop()
	conf := surge.Config{Base: origin, Patients: size.patients, For: c.For, Think: c.Think, Staff: c.Staff, Seed: c.Seed}
	for _, p := range n.Practices() {
		conf.Practices = append(conf.Practices, string(p.ODS))
	}
	var out []surge.Result
	for _, conf.Times = range c.Times {
		fmt.Fprintf(s.out, "%s: ", scale)
		r, err := surge.Run(ctx, conf)
		if err != nil {
			return out, err
		}
		r.Print(s.out)
		out = append(out, r)
	}
	return out, nil
}
