package fhir_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/fhir"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 5_000_000, time.UTC)

func TestKeepAndPresent(t *testing.T) {
	const set = `"versionId":"c.1","lastUpdated":"2026-03-01T12:00:00.005Z"`
	for _, c := range []struct{ in, kept, shown string }{
		{
			`{"resourceType":"Patient"}`,
			`{"resourceType":"Patient","id":"x"}`,
			`{"resourceType":"Patient","id":"x","meta":{` + set + `}}`,
		},
		{
			`{"active":true,"resourceType":"Patient" ,"gender":"male"}`,
			`{"active":true,"resourceType":"Patient","id":"x" ,"gender":"male"}`,
			`{"active":true,"resourceType":"Patient","id":"x","meta":{` + set + `} ,"gender":"male"}`,
		},
		{
			`{"id":"old","resourceType":"Patient"}`,
			`{"id":"x","resourceType":"Patient"}`,
			`{"id":"x","meta":{` + set + `},"resourceType":"Patient"}`,
		},
		{
			`{"meta":{},"resourceType":"Patient"}`,
			`{"meta":{},"resourceType":"Patient","id":"x"}`,
			`{"meta":{` + set + `},"resourceType":"Patient","id":"x"}`,
		},
		{
			`{"resourceType":"Patient","id":"x","meta":{"versionId":"9","lastUpdated":"2020"}}`,
			`{"resourceType":"Patient","id":"x","meta":{}}`,
			`{"resourceType":"Patient","id":"x","meta":{` + set + `}}`,
		},
		{
			`{"resourceType":"Patient","id":"x","meta":{"tag":[{"code":"a"}],"versionId":"9","lastUpdated":"2020"}}`,
			`{"resourceType":"Patient","id":"x","meta":{"tag":[{"code":"a"}]}}`,
			`{"resourceType":"Patient","id":"x","meta":{` + set + `,"tag":[{"code":"a"}]}}`,
		},
		{
			`{"resourceType":"Patient","id":"x","meta":{"versionId":"9","source":"urn:a", "lastUpdated":"2020" }}`,
			`{"resourceType":"Patient","id":"x","meta":{"source":"urn:a" }}`,
			`{"resourceType":"Patient","id":"x","meta":{` + set + `,"source":"urn:a" }}`,
		},
		{
			`{"meta":{"source":"urn:a"},"id":"y","resourceType":"Patient"}`,
			`{"meta":{"source":"urn:a"},"id":"x","resourceType":"Patient"}`,
			`{"meta":{` + set + `,"source":"urn:a"},"id":"x","resourceType":"Patient"}`,
		},
		{
			`{"resourceType":"Patient","meta":{"_version\u0049d":{"id":"q"},"versionId":"9","source":"a"}}`,
			`{"resourceType":"Patient","id":"x","meta":{"source":"a"}}`,
			`{"resourceType":"Patient","id":"x","meta":{` + set + `,"source":"a"}}`,
		},
	} {
		body := mustResource(t, c.in).Keep("x")
		if string(body.Bytes) != c.kept {
			t.Errorf("%s\nis kept as %s\nnot        %s", c.in, body.Bytes, c.kept)
		}
		if got := string(fhir.Present(body, "c.1", noon)); got != c.shown {
			t.Errorf("%s\nis shown as %s\nnot         %s", c.in, got, c.shown)
		}
	}
}

// drawResource makes a resource with its members in any order and any space
// between them, and lists the members that must come back as they were.
func drawResource(t *rapid.T) (src string, kept []string) {
	space := func() string { return rapid.SampledFrom([]string{"", "", " ", "\n\t", "\r\n  "}).Draw(t, "space") }
	object := func(members []string) string {
		members = rapid.Permutation(members).Draw(t, "order")
		s := "{" + space()
		for i, m := range members {
			if i > 0 {
				s += "," + space()
			}
			s += m + space()
		}
		return s + "}"
	}
	some := func(from ...string) []string {
		var out []string
		for _, m := range from {
			if rapid.Bool().Draw(t, "with") {
				out = append(out, m)
			}
		}
		return out
	}
	meta := some(`"versionId":"3"`, `"lastUpdated" : "2020-01-01T00:00:00Z"`, `"_versionId":{"id":"a"}`, `"tag":[{"code":"a}{"}]`, `"source":"urn:x"`)
	for _, m := range meta {
		if strings.HasPrefix(m, `"tag"`) || strings.HasPrefix(m, `"source"`) {
			kept = append(kept, m)
		}
	}
	top := some(`"id":"old"`, `"active": true`, `"name":[ {"family":"\u00d3 \"B,}"} ]`, `"meta":`+object(meta), `"text":{"status":"empty"}`)
	hasMeta := false
	for _, m := range top {
		switch {
		case strings.HasPrefix(m, `"meta"`):
			hasMeta = true
		case !strings.HasPrefix(m, `"id"`):
			kept = append(kept, m)
		}
	}
	if !hasMeta {
		kept = without(kept, `"tag"`, `"source"`)
	}
	return space() + object(append(top, `"resourceType" :"Patient"`)) + space(), kept
}

func without(list []string, prefixes ...string) []string {
	var out []string
next:
	for _, m := range list {
		for _, p := range prefixes {
			if strings.HasPrefix(m, p) {
				continue next
			}
		}
		out = append(out, m)
	}
	return out
}

func TestKeepProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, kept := drawResource(t)
		body := mustKeep(t, src, "x")
		shown := fhir.Present(body, "c.7", noon)
		r, err := fhir.ParseResource(shown)
		if err != nil {
			t.Fatalf("%s is shown as %s: %v", src, shown, err)
		}
		if !json.Valid(body.Bytes) {
			t.Fatalf("%s is kept as %s", src, body.Bytes)
		}
		if r.ID() != "x" || !r.Get("meta", "versionId").Is("c.7") || !r.Get("meta", "lastUpdated").Is(fhir.Instant(noon)) {
			t.Fatalf("%s is shown as %s", src, shown)
		}
		for _, m := range kept {
			if !bytes.Contains(shown, []byte(m)) {
				t.Fatalf("%s lost %s: %s", src, m, shown)
			}
		}
		// What was shown comes back as the same body, and is shown the same.
		again := r.Keep("x")
		if !bytes.Equal(again.Bytes, withMeta(body)) {
			t.Fatalf("%s is kept again as %s, not %s", src, again.Bytes, body.Bytes)
		}
		if !bytes.Equal(fhir.Present(again, "c.7", noon), shown) {
			t.Fatalf("%s is not shown the same", src)
		}
	})
}

func mustKeep(t interface{ Fatal(...any) }, src, id string) fhir.Body {
	r, err := fhir.ParseResource([]byte(src))
	if err != nil {
		t.Fatal(src, err)
	}
	return r.Keep(id)
}

// withMeta is the body with an empty meta where Present would make one.
func withMeta(b fhir.Body) []byte {
	if b.Splice&1 == 0 {
		return b.Bytes
	}
	at := int(b.Splice >> 1)
	return bytes.Join([][]byte{b.Bytes[:at], []byte(`,"meta":{}`), b.Bytes[at:]}, nil)
}
