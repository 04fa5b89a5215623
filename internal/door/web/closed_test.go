package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/channels"
	"heartwood/internal/care/request"
	"heartwood/internal/hazard"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// While the practice is shut a kind that is not taken is turned back with what
// to do instead; what is about safety, and what cannot wait, is taken always,
// and a form that was begun goes on.
func TestKindsThatAreNotTakenWhileShut(t *testing.T) {
	hazard.Covers(t, "H-020")
	hazard.Covers(t, "H-002")
	y := open(t)
	far := strings.ToLower(time.Now().In(words.London).AddDate(0, 0, 3).Weekday().String()[:3])
	y.put("HealthcareService/opening-hours", fmt.Sprintf(`"availableTime":[{"daysOfWeek":[%q],"availableStartTime":"08:00:00","availableEndTime":"18:30:00"}]`, far))
	manager := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	begun := y.browser("cat")
	begun.to(t, "My left ear has been sore since Monday.")
	if err := channels.Take(context.Background(), y.practice, manager, map[request.Channel][]request.Kind{request.Web: {request.Admin}}, ""); err != nil {
		t.Fatal(err)
	}
	if at := begun.post(ask + "/check"); at.status != http.StatusOK || reference.FindString(at.body) == "" {
		t.Errorf("a form that was begun answered %d", at.status)
	}
	b := y.browser("ann")
	b.post(ask)
	b.post(ask+"/who", "asker", "Patient/ann")
	at := b.post(ask+"/kind", "kind", "new-problem")
	for _, want := range []string{"We do not take this while we are closed", "We open", "111", "call 999", "cannot-wait"} {
		if at.status != http.StatusUnprocessableEntity || !strings.Contains(at.body, want) {
			t.Errorf("answered %d without %q", at.status, want)
		}
	}
	for _, ok := range [][]string{{"kind", "admin"}, {"kind", "mental-health"}, {"kind", "new-problem", "cannot-wait", "yes"}} {
		if at := b.post(ask+"/kind", ok...); at.status != http.StatusOK || strings.HasSuffix(at.path, "/kind") {
			t.Errorf("%v answered %d at %s", ok, at.status, at.path)
		}
	}
	if at := b.post(ask+"/what", "what", "I have crushing chest pain going down my left arm and I am sweating."); !strings.Contains(at.body, "tel:999") || reference.FindString(at.body) == "" {
		t.Errorf("an emergency: %d at %s", at.status, at.path)
	}
}
