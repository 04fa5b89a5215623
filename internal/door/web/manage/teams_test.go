package manage_test

import (
	"regexp"
	"strings"
	"testing"
)

// A manager makes a team, gives it a kind, and says that somebody is away.
func TestTeamsAndAbsences(t *testing.T) {
	open := office(t) // Tuesday 3 March 2026
	const at = "/manage/Z99901/teams"
	if code, body := open("manager", at); code != 200 || !strings.Contains(text(body), "Nobody is away") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	code, body := open("manager", at+"/new name=Paper&kinds=admin")
	if code != 400 || !strings.Contains(text(body), "needs somebody in it") || !strings.Contains(body, `value="Paper"`) {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	if code, body = open("manager", at+"/new name=Paper"); code != 200 || !strings.Contains(text(body), "The team is saved") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	link := regexp.MustCompile(`href="(/manage/Z99901/teams/[^"]+)">Paper`).FindStringSubmatch(body)
	if link == nil {
		t.Fatal("the team is not listed")
	}
	if code, body = open("manager", link[1]+" name=Papers&version=c.999"); code != 409 || !strings.Contains(text(body), "Somebody else has changed this") {
		t.Errorf("a stale form answered %d: %s", code, text(body))
	}
	for form, want := range map[string]string{
		"do=away&who=Practitioner/gone&from=2026-03-04&to=2026-03-05": "Choose who is away",
		"do=away&from=soon&to=2026-03-05":                             "Enter the first day",
		"do=back&who=Practitioner/n&from=2026-03-04&to=2026-03-05":    "Somebody else has changed this",
		"do=fly": "Choose what to do",
	} {
		if code, body := open("manager", at+" "+form); code != statusOf(want) || !strings.Contains(text(body), want) {
			t.Errorf("%s answered %d: %s", form, code, text(body))
		}
	}
	if code, _ = open("navigator", at); code != 403 {
		t.Errorf("a navigator is answered %d", code)
	}
	if code, _ = open("manager", at+"/none"); code != 404 {
		t.Errorf("no team is answered %d", code)
	}
}
