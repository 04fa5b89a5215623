package read_test

import (
	"testing"
	"unicode/utf8"

	"heartwood/internal/fhir"
	"heartwood/internal/view/read"
)

func parse(t *testing.T, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.ParseResource([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		`{"resourceType":"Patient"}`: "",
		`{"resourceType":"Patient","name":[{"use":"old","family":"Before"},{"use":"official","prefix":["Ms"],"given":["Ann","May"],"family":"Example"}]}`: "Ms Ann Example",
		`{"resourceType":"Patient","name":[{"family":"Official","use":"official"},{"text":"Annie","use":"usual"}]}`:                                       "Annie",
		`{"resourceType":"CareTeam","name":"Triage team"}`:                                                                                                "Triage team",
		`{"resourceType":"Patient","name":[{"use":"nickname"},{}]}`:                                                                                       "",
		`{"resourceType":"Patient","name":[{"given":[null,"Ann"]}]}`:                                                                                      "Ann",
	} {
		if got := read.Name(parse(t, in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestConceptAndQuantity(t *testing.T) {
	r := parse(t, `{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"c"},{"system":"t","code":"d","display":"Dee"}]},
		"valueQuantity":{"value":5.40,"unit":"mmol/L","comparator":"<"}}`)
	if got := read.Concept(r.Get("code")); got != "Dee" {
		t.Errorf("%q", got)
	}
	if got := read.Code(r.Get("code"), "t"); got != "d" {
		t.Errorf("%q", got)
	}
	if got := read.Quantity(r.Get("valueQuantity")); got != "<5.40 mmol/L" {
		t.Errorf("%q", got)
	}
}

func TestTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-07-01T08:00:00Z": "2026-07-01 09:00", "2026-07": "2026-07-01 00:00", "2026-02-30": "0001-01-01 00:00", "nonsense": "0001-01-01 00:00",
	} {
		if got := read.Time(in).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("ééééé ab", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 1 || n > 1000 || !utf8.ValidString(s) {
			return
		}
		got := read.Clip(s, n)
		if !utf8.ValidString(got) || len(got) > max(len(s), 1)+len("…") {
			t.Fatalf("%q at %d: %q", s, n, got)
		}
	})
}
