package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"

	"heartwood/internal/fhir"
)

func TestEdit(t *testing.T) {
	const src = `{ "resourceType":"Patient", "name" : [ {"family":"A", "given":["B"]} ],"active":true }`
	for _, c := range []struct {
		name string
		do   func(*fhir.Edit)
		want string
	}{
		{"nothing", func(*fhir.Edit) {}, src},
		{"replace", func(e *fhir.Edit) { e.Set("Z", "name", "0", "family") }, strings.Replace(src, `"A"`, `"Z"`, 1)},
		{"no HTML escapes", func(e *fhir.Edit) { e.Set("<&>", "name", "0", "family") }, strings.Replace(src, `"A"`, `"<&>"`, 1)},
		{"add", func(e *fhir.Edit) { e.Set("male", "gender") }, strings.Replace(src, `true }`, `true,"gender":"male" }`, 1)},
		{"make the way", func(e *fhir.Edit) { e.Set(true, "contact", "0", "name", "x") }, strings.Replace(src, `true }`, `true,"contact":[{"name":{"x":true}}] }`, 1)},
		{"next item", func(e *fhir.Edit) { e.Set("C", "name", "0", "given", "1") }, strings.Replace(src, `["B"]`, `["B","C"]`, 1)},
		{"append", func(e *fhir.Edit) { e.Append(json.RawMessage(`{"text":"x"}`), "name") }, strings.Replace(src, `["B"]} ]`, `["B"]},{"text":"x"} ]`, 1)},
		{"append to nothing", func(e *fhir.Edit) { e.Append(1, "a", "b") }, strings.Replace(src, `true }`, `true,"a":{"b":[1]} }`, 1)},
		{"remove", func(e *fhir.Edit) { e.Remove("active") }, `{ "resourceType":"Patient", "name" : [ {"family":"A", "given":["B"]} ] }`},
		{"remove first", func(e *fhir.Edit) { e.Remove("resourceType") }, `{ "name" : [ {"family":"A", "given":["B"]} ],"active":true }`},
		{"remove and prune", func(e *fhir.Edit) { e.Remove("name", "0", "given", "0"); e.Remove("name", "0", "family") }, `{ "resourceType":"Patient","active":true }`},
		{"remove nothing", func(e *fhir.Edit) { e.Remove("name", "1", "x"); e.Remove("gone") }, src},
		{"set an object", func(e *fhir.Edit) { e.Set(map[string]string{"reference": "Patient/1"}, "active") }, strings.Replace(src, `true`, `{"reference":"Patient/1"}`, 1)},
	} {
		e, err := fhir.NewEdit([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		c.do(e)
		got, err := e.Bytes()
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v\nwant %s", c.name, got, err, c.want)
		}
	}
	for name, do := range map[string]func(*fhir.Edit){
		"inside a string": func(e *fhir.Edit) { e.Set(1, "resourceType", "x") },
		"far item":        func(e *fhir.Edit) { e.Set(1, "name", "2", "x") },
		"not an item":     func(e *fhir.Edit) { e.Set(1, "name", "family") },
		"far new item":    func(e *fhir.Edit) { e.Set(1, "x", "1") },
		"append to text":  func(e *fhir.Edit) { e.Append(1, "resourceType") },
		"no path":         func(e *fhir.Edit) { e.Remove() },
		"not JSON":        func(e *fhir.Edit) { e.Set(func() {}, "x") },
	} {
		e, _ := fhir.NewEdit([]byte(src))
		do(e)
		e.Set(1, "fine")
		if b, err := e.Bytes(); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
	if _, err := fhir.NewEdit([]byte(`[]`)); err == nil {
		t.Error("an array can be edited")
	}
}
