package consult

import (
	"encoding/json"
	"strings"
	"testing"

	"heartwood/internal/fhir"
)

// A narrative from anywhere reads as text without markup, and ours exactly.
func FuzzNarrative(f *testing.F) {
	for _, s := range []string{"plain", "<p>a</p>", "a\n\nb\nc", "<div", "&lt;script&gt;", "]]>", "<!-- x -->", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		read := func(div string) string {
			raw, err := json.Marshal(map[string]any{"resourceType": "Basic", "text": map[string]any{"div": div}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := fhir.ParseResource(raw)
			if err != nil {
				t.Fatal(err)
			}
			return plain(res.Get("text"))
		}
		_ = read(s) // a stranger's: it must only not fail
		if got, want := read(div(s)), clean(s); got != want {
			t.Fatalf("%q came back as %q", want, got)
		}
	})
}
