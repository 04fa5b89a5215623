package diary_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/diary"
)

// The third free slot is found for each role and mode, across a change of day;
// who did not come is a share of those of whom it is known.
func TestThirdNextAvailable(t *testing.T) {
	now := time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)
	p := memory.Practice(t, "Z99901", func() time.Time { return now })
	put := func(ref, rest string) {
		r, _ := ident.ParseRef(ref)
		w, err := record.Prepare(r, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, r.Type, r.ID, rest))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(context.Background(), record.Change{Writes: []record.Write{w}}); err != nil {
			t.Fatal(err)
		}
	}
	span := func(in time.Duration) string {
		return `"start":"` + now.Add(in).Format(time.RFC3339) + `","end":"` + now.Add(in+10*time.Minute).Format(time.RFC3339) + `"`
	}
	phone := `"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[{"code":"Telephone"}]}}]`
	put("PractitionerRole/r", `"practitioner":{"reference":"Practitioner/gp"},"code":[{"text":"GP"}]`)
	put("Schedule/gp", `"active":true,"actor":[{"reference":"Practitioner/gp"}]`)
	for i, in := range []time.Duration{time.Hour, 24 * time.Hour, 47 * time.Hour, 72 * time.Hour, 96 * time.Hour} {
		status := "free"
		if i == 1 {
			status = "busy"
		}
		put(fmt.Sprint("Slot/s", i), `"schedule":{"reference":"Schedule/gp"},"status":"`+status+`",`+span(in)+`,`+phone)
	}
	for i, status := range []string{"noshow", "fulfilled", "arrived", "checked-in", "booked", "cancelled"} {
		put(fmt.Sprint("Appointment/a", i), `"status":"`+status+`",`+span(-24*time.Hour)+`,`+phone+`,"participant":[{"actor":{"reference":"Practitioner/gp"},"status":"accepted"}]`)
	}
	all, err := diary.ReadAccess(context.Background(), p)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	a := all[0]
	if a.Role != "GP" || a.Mode != "telephone" || a.Days != 3 || a.Free != 4 || a.Missed != 1 || a.Attended != 3 {
		t.Errorf("%+v", a)
	}
}
