package access

import (
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// Who acts for somebody does only what they were let do.
func TestAProxyKeepsToTheirPart(t *testing.T) {
	hazard.Covers(t, "H-014")
	p := Person{
		Role: Patient, Practice: here, Ref: self, Patients: []string{self, child, "Patient/mother"},
		Charges: []Charge{{Patient: child, Scope: []Part{Asks}}, {Patient: "Patient/mother"}},
	}
	for _, c := range []struct {
		action  Action
		patient string
		may     bool
	}{
		{AskForSelf, child, true},
		{SeeRequests, child, true},
		{PickSlot, child, false},
		{SeeOwnRecord, child, false},
		{SeeWhoLooked, child, false},
		{SeeOwnRecord, self, true},
		{SeeOwnRecord, "Patient/mother", true}, // given before there were parts
		{SeeRequests, stranger, false},
	} {
		if got := May(p, c.action, here, c.patient) == nil; got != c.may {
			t.Errorf("%v for %s: %v", c.action, c.patient, got)
		}
		if got := p.Sees(c.action, c.patient); got != c.may {
			t.Errorf("sees %v for %s: %v", c.action, c.patient, got)
		}
	}
	if err := (Charge{Relationship: "son", Given: "agreed", Scope: []Part{"everything"}}).check(time.Now()); err == nil {
		t.Error("a part that does not exist was taken")
	}
}
