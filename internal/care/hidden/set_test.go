package hidden

import (
	"testing"

	"heartwood/internal/fhir"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
)

// What names a hidden entry is hidden too, however it names it.
func TestNamesWhatIsHidden(t *testing.T) {
	hazard.Covers(t, "H-016")
	told := ident.Ref{Type: "Condition", ID: "told"}
	for ref, want := range map[string]bool{
		"Condition/told": true, "Condition/told/_history/3": true, "https://x.example/fhir/Condition/told": true,
		"https://x.example/fhir/Condition/told/_history/3": true, "Condition/other": false, "told": false, "#told": false,
	} {
		res, err := fhir.ParseResource([]byte(`{"resourceType":"Provenance","id":"p","target":[{"reference":"Patient/ada"},{"reference":"` + ref + `"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := (Set{told: true}).Hides(ident.Ref{Type: "Provenance", ID: "p"}, res); got != want {
			t.Errorf("%s: %v", ref, got)
		}
	}
}
