package rest

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"heartwood/internal/fhir"
)

// files reads an archive of the shared data, or skips the test.
func files(t *testing.T, pattern string, each func(name string, body []byte)) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join("../../../../shared/data", pattern))
	if len(found) == 0 {
		t.Skip("../shared/data/" + pattern + " is not here: real data is not tried")
	}
	f, err := os.Open(found[0])
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
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(h.Name, ".json") {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			each(h.Name, b)
		}
	}
}

// Every R4 example goes in by PUT and comes back with its own bytes.
func TestExamples(t *testing.T) {
	k := open(t)
	k.large()
	n, refused := 0, 0
	files(t, "fhir-r4/*examples*.tar.zst", func(name string, body []byte) {
		r, err := fhir.ParseResource(body)
		if err != nil || r.ID() == "" {
			return // the package's own manifest
		}
		n++
		url := "/" + r.Ref().String()
		if a := k.do("PUT", url, string(body)); a.Code != 201 && a.Code != 200 {
			t.Errorf("%s: %d %.300s", name, a.Code, a.Body)
			refused++
			return
		}
		got := k.do("GET", url, "").want(200)
		if withoutMeta(t, got.Body.Bytes()) != withoutMeta(t, body) {
			t.Errorf("%s came back changed", name)
		}
	})
	t.Logf("%d examples, %d refused", n, refused)
}

// withoutMeta is the resource without what a server sets, compact.
func withoutMeta(t *testing.T, b []byte) string {
	t.Helper()
	d, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for m := range d.Root().Children() {
		raw := m.Raw()
		if m.KeyIs("meta") {
			var meta map[string]json.RawMessage
			if err := json.Unmarshal(raw, &meta); err != nil {
				t.Fatal(err)
			}
			delete(meta, "versionId")
			delete(meta, "lastUpdated")
			if raw, err = json.Marshal(meta); err != nil {
				t.Fatal(err)
			}
			if len(meta) == 0 {
				continue
			}
		}
		out.WriteString(m.Key())
		out.WriteString(compact(t, raw))
		out.WriteByte(',')
	}
	return out.String()
}

// Real transactions of a whole life each go in.
func TestSynthea(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: whole lives are not tried")
	}
	k := open(t)
	k.large()
	n := 0
	files(t, "synthea/*.tar.zst", func(name string, body []byte) {
		if n++; n > 12 {
			return // heartwood import takes them all; a dozen shows the door
		}
		a := k.do("POST", "", string(body))
		if a.Code != 200 {
			t.Errorf("%s: %d %.400s", filepath.Base(name), a.Code, a.Body)
		}
	})
}
