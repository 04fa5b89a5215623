package triage

import "testing"

// What is relied on is what the rules ask for: an answer that is named, given
// with all else that its rule asks for, is met.
func TestRelies(t *testing.T) {
	found := false
	for _, r := range Relies() {
		if r.Rule == "" || r.Link == "" || r.Value == "" {
			t.Errorf("%+v", r)
		}
		found = found || r.Link == "temperature" && r.Op == ">=" && r.Value == "38"
	}
	if !found {
		t.Errorf("no rule relies on a temperature: %+v", Relies())
	}
}
