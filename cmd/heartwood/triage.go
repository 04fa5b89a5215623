package main

import (
	"encoding/json"
	"os"

	"heartwood/internal/care/triage/evaluate"
	"heartwood/internal/fault"
)

type triageCmd struct {
	Lint     triageLintCmd     `cmd:"" help:"Check rule files: name the file, the rule, the field and what is wrong."`
	Test     triageTestCmd     `cmd:"" help:"Try every rule's own examples."`
	Report   triageReportCmd   `cmd:"" help:"List every rule with its source, hazard, level and examples."`
	Evaluate triageEvaluateCmd `cmd:"" help:"Measure the rules on texts whose answer is known."`
}

type triageEvaluateCmd struct {
	File   string `arg:"" type:"existingfile" help:"JSON lines: id, text, age, sex, history, urgent, group."`
	Format string `enum:"lines,mts" default:"lines" help:"lines, or mts for the levels and complaints of NurseSim."`
	JSON   bool   `name:"json" help:"Print JSON instead of a table."`
	Misses bool   `help:"List what was missed, and what was flagged without need."`
}

// Run prints what was measured.
func (c triageEvaluateCmd) Run(s streams) error {
	cases, err := c.read()
	if err != nil {
		return err
	}
	rep := evaluate.Run(cases)
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", " ")
		return e.Encode(rep)
	}
	if err := rep.Print(s.out); err != nil || !c.Misses {
		return err
	}
	return rep.PrintMisses(s.out)
}

func (c triageEvaluateCmd) read() ([]evaluate.Case, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "The file cannot be opened.")
	}
	defer f.Close() //nolint:errcheck // only read
	if c.Format == "mts" {
		return evaluate.ReadMTS(f, nil)
	}
	return evaluate.Read(f)
}
