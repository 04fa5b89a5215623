package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
)

// wrongStatus is the exit status when a check found something wrong.
const wrongStatus exitStatus = 2

// exitStatus ends the program with a status, when all has been said.
type exitStatus int

// Error names the status.
func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// ruleFiles are the rule files that a command is about.
type ruleFiles struct {
	Files []string `arg:"" optional:"" type:"existingfile" help:"Rule files, read with those of the program; one with the name of one of those stands in for it."`
}

// read gives the program's files with those named.
func (c ruleFiles) read() ([]triage.File, error) {
	files := triage.Files()
	for _, name := range c.Files {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "%s cannot be read.", name)
		}
		files = overlay(files, triage.File{Name: filepath.Base(name), Source: src})
	}
	return files, nil
}

func overlay(files []triage.File, f triage.File) []triage.File {
	for i := range files {
		if files[i].Name == f.Name {
			files[i] = f
			return files
		}
	}
	return append(files, f)
}

type triageLintCmd struct {
	ruleFiles
	Hazards string `type:"path" placeholder:"DIR" help:"The folder of hazards (docs/hazard), to check that they are there; otherwise only their form is checked."`
}

// Run prints what is wrong, and ends with status 2 when anything is.
func (c triageLintCmd) Run(s streams) error {
	files, err := c.read()
	if err != nil {
		return err
	}
	wrong := triage.Lint(files, c.hazard)
	if len(wrong) == 0 {
		fmt.Fprintf(s.out, "%d rule files: nothing is wrong.\n", len(files))
	}
	return complain(s, wrong)
}

var hazardForm = regexp.MustCompile(`^H-\d{3}$`)

func (c triageLintCmd) hazard(id string) bool {
	if !hazardForm.MatchString(id) {
		return false
	}
	if c.Hazards == "" {
		return true
	}
	_, err := os.Stat(filepath.Join(c.Hazards, id+".md"))
	return err == nil
}

func complain(s streams, wrong []triage.Problem) error {
	if len(wrong) == 0 {
		return nil
	}
	for _, p := range wrong {
		fmt.Fprintln(s.err, p)
	}
	return wrongStatus
}

type triageTestCmd struct{ ruleFiles }

// Run tries the examples, and ends with status 2 when any is not met.
func (c triageTestCmd) Run(s streams) error {
	files, err := c.read()
	if err != nil {
		return err
	}
	rules, examples, wrong := triage.Test(files)
	fmt.Fprintf(s.out, "%d rules, %d examples, %d wrong.\n", rules, examples, len(wrong))
	return complain(s, wrong)
}

type triageReportCmd struct {
	Markdown string `placeholder:"FILE" help:"Write the report as a page, docs/rules.md."`
}

// Run prints the rules in force.
func (c triageReportCmd) Run(s streams) error {
	if c.Markdown == "" {
		return triage.Report(s.out, triage.Rules())
	}
	f, err := os.Create(c.Markdown)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be written.", c.Markdown)
	}
	if err := triage.Markdown(f, triage.Rules()); err != nil {
		f.Close() //nolint:errcheck // the first error is told
		return err
	}
	return f.Close()
}
