package desk_test

import (
	"context"
	"testing"

	"heartwood/internal/care"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// Of a kind that is not taken by phone while the practice is shut staff are
// told what to say; what cannot wait, and words of danger, are taken.
func TestKindsThatAreNotTakenByPhoneWhileShut(t *testing.T) {
	hazard.Covers(t, "H-020")
	hazard.Covers(t, "H-002")
	h := newHouse(t, 20)
	w, err := record.Prepare(ident.Ref{Type: "HealthcareService", ID: "opening-hours"}, []byte(`{"resourceType":"HealthcareService","availableTime":[{"daysOfWeek":["sat"],"availableStartTime":"08:00:00","availableEndTime":"12:00:00"}]}`))
	must(t, err)
	manager := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	_, err = h.p.Commit(context.Background(), record.Change{Author: manager, Reason: "open on Saturdays", Writes: []record.Write{w}})
	must(t, err)
	must(t, channels.Take(context.Background(), h.p, manager, map[request.Channel][]request.Kind{request.Phone: {request.Admin}}, ""))
	take := func(values ...string) *browser {
		t.Helper()
		b := h.as("navigator").open("new?patient=" + h.sample[0].ID)
		return b.submit("/new", append([]string{"contact-how", "phone", "step", "save"}, values...)...)
	}
	sore := []string{"channel", "phone", "kind", "new-problem", "what", "My knee has been a bit sore"}
	b := take(sore...).says(422, "Nothing was recorded yet: we do not take this by phone", "when we open, Sat", "call 111", "call 999", "It cannot wait", "My knee has been a bit sore")
	b.submit("/new", "cannot-wait", "yes", "step", "save").says(200, "Recorded as")
	take("channel", "desk", "kind", "new-problem", "what", "My knee has been a bit sore").says(200, "Recorded as")
	take("channel", "phone", "kind", "admin", "what", "A letter please").says(200, "Recorded as")
	take("channel", "phone", "kind", "new-problem", "what", "I have crushing chest pain going down my left arm and I am sweating").
		says(200, "Tell them now", "999")
}
