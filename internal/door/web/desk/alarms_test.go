package desk_test

import (
	"testing"
	"time"

	"heartwood/internal/care/escalate"
	"heartwood/internal/hazard"
)

func TestAlarmsRingOnTheDeskUntilTaken(t *testing.T) {
	hazard.Covers(t, "H-019")
	h := newHouse(t, 20)
	b := h.as("navigator").open("new?patient=" + h.sample[0].ID)
	b.submit("/new", "channel", "desk", "kind", "new-problem", "contact-how", "phone", "step", "save",
		"what", "I have crushing chest pain going down my left arm and I am sweating").says(200)
	h.as("navigator").open("alarms").says(200, "Nothing rings")
	h.clock.Add(int64(6 * time.Minute))
	must(t, escalate.Round(t.Context(), h.p))
	h.as("navigator").open("").says(200, "1 emergency has waited", "1 alarm")
	h.as("clinician").open("alarms").says(200, "Emergency, not taken", h.sample[0].Name, "it is on the screen")
	stale := h.as("navigator").open("alarms")
	h.as("clinician").open("alarms").submit("").says(200, "It is yours now", "taken by "+h.staff["clinician"].Name)
	stale.submit("").says(409, "has taken this already")
	h.as("navigator").open("").says(200).silent("alarm")
}
