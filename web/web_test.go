package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"heartwood/web"
)

const style = "body{margin:0}"

func bundle(t *testing.T) *web.Bundle {
	t.Helper()
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	_, _ = io.WriteString(z, style)
	_ = z.Close()
	return web.Open(fstest.MapFS{
		"manifest.json":  {Data: []byte(`{"a.css":"a-12.css"}`)},
		"a-12.css":       {Data: []byte(style)},
		"a-12.css.gz":    {Data: small.Bytes()},
		"README":         {Data: []byte("not for reading")},
		"secret/key.txt": {Data: []byte("not for reading")},
	})
}

func TestServesWhatTheManifestNames(t *testing.T) {
	b := bundle(t)
	if !b.Built() || b.URL("a.css") != "/assets/a-12.css" || b.URL("b.css") != "" {
		t.Fatalf("built %v, %q", b.Built(), b.URL("a.css"))
	}
	for _, c := range []struct {
		path, accept string
		status       int
		coding       string
	}{
		{"/assets/a-12.css", "", 200, ""},
		{"/assets/a-12.css", "gzip, br", 200, "gzip"},
		{"/assets/a.css", "", 404, ""},
		{"/assets/README", "", 404, ""},
		{"/assets/a-12.css.gz", "", 404, ""},
		{"/assets/manifest.json", "", 404, ""},
		{"/assets/secret/key.txt", "", 404, ""},
		{"/assets/", "", 404, ""},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Content-Encoding") != c.coding {
			t.Errorf("%s: %d, %q", c.path, w.Code, w.Header().Get("Content-Encoding"))
		}
		if c.status != 200 {
			continue
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
			t.Errorf("%s: %v", c.path, w.Header())
		}
		body := io.Reader(w.Body)
		if c.coding == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if got, _ := io.ReadAll(body); string(got) != style {
			t.Errorf("%s: %q", c.path, got)
		}
	}
}

func TestNothingBuiltIsNotAnError(t *testing.T) {
	for _, files := range []fstest.MapFS{{}, {"manifest.json": {Data: []byte("not JSON")}}} {
		if b := web.Open(files); b.Built() || b.URL("heartwood.css") != "" {
			t.Error("something is built")
		}
	}
}
