package fhir_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"heartwood/internal/fhir"
)

var seeds = []string{
	`{"resourceType":"Patient","id":"p","meta":{"versionId":"1","tag":[{"code":"a"}]},"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`,
	`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"s","code":"c"}]},"valueQuantity":{"value":1.50e2},"effectivePeriod":{"start":"2026"}}`,
	`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Task","status":"draft","intent":"order","for":{"reference":"#"}}}]}`,
	`{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"2","type":"string"}]}]}`,
	`{"\u0069d":"\ud83d\ude00","resourceType":"Patient"}`, `[1,-0.0e+1,true,null,""]`, `{"a":{"a":[]}}`, "{\"a\":1,\"\\u0061\":2}", `"\ud800"`, ` {} `,
}

func addSeeds(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
}

// Parse takes nothing that encoding/json does not, and refuses what it takes
// only for the reasons that make Parse strict.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := fhir.Parse(src)
		if err == nil && !json.Valid(src) {
			t.Fatalf("%q is not JSON", src)
		}
		if err != nil {
			if json.Valid(src) && utf8.Valid(src) && !strictly(err.Error()) {
				t.Fatalf("%q is JSON: %v", src, err)
			}
			return
		}
		visit(t, d.Root())
	})
}

func strictly(err string) bool {
	for _, why := range []string{"stands twice", "levels deep", "surrogate", "byte order mark", "UTF-16"} {
		if strings.Contains(err, why) {
			return true
		}
	}
	return false
}

// visit reads every node in every way and checks it against encoding/json.
func visit(t *testing.T, n fhir.Node) {
	if !json.Valid(n.Raw()) {
		t.Fatalf("%q is not a value", n.Raw())
	}
	_ = n.Path()
	if n.Kind() == fhir.String {
		var want string
		if err := json.Unmarshal(n.Raw(), &want); err != nil || n.Str() != want || !n.Is(want) {
			t.Fatalf("%q reads as %q, not %q", n.Raw(), n.Str(), want)
		}
	}
	for c := range n.Children() {
		if c.Parent() != n || n.Kind() == fhir.Object && !c.KeyIs(c.Key()) {
			t.Fatalf("%q is lost in %q", c.Raw(), n.Raw())
		}
		visit(t, c)
	}
}

func FuzzKeep(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := fhir.ParseResource(src)
		if err != nil {
			return
		}
		body := r.Keep("x")
		shown := fhir.Present(body, "c.7", noon)
		s, err := fhir.ParseResource(shown)
		if err != nil || s.ID() != "x" || !s.Get("meta", "versionId").Is("c.7") {
			t.Fatalf("%q is shown as %q: %v", src, shown, err)
		}
		if again := s.Keep("x"); !bytes.Equal(again.Bytes, withMeta(body)) {
			t.Fatalf("%q is kept again as %q, not %q", src, again.Bytes, body.Bytes)
		}
		for c := range r.Root().Children() {
			if !c.KeyIs("id") && !c.KeyIs("meta") && !bytes.Equal(s.Get(c.Key()).Raw(), c.Raw()) {
				t.Fatalf("%q lost %q: %q", src, c.Key(), shown)
			}
		}
	})
}

func FuzzValidate(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := fhir.ParseResource(src)
		if err != nil {
			return
		}
		issues := fhir.Validate(r)
		for _, i := range issues {
			if i.Message == "" || i.Code == "" || i.Where == "" {
				t.Fatalf("%q: an empty issue %+v", src, i)
			}
		}
		if !json.Valid(fhir.OutcomeOf(issues)) {
			t.Fatalf("%q: the outcome is not JSON", src)
		}
	})
}

func FuzzExtract(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := fhir.ParseResource(src)
		if err != nil {
			return
		}
		for _, v := range fhir.Extract(r) {
			if v.Param == nil || fhir.Param(r.Type(), v.Param.Name) != v.Param {
				t.Fatalf("%q: a value of no parameter", src)
			}
			if v.Param.Kind == fhir.ParamDate && v.Low > v.High {
				continue // a period that ends before it begins: as written
			}
		}
		_ = fhir.PatientOf(r)
	})
}

func FuzzEdit(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), "name/0/given/1", "x")
		f.Add([]byte(s), "meta/versionId", "")
	}
	f.Fuzz(func(t *testing.T, src []byte, path, value string) {
		if !utf8.ValidString(path) || !utf8.ValidString(value) {
			return
		}
		e, err := fhir.NewEdit(src)
		if err != nil {
			return
		}
		steps := strings.Split(path, "/")
		e.Set(value, steps...)
		b, err := e.Bytes()
		if err != nil {
			return
		}
		d, err := fhir.Parse(b)
		if err != nil {
			t.Fatalf("%q became %q: %v", src, b, err)
		}
		if !reached(d.Root(), steps).Is(value) {
			t.Fatalf("%q: %q is not at %s of %q", src, value, path, b)
		}
		e.Remove(steps...)
		if b, err = e.Bytes(); err == nil && !json.Valid(b) {
			t.Fatalf("%q became %q", src, b)
		}
	})
}

func reached(n fhir.Node, steps []string) fhir.Node {
	for _, s := range steps {
		if n.Kind() == fhir.Array {
			i := 0
			for _, c := range s {
				i = i*10 + int(c-'0')
			}
			n = n.At(i)
			continue
		}
		n = n.Get(s)
	}
	return n
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026", "2026-02", "2028-02-29", "2026-07-01T09:30:15.5+01:00", "2026-07-01T09:30", "9999-12-31T23:59:60Z", "0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		low, high, err := fhir.ParseDate(s)
		if err == nil && low >= high {
			t.Fatalf("%q covers nothing: %d..%d", s, low, high)
		}
	})
}

func FuzzFold(f *testing.F) {
	f.Add("Siân O'Brien")
	f.Fuzz(func(t *testing.T, s string) {
		if once := fhir.Fold(s); fhir.Fold(once) != once {
			t.Fatalf("%q folds to %q and then to %q", s, once, fhir.Fold(once))
		}
	})
}
