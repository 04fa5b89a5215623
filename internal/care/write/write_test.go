package write_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"heartwood/internal/care/write"
	"heartwood/internal/fhir"
)

func TestEditKeepsEverythingElse(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"replaces in place", `{"resourceType":"Slot","status":"free","x":1.50}`, `{"resourceType":"Slot","status":"busy","x":1.50}`},
		{"adds at the end", `{"resourceType":"Slot"}`, `{"resourceType":"Slot","status":"busy"}`},
		{"removes", `{"resourceType":"Slot","comment":"c","status":"free"}`, `{"resourceType":"Slot","status":"busy"}`},
		{"keeps what is odd", `{ "resourceType" : "Slot" , "a\u0062":[ {} ] }`, `{"resourceType":"Slot","ab":[ {} ],"status":"busy"}`},
	} {
		res, err := fhir.ParseResource([]byte(tt.in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := write.Edit(res, write.Obj{"status": "busy", "comment": nil})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v", tt.name, got, err)
		}
	}
}

// An edit changes the member it names and nothing else, whatever came in.
func FuzzEdit(f *testing.F) {
	for _, s := range []string{`{"resourceType":"Slot","status":"free"}`, `{"resourceType":"Task","status":{"a":[1,2]},"b":null,"c":1e-7}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		res, err := fhir.ParseResource(in)
		if err != nil {
			return
		}
		got, err := write.Edit(res, write.Obj{"status": "busy"})
		if err != nil {
			t.Fatal(err)
		}
		var before, after map[string]any
		if json.Unmarshal(in, &before) != nil || json.Unmarshal(got, &after) != nil {
			t.Fatalf("%q became %q", in, got)
		}
		if after["status"] != "busy" {
			t.Fatalf("%q", got)
		}
		before["status"] = "busy"
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("%q became %q", in, got)
		}
	})
}

// Extensions of the one url are replaced; those of others stay as they are.
func TestExtended(t *testing.T) {
	res, err := fhir.ParseResource([]byte(`{"resourceType":"Slot","extension":[{"url":"a","valueInteger":1},{"url":"b","valueDecimal":1.50},{"url":"a","valueInteger":2}]}`))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := fhir.ParseResource([]byte(`{"resourceType":"Slot","extension":[{"url":"a","valueInteger":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		got  any
		want string
	}{
		{"replaced", write.Extended(res, "a", write.Obj{"url": "a", "valueInteger": 3}), `[{"url":"b","valueDecimal":1.50},{"url":"a","valueInteger":3}]`},
		{"taken out", write.Extended(res, "a"), `[{"url":"b","valueDecimal":1.50}]`},
		{"nothing to put", write.Extended(res, "a", nil), `[{"url":"b","valueDecimal":1.50}]`},
		{"none left", write.Extended(bare, "a"), `null`},
		{"added", write.Extended(bare, "c", write.Obj{"url": "c"}, write.Obj{"url": "c"}), `[{"url":"a","valueInteger":1},{"url":"c"},{"url":"c"}]`},
	} {
		if raw, err := json.Marshal(tt.got); err != nil || string(raw) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, raw, err, tt.want)
		}
	}
}
