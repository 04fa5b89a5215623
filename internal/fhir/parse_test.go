package fhir_test

import (
	"fmt"
	"strings"
	"testing"

	"heartwood/internal/fault"
	"heartwood/internal/fhir"
)

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("[", 102) + strings.Repeat("]", 102)
	wide := "{"
	for i := range 40 {
		wide += fmt.Sprintf(`"m%02d":1,`, i)
	}
	for _, c := range []struct{ src, says string }{
		{"", "no content"},
		{"\xef\xbb\xbf{}", "byte order mark"},
		{"\xff\xfe{\x00", "UTF-16"},
		{"{\x00}\x00", "UTF-16"},
		{"{\"a\":\"\xe9\"}", "not UTF-8 at byte 6"},
		{"{} x", "line 1, column 4: there is something after"},
		{"{\n \"a\": tru }", "line 2, column 7: true was expected"},
		{`{"a":1,"a":2}`, "twice"},
		{"{\"a\":1,\"\\u0061\":2}", "twice"},
		{wide + `"m07":1}`, "twice"},
		{wide + `"m\u00307":1}`, "twice"},
		{deep, "levels deep"},
		{`{"a":1,}`, "name in double quotes"},
		{`[1,]`, "cannot begin"},
		{`[1 2]`, "comma"},
		{`{"a" 1}`, "colon"},
		{`{"a":`, "too early"},
		{`["a`, "no end"},
		{"[\"a\nb\"]", "control character"},
		{`["\x"]`, "not a JSON escape"},
		{`["\u12g4"]`, "hexadecimal"},
		{`["\ud800"]`, "surrogate"},
		{`["\ud800\u0041"]`, "surrogate"},
		{`["\udc00"]`, "surrogate"},
		{`[01]`, "comma"},
		{`[-]`, "no digits"},
		{`[1.]`, "after its point"},
		{`[1e]`, "exponent"},
		{`[+1]`, "cannot begin"},
		{`[NaN]`, "cannot begin"},
		{`['a']`, "cannot begin"},
		{`[1] // x`, "after the end"},
	} {
		_, err := fhir.Parse([]byte(c.src))
		if err == nil || !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q: %v, want %q", c.src, err, c.says)
		}
	}
}

func TestParseNamesTheElement(t *testing.T) {
	for src, where := range map[string]string{
		`{"resourceType":"Patient","name":[{"family":"A"},{"family":tru}]}`: "Patient.name[1].family",
		`{"resourceType":"Patient","name":[{"given":["A","B\x"]}]}`:         "Patient.name[0].given[1]",
		`{"resourceType":"Patient","name":[{"use":"a","use":"b"}]}`:         "Patient.name[0]",
		`{"name":{"a":1 2`:                     "name",
		`{"resourceType":"Patient","name":[{}`: "Patient.name",
		`{"resourceType":"Patient"} x`:         "Patient",
		`x`:                                    "",
	} {
		_, err := fhir.Parse([]byte(src))
		if got := fault.From(err).Where; got != where {
			t.Errorf("%s: at %q, want %q", src, got, where)
		}
	}
}

func TestParseResourceRefuses(t *testing.T) {
	for src, says := range map[string]string{
		`[]`:                                  "an array",
		`{}`:                                  "no resourceType",
		`{"resourceType":1}`:                  "must be a string",
		`{"resourceType":"Pateint"}`:          "not an R4 resource type",
		`{"resourceType":"_Account"}`:         "not an R4 resource type",
		`{"resourceType":"Resource"}`:         "not an R4 resource type",
		`{"resourceType":"Task","id":"a b"}`:  "An id is",
		`{"resourceType":"Task","id":null}`:   "An id is",
		`{"resourceType":"Task","meta":"a"}`:  "meta must be",
		`{"resourceType":"Task","meta":[{}]}`: "meta must be",
		`{"resourceType":"Task","id":"` + strings.Repeat("a", 65) + `"}`: "An id is",
	} {
		if _, err := fhir.ParseResource([]byte(src)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", src, err, says)
		}
	}
	r, err := fhir.ParseOwn([]byte(`{"resourceType":"_Account","id":"a","email":"x"}`))
	if err != nil || r.Type() != "_Account" || len(fhir.Extract(r)) != 0 {
		t.Errorf("the system's own document: %v", err)
	}
}

func TestNode(t *testing.T) {
	d, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["A","B"]},{"family":"C"}],"n":1.50,"t":true,"z":null,"q\"":"\u00e9\ud83d\ude00\n"}`))
	if err != nil {
		t.Fatal(err)
	}
	root := d.Root()
	for _, c := range []struct {
		node fhir.Node
		want string
	}{
		{root.Get("name", "given"), ""},
		{root.Get("name", "given").At(1), "B"},
		{root.Get("name").At(1).Get("family"), "C"},
		{root.Get("n"), "1.50"},
		{root.Get("t"), "true"},
		{root.Get("z"), ""},
		{root.Get(`q"`), "é😀\n"},
		{root.Get("no", "such", "place"), ""},
		{root.Get("name").At(2), ""},
		{root.Get("n").Get("x"), ""},
		{fhir.Node{}, ""},
	} {
		if got := c.node.Str(); got != c.want {
			t.Errorf("%s is %q, want %q", c.node.Path(), got, c.want)
		}
	}
	if p := root.Get("name", "given").At(1).Path(); p != "Patient.name[0].given[1]" {
		t.Error(p)
	}
	var none fhir.Node
	if none.Exists() || none.Kind() != fhir.Absent || none.Len() != 0 || none.Key() != "" || none.Raw() != nil || none.True() || none.Is("") || none.KeyIs("") || none.Parent().Exists() {
		t.Error("an absent node is something")
	}
	n := 0
	for range root.Get("n").Items() {
		n++
	}
	for range root.Get("name").Items() {
		n++
	}
	if n != 3 || !root.Get("z").Exists() || !root.Get("t").True() {
		t.Error("Items, Exists or True is wrong", n)
	}
}
