package patient

import (
	"context"
	"testing"
	"time"

	"heartwood/internal/care/request"
	"heartwood/internal/care/triage"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

// Advice that is shown before a form is sent knows what the ledger will know:
// the record of who is signed in, and the answers.
func TestEarlyAdviceKnowsTheRecord(t *testing.T) {
	hazard.Covers(t, "H-021")
	ctx, now := context.Background(), time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
	p := memory.Practice(t, "Z99901", nil)
	put := func(typ, id, body string) {
		w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(ctx, record.Change{Author: record.Author{Ref: "Practitioner/x", Role: "clinician"}, Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	put("Patient", "ann", `{"resourceType":"Patient","id":"ann","birthDate":"1980-02-01","gender":"female"}`)
	put("MedicationRequest", "m", `{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/ann"},"medicationCodeableConcept":{"text":"Carbimazole 20mg tablets"}}`)
	words := request.Needs{Other: "I have had a sore throat since Monday"}
	if w := triage.Worst((&draft{Needs: words}).findings(ctx, p, now)); w == triage.Emergency {
		t.Error("a sore throat alone is an emergency")
	}
	if w := triage.Worst((&draft{Needs: words, Patient: "Patient/ann"}).findings(ctx, p, now)); w != triage.Emergency {
		t.Errorf("with carbimazole in the record it is %v", w)
	}
}
