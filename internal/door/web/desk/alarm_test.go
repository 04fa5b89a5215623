package desk_test

import (
	"testing"
	"time"

	"heartwood/internal/hazard"
)

// An emergency that nobody deals with is told to the whole desk, until
// somebody does something about it.
func TestAnEmergencyLeftWaitingIsTold(t *testing.T) {
	hazard.Covers(t, "H-002")
	h := newHouse(t, 60)
	n := h.as("navigator")
	path := take(h, h.sample[0].ID, "I have crushing chest pain going down my left arm and I am sweating")
	h.clock.Add(int64(4 * time.Minute))
	n.open("").silent("nobody is dealing")
	h.clock.Add(int64(8 * time.Minute))
	n.open("").says(200, "1 emergency has waited 12 minutes and nobody is dealing with it.", "Open it now")
	if got := n.find(`data-alarm="1"><p><strong>[^<]*</strong> <a href="([^"]*)"`); got != path {
		t.Errorf("it leads to %s", got)
	}
	take(h, h.sample[1].ID, "A letter for my employer please")
	h.clock.Add(int64(10 * 24 * time.Hour))
	n.open("").says(200, "1 emergency has waited 10 days and nobody is dealing with it. 1 other is past their time.")
	n.open(path).submit("/assign", "me", h.staff["navigator"].Ref).says(200, "Assigned")
	n.open("").says(200, "1 request is past its time and nobody has looked at it.")
}
