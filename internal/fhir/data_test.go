package fhir_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"heartwood/internal/fhir"
)

// shared streams the JSON files of an archive in the folder of sample data
// beside the repository, which a clone need not have.
func shared(t *testing.T, pattern string, each func(name string, body []byte)) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", pattern))
	if len(found) == 0 {
		t.Skipf("no ../shared/data/%s beside the repository: nothing to read", pattern)
	}
	for _, path := range found {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := zstd.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeReg || !strings.HasSuffix(h.Name, ".json") {
				continue
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			each(h.Name, body)
		}
	}
}

func TestOfficialExamples(t *testing.T) {
	n := 0
	shared(t, "fhir-r4/hl7.fhir.r4.examples*.tar.zst", func(name string, body []byte) {
		if strings.HasSuffix(name, "package.json") || strings.HasSuffix(name, ".index.json") {
			return
		}
		n++
		r, err := fhir.ParseResource(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for _, i := range fhir.Validate(r) {
			if i.Severity == "error" {
				t.Errorf("%s: %s: %s", filepath.Base(name), i.Where, i.Message)
			}
		}
		fhir.Extract(r)
	})
	t.Logf("%d examples", n)
}

// HL7's own definitions are 4,580 resources of every odd shape. Ten of their
// search parameters lack the base that R4 requires, and one has a long id.
func TestDefinitions(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	refused, lacking := 0, 0
	shared(t, "fhir-r4/hl7.fhir.r4.core*.tar.zst", func(name string, body []byte) {
		if !strings.Contains(filepath.Base(name), "-") {
			return // the package's own files
		}
		r, err := fhir.ParseResource(body)
		if err != nil {
			refused++
			return
		}
		for _, i := range fhir.Validate(r) {
			if i.Where == "SearchParameter.base" {
				lacking++
				continue
			}
			t.Errorf("%s: %s: %s", filepath.Base(name), i.Where, i.Message)
		}
	})
	if refused > 1 || lacking > 10 {
		t.Errorf("%d refused, %d without a base", refused, lacking)
	}
}

func TestSynthea(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	n := 0
	shared(t, "synthea/*.tar.zst", func(name string, body []byte) {
		r, err := fhir.ParseResource(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		n += r.Get("entry").Len()
		for _, i := range fhir.Validate(r) {
			if i.Severity == "error" {
				t.Errorf("%s: %s: %s", filepath.Base(name), i.Where, i.Message)
			}
		}
	})
	t.Logf("%d resources", n)
}
