package patient

import "testing"

func TestWhatWasLookedAtIsInPlainWords(t *testing.T) {
	for typ, want := range map[string]string{
		"Composition": "Notes of visits and calls", "AllergyIntolerance": "Allergies", "ClinicalImpression": "Another part of the record",
		"summary": "Summary of the record", "online help": "Online help", "": "Record",
	} {
		if got := whatOf(typ); got != want {
			t.Errorf("%s: %q", typ, got)
		}
	}
}
