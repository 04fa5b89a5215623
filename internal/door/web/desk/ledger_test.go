package desk_test

import (
	"testing"
	"time"

	"heartwood/internal/hazard"
)

func TestPutAsideHandUpSplitAndMerge(t *testing.T) {
	hazard.Covers(t, "H-017")
	hazard.Covers(t, "H-018")
	h := newHouse(t, 20)
	who := h.sample[0].ID
	path := take(h, who, "I need a sick note and my ears ring")
	nav := h.as("navigator").open(path)
	nav.submit("/snooze", "until-day", h.day(1), "until-time", "09:00", "why", "").says(400, "Say why it is put aside")
	nav.submit("/snooze", "until-day", h.day(20), "until-time", "09:00", "why", "the lab").says(400, "Only a clinician", "Put aside")
	nav.submit("/snooze", "until-day", h.day(1), "until-time", "09:00", "why", "the lab rings tomorrow").says(200, "Put aside until tomorrow 09:00", "the lab rings tomorrow")
	h.as("navigator").open("").says(200, "I need a sick note", "Put aside")
	nav.submit("/wake").says(200, "Taken up again").silent("Put aside until")

	nav.submit("/split", "part", "A sick note for work", "part-owner", "CareTeam/triage").says(200, "Split in two", "A sick note for work", "Belongs with", "a part of this request")
	gp := h.staff["clinician"]
	nav.submit("/handup", "to", gp.Ref, "because", "").says(400, "Say why it is handed up")
	nav.submit("/handup", "to", gp.Ref, "raise", "asap", "because", "sounds worse now").says(200, "Handed up", "nobody has taken it yet", "Within 2 hours")
	h.as("clinician").open(path).submit("/take").says(200, "It is yours now").silent("nobody has taken it yet")

	other := take(h, who, "My ears ring still")
	again := h.as("navigator").open(other)
	into := again.find(`name="into" id="[^"]+" value="([^"]+)"`)
	again.submit("/merge", "into", "").says(400, "Choose the request that goes on")
	again.submit("/merge", "into", into).says(200, "Merged into this request", "merged into this one", "My ears ring still")
	h.as("navigator").open(other).says(200, "Closed", "goes on here")
	h.clock.Add(int64(time.Minute))
}
